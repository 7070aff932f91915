#include "drivers/core/job_control.h"

#include "kernel/lib/assert.h"

namespace k::drv {
namespace {
JobControl* g_job_control = nullptr;
}

void set_job_control(JobControl& implementation) { g_job_control = &implementation; }

JobControl& job_control() {
  HT_ASSERT(g_job_control != nullptr);
  return *g_job_control;
}

}  // namespace k::drv

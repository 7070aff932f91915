#include "drivers/core/tty_owner.h"

#include "kernel/lib/assert.h"

namespace k::drivers {
namespace {
JobControl* g_job_control = nullptr;
}

void set_job_control(JobControl& job_control) { g_job_control = &job_control; }

JobControl& job_control() {
  HT_ASSERT(g_job_control != nullptr);
  return *g_job_control;
}

}  // namespace k::drivers

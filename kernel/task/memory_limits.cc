#include "kernel/task/memory_limits.h"

#include <linux/capability.h>

#include "kernel/task/process.h"

namespace k::task {

mm::MemoryLimits memory_limits(const Task& self) {
  const Limits& limits = self.process().limits;
  return {.address_space = limits.soft(RLIMIT_AS),
          .data = limits.soft(RLIMIT_DATA),
          .stack = limits.soft(RLIMIT_STACK),
          .locked = limits.soft(RLIMIT_MEMLOCK),
          .may_lock_any = self.creds().has(CAP_IPC_LOCK)};
}

}  // namespace k::task

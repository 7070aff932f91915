#include <linux/mman.h>

#include "kernel/task/memory_limits.h"
#include "kernel/task/task.h"
#include "syscalls/calls_mm.h"

namespace k::sys {

using LockMode = mm::AddressSpace::LockMode;

/// mlock(2).
Result<void> mlock(Task& self, UserAddr address, std::size_t length) {
  return self.address_space().lock(address, length, LockMode::lock, task::memory_limits(self));
}

/// mlock2(2).
Result<void> mlock2(Task& self, UserAddr address, std::size_t length, Flags flags) {
  if (!flags.only(MLOCK_ONFAULT)) return err(Errno::inval);
  const LockMode mode = flags.has(MLOCK_ONFAULT) ? LockMode::on_fault : LockMode::lock;
  return self.address_space().lock(address, length, mode, task::memory_limits(self));
}

/// munlock(2).
Result<void> munlock(Task& self, UserAddr address, std::size_t length) {
  return self.address_space().lock(address, length, LockMode::unlock, task::memory_limits(self));
}

/// mlockall(2).
Result<void> mlockall(Task& self, Flags flags) {
  if (!flags.only(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) || !flags.any(MCL_CURRENT | MCL_FUTURE))
    return err(Errno::inval);
  return self.address_space().lock_all(flags.bits(), task::memory_limits(self));
}

/// munlockall(2).
Result<void> munlockall(Task& self) { return self.address_space().lock_all(0, {}); }

}  // namespace k::sys

/// The thread that a scheduling call names: 0 is the caller.
/// Errors      INVAL: negative. SRCH: nobody has the number.
#pragma once

#include "kernel/sync/rcu.h"
#include "kernel/task/pid.h"
#include "kernel/task/task.h"

namespace k::sys {

/// Calls `with(Task&)` for the thread, which stays valid during the call.
template <class With>
auto with_thread(task::Task& self, std::int32_t number, With with) -> decltype(with(self)) {
  if (number < 0) return err(Errno::inval);
  if (number == 0) return with(self);
  const sync::rcu::ReadGuard reading;
  task::Task* const found = task::find_task(number);
  if (found == nullptr) return err(Errno::srch);
  return with(*found);
}

}  // namespace k::sys

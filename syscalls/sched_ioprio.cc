// ioprio_get, ioprio_set. No disk scheduler looks at the values yet: they are kept, inherited and told, as by a Linux whose disks
// have none.
#include <linux/capability.h>
#include <linux/ioprio.h>

#include <optional>

#include "kernel/task/scheduling.h"
#include "syscalls/calls_sched.h"
#include "syscalls/threads_of.h"

namespace k::sys {
namespace {

NamedBy named_by(int which) {
  return which >= uapi::IOPRIO_WHO_PROCESS && which <= uapi::IOPRIO_WHO_USER
             ? static_cast<NamedBy>(which - uapi::IOPRIO_WHO_PROCESS)
             : NamedBy::nothing;
}

unsigned class_of(unsigned priority) { return priority >> IOPRIO_CLASS_SHIFT & IOPRIO_CLASS_MASK; }

Result<void> check(const Task& self, unsigned priority) {
  constexpr unsigned kLevels = 7;
  switch (class_of(priority)) {
    case uapi::IOPRIO_CLASS_NONE:
      return (priority & kLevels) == 0 ? Result<void>{} : err(Errno::inval);
    case uapi::IOPRIO_CLASS_RT:
      return self.creds().has(CAP_SYS_ADMIN) || self.creds().has(CAP_SYS_NICE) ? Result<void>{} : err(Errno::perm);
    case uapi::IOPRIO_CLASS_BE:
    case uapi::IOPRIO_CLASS_IDLE:
      return {};
    default:
      return err(Errno::inval);
  }
}

/// No class counts as the middle of best effort where the best of several is asked for.
unsigned rank(unsigned priority) {
  constexpr unsigned kMiddle = 4;
  return class_of(priority) == uapi::IOPRIO_CLASS_NONE ? uapi::IOPRIO_CLASS_BE << IOPRIO_CLASS_SHIFT | kMiddle
                                                       : priority;
}

}  // namespace

Result<int> ioprio_get(Task& self, int which, std::int32_t who) {
  std::optional<unsigned> best;
  TRY(each_named(self, named_by(which), who, [&](Task& t) {
    const unsigned priority = t.io_priority.load(std::memory_order_relaxed);
    if (!best || rank(priority) < rank(*best)) best = priority;
  }));
  if (!best) return err(Errno::srch);
  return static_cast<int>(*best);
}

Result<void> ioprio_set(Task& self, int which, std::int32_t who, unsigned priority) {
  const auto wanted = static_cast<std::uint16_t>(priority);
  TRY(check(self, wanted));
  return change_each_named(self, named_by(which), who,
                           [&](Task& t) { return task::change_io_priority(self, t, wanted); });
}

}  // namespace k::sys

#include <linux/resource.h>

#include <algorithm>

#include "kernel/task/scheduling.h"
#include "syscalls/calls_sched.h"
#include "syscalls/threads_of.h"

namespace k::sys {

namespace {

NamedBy named_by(int which) {
  return which >= PRIO_PROCESS && which <= PRIO_USER ? static_cast<NamedBy>(which) : NamedBy::nothing;
}

}  // namespace

/// The system call answers 20 - nice, so that no answer looks like an error; the C library turns it back.
Result<int> getpriority(Task& self, int which, std::int32_t who) {
  int highest = 0;
  TRY(each_named(self, named_by(which), who, [&](Task& t) { highest = std::max(highest, 20 - t.nice()); }));
  if (highest == 0) return err(Errno::srch);
  return highest;
}

Result<void> setpriority(Task& self, int which, std::int32_t who, int nice) {
  const int wanted = std::clamp(nice, sched::kMinNice, sched::kMaxNice);
  return change_each_named(self, named_by(which), who, [&](Task& t) { return task::change_nice(self, t, wanted); });
}

}  // namespace k::sys

#include <linux/resource.h>

#include <algorithm>

#include "kernel/task/process.h"
#include "kernel/task/process_group.h"
#include "kernel/task/scheduling.h"
#include "syscalls/calls_sched.h"
#include "syscalls/sched_target.h"

namespace k::sys {
namespace {

/// The process's thread with the lowest number above `after`; 0 when there is none.
std::int32_t next_thread(task::Process& process, std::int32_t after) {
  std::int32_t next = 0;
  Locked signals{process.signals};
  for (const Task& thread : signals->threads) {
    if (thread.tid() > after && (next == 0 || thread.tid() < next)) next = thread.tid();
  }
  return next;
}

/// Calls `visit(Task&)` for every thread of the process, with no lock of the process held.
template <class Visit>
void each_thread(task::Process& process, Visit visit) {
  for (std::int32_t tid = next_thread(process, 0); tid != 0; tid = next_thread(process, tid)) {
    const sync::rcu::ReadGuard reading;
    Task* const thread = task::find_task(tid);
    if (thread != nullptr && &thread->process() == &process) visit(*thread);
  }
}

/// Calls `visit(Task&)` for every thread that `which` and `who` name; 0 names the caller's own. Source: getpriority(2).
template <class Visit>
Result<void> each_named(Task& self, int which, std::int32_t who, Visit visit) {
  switch (which) {
    case PRIO_PROCESS: {
      const sync::rcu::ReadGuard reading;
      Task* const thread = who == 0 ? &self : task::find_task(who);
      if (thread != nullptr) visit(*thread);
      return {};
    }
    case PRIO_PGRP: {
      const std::int32_t group = who == 0 ? task::group_number(self.process()) : who;
      task::for_each_process([&](task::Process& p) {
        if (task::group_number(p) == group) each_thread(p, visit);
      });
      return {};
    }
    case PRIO_USER: {
      const auto uid = who == 0 ? self.creds().uid : static_cast<fs::Uid>(who);
      task::for_each_process([&](task::Process& p) {
        each_thread(p, [&](Task& t) {
          if (t.shared_credentials()->uid == uid) visit(t);
        });
      });
      return {};
    }
    default:
      return err(Errno::inval);
  }
}

}  // namespace

/// The system call answers 20 - nice, so that no answer looks like an error; the C library turns it back.
Result<int> getpriority(Task& self, int which, std::int32_t who) {
  int highest = 0;
  TRY(each_named(self, which, who, [&](Task& t) { highest = std::max(highest, 20 - t.nice()); }));
  if (highest == 0) return err(Errno::srch);
  return highest;
}

Result<void> setpriority(Task& self, int which, std::int32_t who, int nice) {
  const int wanted = std::clamp(nice, sched::kMinNice, sched::kMaxNice);
  Result<void> result = err(Errno::srch);
  TRY(each_named(self, which, who, [&](Task& t) {
    const Result<void> changed = task::change_nice(self, t, wanted);
    // One success does not hide a failure, nor a later success an earlier failure.
    if (!changed || (!result && result.error() == Errno::srch)) result = changed;
  }));
  return result;
}

}  // namespace k::sys

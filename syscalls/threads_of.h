/// The threads that calls on priorities name: one, those of a process group, or those of a user.
/// Errors      INVAL: named in an unknown way.
/// Source      getpriority(2), ioprio_set(2).
#pragma once

#include "kernel/sync/rcu.h"
#include "kernel/task/pid.h"
#include "kernel/task/process.h"
#include "kernel/task/process_group.h"
#include "kernel/task/task.h"

namespace k::sys {

enum class NamedBy : std::uint8_t { thread, process_group, user, nothing };

/// The process's thread with the lowest number above `after`; 0 when there is none.
inline std::int32_t next_thread(task::Process& process, std::int32_t after) {
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

/// Calls `visit(Task&)` for every thread that is named; 0 names the caller's own.
template <class Visit>
Result<void> each_named(Task& self, NamedBy which, std::int32_t who, Visit visit) {
  switch (which) {
    case NamedBy::thread: {
      const sync::rcu::ReadGuard reading;
      Task* const thread = who == 0 ? &self : task::find_task(who);
      if (thread != nullptr) visit(*thread);
      return {};
    }
    case NamedBy::process_group: {
      const std::int32_t group = who == 0 ? task::group_number(self.process()) : who;
      task::for_each_process([&](task::Process& p) {
        if (task::group_number(p) == group) each_thread(p, visit);
      });
      return {};
    }
    case NamedBy::user: {
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

/// Calls `change(Task&)` for every thread that is named. SRCH: there is none. One success does not hide a failure, nor a later
/// success an earlier failure.
template <class Change>
Result<void> change_each_named(Task& self, NamedBy which, std::int32_t who, Change change) {
  Result<void> result = err(Errno::srch);
  TRY(each_named(self, which, who, [&](Task& t) {
    const Result<void> changed = change(t);
    if (!changed || (!result && result.error() == Errno::srch)) result = changed;
  }));
  return result;
}

}  // namespace k::sys

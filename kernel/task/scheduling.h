/// Who may change a thread's scheduling, and to what.
///
/// Context     task context; under rcu::ReadGuard when `target` is not the caller.
/// Errors      PERM, ACCES, INVAL.
/// Source      sched(7) "Privileges and resource limits"; sched_setscheduler(2), setpriority(2), sched_setaffinity(2).
#pragma once

#include "kernel/sched/sched.h"
#include "kernel/task/task.h"

namespace k::task {

struct SchedulingChange {
  sched::Policy policy;
  int rt_priority = 0;
  int nice = 0;
  bool sets_nice = false;
  bool reset_on_fork = false;
};

/// Checks and applies.
Result<void> change_scheduling(const Task& self, Task& target, const SchedulingChange& change);
Result<void> change_nice(const Task& self, Task& target, int nice);
/// `priority`: class and level as ioprio_set(2) has them, valid for the caller.
Result<void> change_io_priority(const Task& self, Task& target, std::uint16_t priority);
Result<void> change_affinity(const Task& self, Task& target, sched::CpuMask allowed);

}  // namespace k::task

#include <linux/sched.h>

#include "kernel/task/scheduling.h"
#include "syscalls/calls_sched.h"
#include "syscalls/sched_target.h"
#include "syscalls/time_convert.h"

namespace k::sys {
namespace {

using sched::Policy;
using task::SchedulingChange;

Result<Policy> policy_of(int number) {
  if (!sched::is_policy(number)) return err(Errno::inval);
  return static_cast<Policy>(number);
}

/// What sched_getscheduler(2) shows.
int shown_policy(const Task& t) { return static_cast<int>(t.policy()) | (t.reset_on_fork ? SCHED_RESET_ON_FORK : 0); }

}  // namespace

Result<void> sched_setscheduler(Task& self, std::int32_t pid, int policy, UserIn<SchedParam> param) {
  if (policy < 0 || pid < 0 || param.is_null()) return err(Errno::inval);
  const int priority = TRY(param.read()).sched_priority;
  return with_thread(self, pid, [&](Task& target) -> Result<void> {
    const Policy wanted = TRY(policy_of(policy & ~SCHED_RESET_ON_FORK));
    const bool reset = (policy & SCHED_RESET_ON_FORK) != 0;
    return task::change_scheduling(self, target, {.policy = wanted, .rt_priority = priority, .reset_on_fork = reset});
  });
}

Result<int> sched_getscheduler(Task& self, std::int32_t pid) {
  return with_thread(self, pid, [](Task& target) -> Result<int> { return shown_policy(target); });
}

Result<void> sched_setparam(Task& self, std::int32_t pid, UserIn<SchedParam> param) {
  if (pid < 0 || param.is_null()) return err(Errno::inval);
  const int priority = TRY(param.read()).sched_priority;
  return with_thread(self, pid, [&](Task& target) -> Result<void> {
    return task::change_scheduling(
        self, target, {.policy = target.policy(), .rt_priority = priority, .reset_on_fork = target.reset_on_fork});
  });
}

Result<void> sched_getparam(Task& self, std::int32_t pid, UserOut<SchedParam> param) {
  if (pid < 0 || param.is_null()) return err(Errno::inval);
  const int priority = TRY(with_thread(self, pid, [](Task& target) -> Result<int> { return target.rt_priority(); }));
  return param.write({priority});
}

Result<int> sched_get_priority_max(Task&, int policy) {
  if (policy == SCHED_DEADLINE) return 0;
  return sched::is_realtime(TRY(policy_of(policy))) ? sched::kMaxRtPriority : 0;
}

Result<int> sched_get_priority_min(Task&, int policy) {
  if (policy == SCHED_DEADLINE) return 0;
  return sched::is_realtime(TRY(policy_of(policy))) ? sched::kMinRtPriority : 0;
}

Result<void> sched_rr_get_interval(Task& self, std::int32_t pid, UserOut<uapi::__kernel_timespec> interval) {
  const std::uint64_t ns =
      TRY(with_thread(self, pid, [](Task& target) -> Result<std::uint64_t> { return sched::slice_ns(target); }));
  return interval.write(timespec_of(ns));
}

}  // namespace k::sys

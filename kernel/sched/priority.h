/// One scale for all policies, so that priorities compare: 0 to 99 real-time (99 - rt_priority), 100 to 139 the nice levels.
/// Lower runs first.
/// Source: proc_pid_stat(5), "priority", which is this less 100.
#pragma once

#include "kernel/sched/policy.h"

namespace k::sched {

using Priority = int;

inline constexpr Priority kFirstFairPriority = 100;
inline constexpr Priority kNiceZeroPriority = 120;
/// After all others: nothing to inherit.
inline constexpr Priority kNoPriority = 140;

constexpr Priority priority_of(Policy policy, int rt_priority, int nice) {
  return is_realtime(policy) ? kMaxRtPriority - rt_priority : kNiceZeroPriority + nice;
}
constexpr bool is_realtime_priority(Priority p) { return p < kFirstFairPriority; }

}  // namespace k::sched

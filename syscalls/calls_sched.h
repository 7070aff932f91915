/// System calls on scheduling and futexes: the rows of table_sched.def.
///
/// Context     task context.
/// Errors      as the call's page in section 2 of the manual says.
#pragma once

#include <linux/time_types.h>

#include "kernel/abi/sched.h"
#include "syscalls/convert.h"

namespace k::task {
class Task;
}

namespace k::sys {

using lib::Result;
using task::Task;

using abi::SchedParam;

Result<void> sched_yield(Task& self);
Result<void> sched_setscheduler(Task& self, std::int32_t pid, int policy, UserIn<SchedParam> param);
Result<int> sched_getscheduler(Task& self, std::int32_t pid);
Result<void> sched_setparam(Task& self, std::int32_t pid, UserIn<SchedParam> param);
Result<void> sched_getparam(Task& self, std::int32_t pid, UserOut<SchedParam> param);
Result<void> sched_setattr(Task& self, std::int32_t pid, UserAddr attributes, std::uint32_t flags);
Result<void> sched_getattr(Task& self, std::int32_t pid, UserAddr attributes, std::uint32_t size, std::uint32_t flags);
Result<int> sched_get_priority_max(Task& self, int policy);
Result<int> sched_get_priority_min(Task& self, int policy);
Result<void> sched_rr_get_interval(Task& self, std::int32_t pid, UserOut<uapi::__kernel_timespec> interval);
Result<void> sched_setaffinity(Task& self, std::int32_t pid, std::uint32_t size, UserAddr mask);
Result<std::size_t> sched_getaffinity(Task& self, std::int32_t pid, std::uint32_t size, UserAddr mask);
Result<void> getcpu(Task& self, UserOut<std::uint32_t> cpu, UserOut<std::uint32_t> node, UserAddr unused);
Result<int> getpriority(Task& self, int which, std::int32_t who);
Result<void> setpriority(Task& self, int which, std::int32_t who, int nice);
Result<int> ioprio_get(Task& self, int which, std::int32_t who);
Result<void> ioprio_set(Task& self, int which, std::int32_t who, unsigned priority);

Result<std::int64_t> futex(Task& self, UserAddr word, int operation, std::uint32_t value,
                           std::uint64_t timeout_or_count, UserAddr word2, std::uint32_t value3);

}  // namespace k::sys

/// System calls on POSIX timers: the rows of table_timer.def.
///
/// Context     task context.
/// Errors      as the call's page in section 2 of the manual says.
#pragma once

#include <linux/time.h>
#include <linux/time_types.h>

#include "syscalls/convert.h"

namespace k::task {
class Task;
}

namespace k::sys {

using lib::Result;
using task::Task;

Result<void> timer_create(Task& self, int clock, UserAddr event, UserOut<std::int32_t> id);
Result<void> timer_settime(Task& self, std::int32_t id, int flags, UserIn<uapi::__kernel_itimerspec> setting,
                           UserOut<uapi::__kernel_itimerspec> former);
Result<void> timer_gettime(Task& self, std::int32_t id, UserOut<uapi::__kernel_itimerspec> setting);
Result<int> timer_getoverrun(Task& self, std::int32_t id);
Result<void> timer_delete(Task& self, std::int32_t id);

}  // namespace k::sys

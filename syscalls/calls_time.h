/// System calls on clocks and sleeping: the rows of table_time.def.
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
using uapi::__kernel_old_timeval;
using uapi::__kernel_timespec;

Result<void> clock_gettime(Task& self, int clock, UserOut<__kernel_timespec> time);
Result<void> clock_settime(Task& self, int clock, UserIn<__kernel_timespec> time);
Result<void> clock_getres(Task& self, int clock, UserOut<__kernel_timespec> resolution);
Result<void> gettimeofday(Task& self, UserOut<__kernel_old_timeval> time, UserOut<uapi::timezone> zone);
Result<void> settimeofday(Task& self, UserIn<__kernel_old_timeval> time, UserIn<uapi::timezone> zone);
Result<std::int64_t> time(Task& self, UserOut<std::int64_t> seconds);
Result<int> adjtimex(Task& self, UserAddr timex);
Result<int> clock_adjtime(Task& self, int clock, UserAddr timex);
Result<void> nanosleep(Task& self, UserIn<__kernel_timespec> request, UserOut<__kernel_timespec> left);
Result<void> clock_nanosleep(Task& self, int clock, int flags, UserIn<__kernel_timespec> request,
                             UserOut<__kernel_timespec> left);

}  // namespace k::sys

/// System calls between the threads of a process: the rows of table_threads.def.
///
/// Context     task context.
/// Errors      as the call's page in section 2 of the manual says; futex_waitv: Linux's futex2.rst.
#pragma once

#include <linux/time_types.h>

#include "syscalls/convert.h"

namespace k::task {
class Task;
}

namespace k::sys {

using lib::Result;
using task::Task;

Result<std::size_t> futex_waitv(Task& self, UserAddr waiters, std::uint32_t count, Flags flags, UserAddr timeout,
                                int clock);
Result<int> membarrier(Task& self, int command, std::uint32_t flags, int cpu);
Result<void> rseq(Task& self, UserAddr area, std::uint32_t size, Flags flags, std::uint32_t signature);

}  // namespace k::sys

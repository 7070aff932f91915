/// System calls on pipes' pages, System V semaphores and message queues: the rows of table_ipc.def.
///
/// Context     task context.
/// Errors      as the call's page in section 2 of the manual says.
#pragma once

#include <linux/sem.h>
#include <linux/time_types.h>

#include "mm/user/io_buffer.h"
#include "syscalls/convert.h"

namespace k::task {
class Task;
}

namespace k::sys {

using lib::Result;
using task::Task;

Result<std::size_t> splice(Task& self, Fd in, UserInOut<std::int64_t> in_offset, Fd out,
                           UserInOut<std::int64_t> out_offset, std::size_t bytes, Flags flags);
Result<std::size_t> tee(Task& self, Fd in, Fd out, std::size_t bytes, Flags flags);
Result<std::size_t> vmsplice(Task& self, Fd fd, UserIn<mm::IoSegment> vector, std::uint64_t count, Flags flags);

Result<int> semget(Task& self, std::int32_t key, int count, Flags flags);
Result<void> semop(Task& self, int id, UserIn<uapi::sembuf> operations, unsigned count);
Result<void> semtimedop(Task& self, int id, UserIn<uapi::sembuf> operations, unsigned count,
                        UserIn<uapi::__kernel_timespec> timeout);
Result<int> semctl(Task& self, int id, int index, int command, UserAddr argument);

Result<int> msgget(Task& self, std::int32_t key, Flags flags);
Result<void> msgsnd(Task& self, int id, UserAddr message, std::size_t bytes, Flags flags);
Result<std::size_t> msgrcv(Task& self, int id, UserAddr message, std::size_t bytes, std::int64_t type, Flags flags);
Result<int> msgctl(Task& self, int id, int command, UserAddr argument);

}  // namespace k::sys

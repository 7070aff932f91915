/// System calls on memory objects and their placement: the rows of table_memory.def.
///
/// Context     task context.
/// Errors      as the call's page in section 2 of the manual says.
#pragma once

#include "syscalls/convert.h"

namespace k::task {
class Task;
}

namespace k::sys {

using lib::Result;
using task::Task;

Result<int> shmget(Task& self, std::int32_t key, std::size_t bytes, Flags flags);
Result<UserAddr> shmat(Task& self, int id, UserAddr address, Flags flags);
Result<void> shmdt(Task& self, UserAddr address);
Result<int> shmctl(Task& self, int id, unsigned command, UserAddr buffer);
Result<Fd> memfd_create(Task& self, UserCStr name, Flags flags);

}  // namespace k::sys

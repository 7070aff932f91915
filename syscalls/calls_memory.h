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

Result<void> get_mempolicy(Task& self, UserOut<std::uint32_t> mode, UserOut<std::uint64_t> nodes,
                           std::uint64_t max_node, UserAddr address, std::uint64_t flags);
Result<void> set_mempolicy(Task& self, std::uint32_t mode, UserIn<std::uint64_t> nodes, std::uint64_t max_node);
Result<void> mbind(Task& self, UserAddr start, std::size_t length, std::uint32_t mode, UserIn<std::uint64_t> mask,
                   std::uint64_t max_node, Flags flags);
Result<void> set_mempolicy_home_node(Task& self, UserAddr start, std::size_t length, std::uint64_t node,
                                     std::uint64_t flags);
Result<int> migrate_pages(Task& self, std::int32_t pid, std::uint64_t max_node, UserIn<std::uint64_t> from,
                          UserIn<std::uint64_t> to);
Result<void> move_pages(Task& self, std::int32_t pid, std::size_t count, UserIn<std::uint64_t> pages,
                        UserIn<std::int32_t> nodes, UserOut<std::int32_t> status, Flags flags);

}  // namespace k::sys

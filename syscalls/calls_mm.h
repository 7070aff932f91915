/// System calls on memory mappings: the rows of table_mm.def.
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

Result<UserAddr> mmap(Task& self, UserAddr address, std::size_t length, Flags protection, Flags flags, Fd fd,
                      std::uint64_t offset);
Result<void> munmap(Task& self, UserAddr address, std::size_t length);
Result<void> mprotect(Task& self, UserAddr address, std::size_t length, Flags protection);
Result<UserAddr> mremap(Task& self, UserAddr address, std::size_t old_length, std::size_t new_length, Flags flags,
                        UserAddr new_address);
Result<void> remap_file_pages(Task& self, UserAddr address, std::size_t length, Flags protection, std::uint64_t page,
                              Flags flags);
Result<UserAddr> brk(Task& self, UserAddr address);
Result<void> madvise(Task& self, UserAddr address, std::size_t length, int advice);
Result<void> mincore(Task& self, UserAddr address, std::size_t length, UserOut<std::uint8_t> pages);
Result<void> msync(Task& self, UserAddr address, std::size_t length, Flags flags);
Result<void> mlock(Task& self, UserAddr address, std::size_t length);
Result<void> mlock2(Task& self, UserAddr address, std::size_t length, Flags flags);
Result<void> munlock(Task& self, UserAddr address, std::size_t length);
Result<void> mlockall(Task& self, Flags flags);
Result<void> munlockall(Task& self);
Result<int> pkey_alloc(Task& self, std::uint64_t flags, std::uint64_t rights);
Result<void> pkey_free(Task& self, int key);
Result<void> pkey_mprotect(Task& self, UserAddr address, std::size_t length, Flags protection, int key);

}  // namespace k::sys

/// System calls on processes by descriptor, and on the insides of other processes: the rows of table_pidfd.def.
///
/// Context     task context.
/// Errors      as the call's page in section 2 of the manual says.
#pragma once

#include "mm/user/io_buffer.h"
#include "syscalls/convert.h"

namespace k::task {
class Task;
}

namespace k::sys {

using lib::Result;
using task::Task;

Result<Fd> pidfd_open(Task& self, std::int32_t pid, Flags flags);
Result<void> pidfd_send_signal(Task& self, Fd pidfd, SignalNumber signal, UserAddr info, Flags flags);
Result<Fd> pidfd_getfd(Task& self, Fd pidfd, Fd theirs, Flags flags);

Result<int> kcmp(Task& self, std::int32_t first, std::int32_t second, int what, std::uint64_t a, std::uint64_t b);
Result<std::size_t> process_vm_readv(Task& self, std::int32_t pid, UserIn<mm::IoSegment> here, std::uint64_t here_count,
                                     UserIn<mm::IoSegment> there, std::uint64_t there_count, std::uint64_t flags);
Result<std::size_t> process_vm_writev(Task& self, std::int32_t pid, UserIn<mm::IoSegment> here,
                                      std::uint64_t here_count, UserIn<mm::IoSegment> there, std::uint64_t there_count,
                                      std::uint64_t flags);
Result<std::size_t> process_madvise(Task& self, Fd pidfd, UserIn<mm::IoSegment> ranges, std::size_t count, int advice,
                                    std::uint32_t flags);

}  // namespace k::sys

/// System calls on sockets: the rows of table_net.def.
///
/// Context     task context.
/// Errors      as the call's page in section 2 of the manual says.
#pragma once

#include <array>

#include "kernel/abi/socket.h"
#include "syscalls/convert.h"

namespace uapi {
struct __kernel_timespec;
}

namespace k::task {
class Task;
}

namespace k::sys {

using lib::Result;
using task::Task;

// -- Making and naming
Result<Fd> socket(Task& self, int family, unsigned type, int protocol);
Result<void> socketpair(Task& self, int family, unsigned type, int protocol, UserOut<std::array<int, 2>> out);
Result<void> bind(Task& self, Fd fd, UserAddr address, int length);
Result<void> listen(Task& self, Fd fd, int backlog);
Result<Fd> accept(Task& self, Fd fd, UserAddr address, UserInOut<int> length);
Result<Fd> accept4(Task& self, Fd fd, UserAddr address, UserInOut<int> length, Flags flags);
Result<void> connect(Task& self, Fd fd, UserAddr address, int length);
Result<void> getsockname(Task& self, Fd fd, UserAddr address, UserInOut<int> length);
Result<void> getpeername(Task& self, Fd fd, UserAddr address, UserInOut<int> length);
Result<void> shutdown(Task& self, Fd fd, int how);

// -- Options
Result<void> setsockopt(Task& self, Fd fd, int level, int name, UserAddr value, int length);
Result<void> getsockopt(Task& self, Fd fd, int level, int name, UserAddr value, UserInOut<int> length);

// -- Sending and receiving
Result<std::size_t> sendto(Task& self, Fd fd, UserAddr from, std::size_t count, Flags flags, UserAddr address,
                           int length);
Result<std::size_t> sendmsg(Task& self, Fd fd, UserIn<abi::MessageHeader> message, Flags flags);
Result<int> sendmmsg(Task& self, Fd fd, UserInOut<abi::MultipleMessageHeader> messages, unsigned count, Flags flags);
Result<std::size_t> recvfrom(Task& self, Fd fd, UserAddr to, std::size_t count, Flags flags, UserAddr address,
                             UserInOut<int> length);
Result<std::size_t> recvmsg(Task& self, Fd fd, UserInOut<abi::MessageHeader> message, Flags flags);
Result<int> recvmmsg(Task& self, Fd fd, UserInOut<abi::MultipleMessageHeader> messages, unsigned count, Flags flags,
                     UserInOut<uapi::__kernel_timespec> timeout);

}  // namespace k::sys

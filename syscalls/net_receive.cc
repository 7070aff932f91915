// recvfrom, recvmsg, recvmmsg.
#include <linux/time_types.h>

#include "kernel/time/deadline.h"
#include "syscalls/fs_wait.h"
#include "syscalls/net_message.h"

namespace k::sys {
namespace {

/// One message of recvmsg or recvmmsg; updates the header in user memory.
Result<std::size_t> receive_message(Task& self, const SocketArg& socket, UserAddr header_at, Flags flags) {
  auto header = TRY(UserIn<abi::MessageHeader>{header_at}.read());
  if (header.name != 0 && header.name_bytes < 0) return err(Errno::inval);
  VectorArg vector;
  TRY(read_vector(vector, header));
  net::SocketAddress address;
  address.length = 0;
  net::ReceiveRequest request{.flags = flags, .blocking = socket.blocks(flags)};
  if (header.name != 0) request.from = &address;
  IoBuffer to = vector.buffer();
  const std::size_t n = TRY(socket->receive(to, request));
  if (header.name != 0) {
    const auto room = std::min<std::size_t>(static_cast<std::size_t>(header.name_bytes), address.length);
    TRY(UserOut<std::byte>{UserAddr{header.name}}.write_all(std::span{address.bytes}.first(room)));
    TRY(UserOut<int>{header_at + offsetof(abi::MessageHeader, name_bytes)}.write(static_cast<int>(address.length)));
  }
  write_control(self, request, header);
  TRY(UserOut<std::uint32_t>{header_at + offsetof(abi::MessageHeader, flags)}.write(header.flags));
  TRY(UserOut<std::uint64_t>{header_at + offsetof(abi::MessageHeader, control_bytes)}.write(header.control_bytes));
  return n;
}

}  // namespace

Result<std::size_t> recvfrom(Task& self, Fd fd, UserAddr at, std::size_t count, Flags flags, UserAddr address_at,
                             UserInOut<int> length) {
  count = std::min(count, kMaxTransfer);
  if (!is_user_range(at, count)) return err(Errno::fault);
  const auto socket = TRY(SocketArg::find(self, fd));
  net::ReceiveRequest request{.flags = flags, .blocking = socket.blocks(flags)};
  net::SocketAddress address;
  address.length = 0;
  if (address_at.value != 0) request.from = &address;
  IoBuffer to = IoBuffer::user(at, count);
  const auto n = socket->receive(to, request);
  if (request.rights) net::drop_rights(std::move(request.rights));
  if (n && address_at.value != 0) TRY(write_address(address, address_at, length));
  return n;
}

Result<std::size_t> recvmsg(Task& self, Fd fd, UserInOut<abi::MessageHeader> message, Flags flags) {
  if (flags.has(abi::kMsgCmsgCompat)) return err(Errno::inval);
  const auto socket = TRY(SocketArg::find(self, fd));
  return receive_message(self, socket, message.address(), flags);
}

/// The timeout is looked at between messages only. Source: recvmmsg(2), BUGS.
Result<int> recvmmsg(Task& self, Fd fd, UserInOut<abi::MultipleMessageHeader> messages, unsigned count, Flags flags,
                     UserInOut<uapi::__kernel_timespec> timeout) {
  if (flags.has(abi::kMsgCmsgCompat)) return err(Errno::inval);
  const Deadline deadline = TRY(read_timeout(timeout.in()));
  const auto socket = TRY(SocketArg::find(self, fd));
  if (const int error = socket->take_error(); error != 0) return err(static_cast<Errno>(error));
  Flags each = flags.without(abi::kMsgWaitforone);
  unsigned done = 0;
  Result<int> failed{0};
  while (done < count) {
    const UserAddr entry = (messages.out() + done).address();
    const auto n = receive_message(self, socket, entry, each);
    if (!n) {
      failed = err(n.error());
      break;
    }
    const UserAddr moved_at = entry + offsetof(abi::MultipleMessageHeader, moved);
    if (!UserOut<std::uint32_t>{moved_at}.write(static_cast<std::uint32_t>(*n))) {
      failed = err(Errno::fault);
      break;
    }
    ++done;
    if (flags.has(abi::kMsgWaitforone)) each = each.with(abi::kMsgDontwait);
    if (deadline.passed()) break;
  }
  if (done == 0 && !failed) return failed;
  return end_wait(self, static_cast<int>(done), timeout, deadline);
}

}  // namespace k::sys

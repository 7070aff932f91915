// sendto, sendmsg, sendmmsg.
#include "syscalls/net_message.h"

namespace k::sys {
namespace {

/// One message of sendmsg or sendmmsg.
Result<std::size_t> send_message(Task& self, const SocketArg& socket, const abi::MessageHeader& header, Flags flags) {
  net::SendRequest request{.flags = flags, .blocking = socket.blocks(flags)};
  net::SocketAddress address;
  const fs::LookupContext names = context_of(self);
  if (header.name != 0 && header.name_bytes != 0) {
    const int length = std::min<int>(header.name_bytes, net::SocketAddress::kMax);
    TRY(read_address(address, UserAddr{header.name}, length));
    request.to = &address;
    request.names = &names;
  }
  VectorArg vector;
  TRY(read_vector(vector, header));
  if (header.control_bytes != 0) TRY(read_control(self, UserAddr{header.control}, header.control_bytes, request));
  IoBuffer from = vector.buffer();
  return finish_send(self, request, socket->send(from, request));
}

}  // namespace

Result<std::size_t> finish_send(Task& self, const net::SendRequest& request, Result<std::size_t> outcome) {
  if (request.broken_pipe && !request.flags.has(abi::kMsgNosignal)) [[unlikely]] {
    (void)task::send_to_thread(self, task::SignalInfo::from_kernel(SIGPIPE));
  }
  return outcome;
}

Result<std::size_t> sendto(Task& self, Fd fd, UserAddr at, std::size_t count, Flags flags, UserAddr address_at,
                           int length) {
  count = std::min(count, kMaxTransfer);
  if (!is_user_range(at, count)) return err(Errno::fault);
  const auto socket = TRY(SocketArg::find(self, fd));
  net::SendRequest request{.flags = flags, .blocking = socket.blocks(flags)};
  net::SocketAddress address;
  const fs::LookupContext names = context_of(self);
  if (address_at.value != 0) {
    TRY(read_address(address, address_at, length));
    request.to = &address;
    request.names = &names;
  }
  IoBuffer from = IoBuffer::user(at, count);
  return finish_send(self, request, socket->send(from, request));
}

Result<std::size_t> sendmsg(Task& self, Fd fd, UserIn<abi::MessageHeader> message, Flags flags) {
  if (flags.has(abi::kMsgCmsgCompat)) return err(Errno::inval);
  const auto socket = TRY(SocketArg::find(self, fd));
  return send_message(self, socket, TRY(message.read()), flags);
}

/// An error after the first message shows only in the count.
Result<int> sendmmsg(Task& self, Fd fd, UserInOut<abi::MultipleMessageHeader> messages, unsigned count, Flags flags) {
  if (flags.has(abi::kMsgCmsgCompat)) return err(Errno::inval);
  const auto socket = TRY(SocketArg::find(self, fd));
  constexpr unsigned kMaxMessages = 1024;  // UIO_MAXIOV, as sendmmsg(2) says
  count = std::min(count, kMaxMessages);
  for (unsigned i = 0; i < count; ++i) {
    const auto one = [&]() -> Result<void> {
      auto entry = TRY((messages.in() + i).read());
      entry.moved = static_cast<std::uint32_t>(TRY(send_message(self, socket, entry.header, flags)));
      const UserAddr moved_at = (messages.out() + i).address() + offsetof(abi::MultipleMessageHeader, moved);
      return UserOut<std::uint32_t>{moved_at}.write(entry.moved);
    }();
    if (!one) return i > 0 ? Result<int>{static_cast<int>(i)} : err(one.error());
  }
  return static_cast<int>(count);
}

}  // namespace k::sys

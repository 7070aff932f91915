#include "syscalls/net_args.h"

namespace k::sys {

Result<void> read_address(net::SocketAddress& out, UserAddr from, int length) {
  if (length < 0 || static_cast<std::size_t>(length) > net::SocketAddress::kMax) return err(Errno::inval);
  out.length = static_cast<std::size_t>(length);
  return UserIn<std::byte>{from}.read_all(std::span{out.bytes}.first(out.length));
}

Result<void> write_address(const net::SocketAddress& address, UserAddr to, UserInOut<int> length) {
  const int room = TRY(length.in().read());
  if (room < 0) return err(Errno::inval);
  const std::size_t n = std::min(static_cast<std::size_t>(room), address.length);
  TRY(UserOut<std::byte>{to}.write_all(std::span{address.bytes}.first(n)));
  return length.out().write(static_cast<int>(address.length));
}

}  // namespace k::sys

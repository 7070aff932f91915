// setsockopt, getsockopt.
#include <asm/socket.h>

#include "net/socket/socket_options.h"
#include "syscalls/net_args.h"

namespace k::sys {

Result<void> setsockopt(Task& self, Fd fd, int level, int name, UserAddr at, int length) {
  if (length < 0) return err(Errno::inval);
  const auto socket = TRY(SocketArg::find(self, fd));
  if (level != SOL_SOCKET) return err(Errno::opnotsupp);
  std::array<std::byte, 16> memory;
  const auto value = std::span{memory}.first(std::min<std::size_t>(static_cast<std::size_t>(length), memory.size()));
  if (value.size() >= sizeof(int)) TRY(UserIn<std::byte>{at}.read_all(value));
  return net::set_option(*socket, name, value, self.creds());
}

Result<void> getsockopt(Task& self, Fd fd, int level, int name, UserAddr at, UserInOut<int> length) {
  const auto socket = TRY(SocketArg::find(self, fd));
  if (level != SOL_SOCKET) return err(Errno::opnotsupp);
  const int room = TRY(length.in().read());
  if (room < 0) return err(Errno::inval);
  const net::OptionValue value = TRY(net::get_option(*socket, name));
  const std::size_t n = std::min(static_cast<std::size_t>(room), value.length);
  TRY(UserOut<std::byte>{at}.write_all(std::span{value.bytes}.first(n)));
  return length.out().write(static_cast<int>(n));
}

}  // namespace k::sys

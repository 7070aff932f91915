// socket, socketpair, bind, listen, accept, connect, getsockname, getpeername, shutdown.
#include "net/socket/family.h"
#include "syscalls/net_args.h"

namespace k::sys {
namespace {

/// A description for `socket`, which is closed when that fails.
Result<Ref<fs::File>> open_socket(Task& self, Ref<net::Socket> socket, Flags flags) {
  auto file = net::SocketFile::create(self.creds(), flags);
  if (!file) {
    socket->close();
    return err(file.error());
  }
  (*file)->open(std::move(socket));
  return Ref<fs::File>{std::move(*file)};
}

net::SocketKind kind_of(int family, unsigned type, int protocol) {
  return {family, static_cast<int>(type & abi::kSockTypeMask), protocol};
}

}  // namespace

Result<Fd> socket(Task& self, int family, unsigned type, int protocol) {
  if (!has_only_socket_flags(type)) return err(Errno::inval);
  auto socket = TRY(net::create_socket(kind_of(family, type, protocol)));
  auto file = TRY(open_socket(self, std::move(socket), status_flags_of(type)));
  return Fd{TRY(self.fds().install(std::move(file), cloexec_flag(Flags{type}), TRY(limit_for_new_file(self))))};
}

Result<void> socketpair(Task& self, int family, unsigned type, int protocol, UserOut<std::array<int, 2>> out) {
  if (!has_only_socket_flags(type)) return err(Errno::inval);
  auto one = TRY(self.fds().reserve(TRY(limit_for_new_file(self))));
  auto other = TRY(self.fds().reserve(TRY(limit_for_new_file(self))));
  TRY(out.write({one.number(), other.number()}));
  auto pair = TRY(net::create_pair(kind_of(family, type, protocol)));
  auto first = open_socket(self, std::move(pair.first), status_flags_of(type));
  auto second = open_socket(self, std::move(pair.second), status_flags_of(type));
  if (!first) return err(first.error());
  if (!second) return err(second.error());
  std::move(one).publish(std::move(*first), cloexec_flag(Flags{type}));
  std::move(other).publish(std::move(*second), cloexec_flag(Flags{type}));
  return {};
}

Result<void> bind(Task& self, Fd fd, UserAddr at, int length) {
  const auto socket = TRY(SocketArg::find(self, fd));
  net::SocketAddress address;
  TRY(read_address(address, at, length));
  return socket->bind({address, context_of(self)});
}

Result<void> listen(Task& self, Fd fd, int backlog) { return TRY(SocketArg::find(self, fd))->listen(backlog); }

Result<Fd> accept(Task& self, Fd fd, UserAddr address, UserInOut<int> length) {
  return accept4(self, fd, address, length, Flags{});
}

/// All that can fail without the connection is done before one is taken.
Result<Fd> accept4(Task& self, Fd fd, UserAddr at, UserInOut<int> length, Flags flags) {
  TRY(self.fds().get(fd.number));
  if (!flags.only(abi::kSockCloexec | abi::kSockNonblock)) return err(Errno::inval);
  const auto listener = TRY(SocketArg::find(self, fd));
  auto slot = TRY(self.fds().reserve(TRY(limit_for_new_file(self))));
  auto file = TRY(net::SocketFile::create(self.creds(), status_flags_of(flags.bits())));
  file->open(TRY(listener->accept(listener.blocks())));
  if (at.value != 0) {
    net::SocketAddress address;
    if (!file->socket().peer_name(address)) return err(Errno::notconn);
    TRY(write_address(address, at, length));
  }
  return Fd{std::move(slot).publish(std::move(file), cloexec_flag(flags))};
}

Result<void> connect(Task& self, Fd fd, UserAddr at, int length) {
  TRY(self.fds().get(fd.number));
  net::SocketAddress address;
  TRY(read_address(address, at, length));
  const auto socket = TRY(SocketArg::find(self, fd));
  return socket->connect({address, context_of(self), socket.blocks()});
}

Result<void> getsockname(Task& self, Fd fd, UserAddr at, UserInOut<int> length) {
  const auto socket = TRY(SocketArg::find(self, fd));
  net::SocketAddress address;
  TRY(socket->local_name(address));
  return write_address(address, at, length);
}

Result<void> getpeername(Task& self, Fd fd, UserAddr at, UserInOut<int> length) {
  const auto socket = TRY(SocketArg::find(self, fd));
  net::SocketAddress address;
  TRY(socket->peer_name(address));
  return write_address(address, at, length);
}

Result<void> shutdown(Task& self, Fd fd, int how) {
  const auto socket = TRY(SocketArg::find(self, fd));
  if (how < 0 || how > 2) return err(Errno::inval);
  return socket->shutdown(static_cast<net::ShutdownHow>(how + 1));
}

}  // namespace k::sys

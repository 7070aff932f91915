#include "net/unix/unix_socket.h"

#include <linux/net.h>
#include <linux/sockios.h>

#include "net/socket/socket_file.h"
#include "net/unix/in_flight.h"
#include "net/unix/unix_names.h"

#include <asm/ioctls.h>

namespace k::net {
namespace {

constexpr unsigned kRoomQueues = 64;
constinit sync::WaitQueue room_queues[kRoomQueues];

Result<int> checked_type(const SocketKind& kind) {
  if (kind.protocol != 0 && kind.protocol != abi::kAfUnix) return err(Errno::protonosupport);
  switch (kind.type) {
    case abi::kSockStream:
    case abi::kSockDgram:
    case abi::kSockSeqpacket:
      return kind.type;
    case abi::kSockRaw:
      return abi::kSockDgram;  // as Linux takes it; unix(7) does not say so
    default:
      return err(Errno::socktnosupport);
  }
}

constexpr Family family{abi::kAfUnix, &UnixSocket::create, &UnixSocket::create_pair};

}  // namespace

sync::WaitQueue& room_queue(const UnixSocket& target) {
  return room_queues[reinterpret_cast<std::uintptr_t>(&target) / sizeof(UnixSocket) % kRoomQueues];
}

void register_unix_sockets() { register_family(family); }

Result<Ref<UnixSocket>> UnixSocket::make_socket(SocketKind kind) {
  auto* socket = new (std::nothrow) UnixSocket(kind);
  if (socket == nullptr) return err(Errno::nomem);
  UnixNames::enlist(*socket);
  return Ref<UnixSocket>::adopt(*socket);
}

Result<Ref<Socket>> UnixSocket::create(SocketKind kind) {
  kind.type = TRY(checked_type(kind));
  return TRY(make_socket(kind));
}

Result<SocketPair> UnixSocket::create_pair(SocketKind kind) {
  kind.type = TRY(checked_type(kind));
  auto one = TRY(make_socket(kind));
  auto made = make_socket(kind);
  if (!made) {
    one->close();
    return err(made.error());
  }
  Ref<UnixSocket> other = std::move(*made);
  const Identity me = current_caller().effective;
  one->join(*other, me, me);
  return SocketPair{std::move(one), std::move(other)};
}

UnixSocket::~UnixSocket() {
  if (const UnixAddress* const address = address_.load(std::memory_order_relaxed)) {
    lib::release(const_cast<UnixAddress*>(address));
  }
}

UnixSocket::PeerRef UnixSocket::peer_ref() {
  sync::Locked inbox{inbox_};
  return PeerRef::share(peer_.load(std::memory_order_relaxed));
}

Result<void> UnixSocket::local_name(SocketAddress& out) {
  if (const UnixAddress* const mine = address()) {
    mine->print(out);
  } else {
    UnixAddress::print_unnamed(out);
  }
  return {};
}

Result<void> UnixSocket::peer_name(SocketAddress& out) {
  const PeerRef peer = peer_ref();
  if (!peer) return err(Errno::notconn);
  return peer->local_name(out);
}

/// Of a listening socket it is its own: what those who connect will see.
Identity UnixSocket::peer_identity() const {
  switch (state()) {
    case State::connected:
      return peer_identity_;
    case State::listening:
      return sync::Locked { const_cast<UnixSocket*>(this)->inbox_ } -> listener;
    default:
      return {};
  }
}

int UnixSocket::take_error() {
  if (error_.load(std::memory_order_relaxed) == 0) return 0;
  return error_.exchange(0);
}

void UnixSocket::opened(SocketFile& file) {
  inode_number_.store(file.inode().number(), std::memory_order_relaxed);
  file_.store(&file, std::memory_order_release);
}

void UnixSocket::limits_changed() { writers_.wake_all(sync::kWritable); }

Result<void> UnixSocket::set_peek_offset(int offset) {
  peek_offset_.store(offset, std::memory_order_relaxed);
  return {};
}

Result<long> UnixSocket::ioctl(unsigned command, IoctlArg argument) {
  switch (command) {
    case SIOCOUTQ:
      TRY(argument.write(static_cast<int>(charged_.load(std::memory_order_relaxed))));
      return 0;
    case SIOCINQ: {
      if (state() == State::listening) return err(Errno::inval);
      std::size_t bytes;
      {
        sync::Locked inbox{inbox_};
        const Message* const first = inbox->messages.front();
        bytes = has_connections() ? inbox->bytes : first != nullptr ? first->data.bytes() : 0;
      }
      TRY(argument.write(static_cast<int>(bytes)));
      return 0;
    }
    default:
      return err(Errno::notty);
  }
}

}  // namespace k::net

// Sending of datagrams and sequenced packets.
#include "net/unix/unix_names.h"

namespace k::net {

Result<std::size_t> UnixSocket::send_datagram(IoBuffer& from, SendRequest& request) {
  constexpr std::size_t kReserved = 32;  // of the buffer, as Linux reserves it
  const bool is_packet = has_connections();
  if (is_packet && state() != State::connected) return err(Errno::notconn);
  TRY(bind_any_if_identified());
  const std::size_t n = from.remaining();
  const PeerRef by_name = TRY(datagram_target(request));
  if (n > options().send_buffer.load(std::memory_order_relaxed) - kReserved) return err(Errno::msgsize);
  SocketWait wait{request.blocking, options().send_timeout_ns.load(std::memory_order_relaxed)};
  auto message = TRY(make_message(from, n, request, wait));
  message->sender = PeerRef::share(this);
  if (!may_send_to(*by_name)) return err(Errno::perm);
  stamp(*message, request, *by_name);
  TRY(await_reader(*by_name, wait));
  if (const auto delivered = by_name->deliver(message); !delivered) {
    return err(by_name->inbox_is_dead() ? lose_peer(*by_name) : delivered.error());
  }
  return n;
}

/// The socket that the request names, or the peer.
Result<UnixSocket::PeerRef> UnixSocket::datagram_target(const SendRequest& request) {
  if (request.to != nullptr && !has_connections()) {
    const UnixName name = TRY(UnixName::parse(*request.to));
    return PeerRef{TRY(find(name, *request.names, type()))};
  }
  PeerRef peer = peer_ref();
  if (!peer) return err(Errno::notconn);
  return peer;
}

/// Waits until `target` has room. Peers of each other are limited by the sender's buffer alone.
Result<void> UnixSocket::await_reader(UnixSocket& target, SocketWait& wait) {
  const auto takes_more = [&] {
    return !target.is_full() || &target == this || target.stream_peer() == this || target.is_shut(kNoReceive) ||
           target.inbox_is_dead();
  };
  while (!takes_more()) TRY(wait.wait(room_queue(target), takes_more));
  return {};
}

/// A peer that is closed is forgotten by the first send that meets it.
Errno UnixSocket::lose_peer(UnixSocket& peer) {
  if (has_connections()) return Errno::pipe;
  if (stream_peer() == &peer) (void)set_datagram_peer(nullptr);
  return Errno::connrefused;
}

}  // namespace k::net

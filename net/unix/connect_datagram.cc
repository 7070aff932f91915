// The peer of a datagram socket.
#include "net/unix/unix_names.h"

namespace k::net {

/// Only a socket that has no peer, or has this one, takes what this one sends.
bool UnixSocket::may_send_to(const UnixSocket& other) const {
  const UnixSocket* const their_peer = other.peer_.load(std::memory_order_relaxed);
  return their_peer == nullptr || their_peer == this;
}

Result<void> UnixSocket::connect_datagram(const NamedRequest& request) {
  if (request.address.length < UnixAddress::kFamilyBytes) return err(Errno::inval);
  if (request.address.family() == abi::kAfUnspec) return set_datagram_peer(nullptr);
  const UnixName name = TRY(UnixName::parse(request.address));
  TRY(bind_any_if_identified());
  PeerRef peer = TRY(find(name, request.names, type()));
  if (!may_send_to(*peer)) return err(Errno::perm);
  return set_datagram_peer(std::move(peer));
}

/// What the former peer sent is forgotten, and it learns that it lost this one.
Result<void> UnixSocket::set_datagram_peer(PeerRef peer) {
  const bool connects = static_cast<bool>(peer);
  UnixSocket* former;
  {
    sync::Locked inbox{inbox_};
    former = peer_.exchange(peer.leak(), std::memory_order_acq_rel);
    state_.store(connects ? State::connected : State::unconnected, std::memory_order_release);
  }
  if (former == nullptr) return {};
  const PeerRef held = PeerRef::adopt(former);
  if (former != stream_peer()) forget_messages_of(*former);
  return {};
}

void UnixSocket::forget_messages_of(UnixSocket& former) {
  MessageQueue dropped;
  {
    sync::Locked inbox{inbox_};
    while (Message* const m = inbox->messages.pop_front()) dropped.push_back(*m);
    inbox->bytes = 0;
    queued_.store(0, std::memory_order_relaxed);
  }
  room_queue(*this).wake_all(sync::kWritable);
  const bool had_any = !dropped.empty();
  while (Message* const m = dropped.pop_front()) drop_message(*m, nullptr);
  if (had_any && former.stream_peer() == this) {
    former.error_.store(ECONNRESET, std::memory_order_relaxed);
    former.readers_.wake_all();
  }
}

}  // namespace k::net

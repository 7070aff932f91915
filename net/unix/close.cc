// The end of AF_UNIX sockets: shutdown and close.
#include <asm/siginfo.h>

#include "net/unix/in_flight.h"
#include "net/unix/unix_names.h"

namespace k::net {

void UnixSocket::shut(std::uint8_t directions) {
  shut_.fetch_or(directions, std::memory_order_relaxed);
  readers_.wake_all();
  writers_.wake_all();
  room_queue(*this).wake_all();
}

/// What one end does not send any more the other does not receive.
Result<void> UnixSocket::shutdown(ShutdownHow how) {
  const auto mine = static_cast<std::uint8_t>(how);
  shut(mine);
  if (!has_connections()) return {};
  UnixSocket* const peer = stream_peer();
  if (peer == nullptr) return {};
  peer->shut(static_cast<std::uint8_t>((mine & kNoReceive ? kNoSend : 0) | (mine & kNoSend ? kNoReceive : 0)));
  if (mine == kShut) {
    peer->async().tell(POLL_HUP);
  } else if ((mine & kNoSend) != 0) {
    peer->async().tell(POLL_IN);
  }
  return {};
}

void UnixSocket::close() {
  drop_name();
  UnixNames::delist(*this);
  MessageQueue unread;
  decltype(Inbox::pending) pending;
  {
    sync::Locked inbox{inbox_};
    dead_.store(true, std::memory_order_relaxed);
    while (Message* const m = inbox->messages.pop_front()) unread.push_back(*m);
    while (UnixSocket* const s = inbox->pending.pop_front()) pending.push_back(*s);
    inbox->bytes = 0;
  }
  const bool was_pending = file_.load(std::memory_order_relaxed) == nullptr;
  const PeerRef peer = PeerRef::adopt(peer_.load(std::memory_order_relaxed));
  if (peer && has_connections()) fail_peer(*peer, !unread.empty() || was_pending);
  while (Message* const m = unread.pop_front()) drop_message(*m, peer.get());
  peer_.store(nullptr, std::memory_order_relaxed);
  while (UnixSocket* const s = pending.pop_front()) Ref<UnixSocket>::adopt(*s)->close();
  shut(kShut);
  collect_unreachable_sockets();
}

void UnixSocket::fail_peer(UnixSocket& peer, bool lost_data) {
  if (lost_data) peer.error_.store(ECONNRESET, std::memory_order_relaxed);
  peer.shut(kShut);
  peer.async().tell(POLL_HUP);
}

void UnixSocket::drop_message(Message& message, UnixSocket* peer) {
  const std::uint32_t charge = message.sender ? 0 : std::exchange(message.charge, 0);
  delete &message;
  if (charge != 0 && peer != nullptr) peer->discharge(charge);
}

}  // namespace k::net

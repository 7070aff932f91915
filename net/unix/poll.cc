// What poll(2) says of AF_UNIX sockets.
#include "net/unix/unix_socket.h"

namespace k::net {

/// Listening sockets are never writable; others while a quarter of their buffer is in use at most, so that a woken writer has room
/// for more than one message.
sync::PollEvents UnixSocket::poll(sync::PollTable* table) {
  using sync::PollEvent;
  if (table != nullptr) {
    table->watch(readers_);
    table->watch(writers_);
  }
  sync::PollEvents events;
  const State now = state();
  if (error_.load(std::memory_order_relaxed) != 0) events = events | PollEvent::err;
  if (is_shut(kNoReceive)) events = events | sync::kReadable | PollEvent::rdhup;
  if (shut_.load(std::memory_order_relaxed) == kShut) events = events | PollEvent::hup;
  if (queued_.load(std::memory_order_relaxed) != 0) events = events | sync::kReadable;
  if (has_connections() && now == State::unconnected) events = events | PollEvent::hup;
  if (now != State::listening && is_writable(table)) events = events | sync::kWritable | PollEvent::wrband;
  return events;
}

/// A datagram socket whose target is full waits for the target, unless the two are each other's peers.
bool UnixSocket::is_writable(sync::PollTable* table) {
  if (charged_.load(std::memory_order_relaxed) > options().send_buffer.load(std::memory_order_relaxed) / 4) {
    note_lack_of_room();
    return false;
  }
  if (type() != abi::kSockDgram) return true;
  const PeerRef target = peer_ref();
  if (!target || target->stream_peer() == this) return true;
  if (table != nullptr) table->watch(room_queue(*target));
  return !target->is_full();
}

}  // namespace k::net

/// Message: what one send put into a socket's queue: bytes, and what travels beside them.
///
/// Invariants  a message is in one queue or owned by one call. Its charge is on the sender until it is gone. Rights in it are in
///             flight (in_flight.h); a message that dies lands them.
/// Context     task context, no spin lock held when it dies.
#pragma once

#include "kernel/lib/queue.h"
#include "mm/phys/slab.h"
#include "net/buffer/packet.h"
#include "net/socket/socket.h"

namespace k::net {

class UnixSocket;

struct Message : mm::SlabAllocated<Message> {
  /// What a message costs beyond its bytes: about what Linux charges.
  static constexpr std::uint32_t kOverhead = 704;

  Message() = default;
  ~Message();

  PacketBuffer data;
  lib::QueueNode<Message> node;
  RefOrNull<UnixSocket> sender;  // of a datagram; a stream's sender is the peer
  Box<Rights> rights;
  std::uint32_t charge = 0;
  bool has_identity = false;
  Identity identity;
};
using MessageQueue = lib::Queue<Message, &Message::node>;

}  // namespace k::net

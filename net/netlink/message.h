/// NetlinkMessage: what one send put into the queue of one netlink socket.
///
/// Invariants  the payload may be shared by the members of a group, and does not change once one of them can see it. A message is
///             charged to its receiver from prepare() on until it is gone; only messages in the queue of an open socket refer to
///             the socket that queues them, so closing it ends the circle.
/// Context     task context.
/// Errors      NetlinkPayload::create: NOMEM, FAULT.
/// Source      netlink(7).
#pragma once

#include <span>

#include "kernel/lib/queue.h"
#include "kernel/lib/ref.h"
#include "mm/phys/slab.h"
#include "mm/user/io_buffer.h"
#include "net/socket/caller.h"

namespace k::net {

class NetlinkSocket;

class NetlinkPayload : public lib::RefCounted {
 public:
  /// The next `n` bytes of `from`.
  static Result<Ref<NetlinkPayload>> create(IoBuffer& from, std::size_t n);
  NetlinkPayload(Box<std::byte[]> bytes, std::size_t count) : bytes_(std::move(bytes)), count_(count) {}
  std::span<std::byte> bytes() const { return {bytes_.get(), count_}; }

 private:
  const Box<std::byte[]> bytes_;
  const std::size_t count_;
};

/// Who sent a message, and to which group; port 0 is the kernel, group 0 none.
struct NetlinkOrigin {
  std::uint32_t port = 0, group = 0;
  Identity identity{};
};

struct NetlinkMessage : mm::SlabAllocated<NetlinkMessage> {
  NetlinkMessage(Ref<NetlinkPayload> payload, const NetlinkOrigin& origin, Ref<NetlinkSocket> receiver);
  ~NetlinkMessage();
  std::uint32_t charge() const;

  const Ref<NetlinkPayload> payload;
  const NetlinkOrigin origin;
  const Ref<NetlinkSocket> receiver;
  lib::QueueNode<NetlinkMessage> node;
};

}  // namespace k::net

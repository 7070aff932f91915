// Receiving on AF_NETLINK sockets: one message at a time.
#include <asm/socket.h>

#include <algorithm>

#include "net/netlink/netlink_address.h"
#include "net/netlink/netlink_socket.h"

namespace k::net {

/// Null: nothing is queued.
RefOrNull<NetlinkPayload> NetlinkSocket::take_first(bool stays, NetlinkOrigin& origin) {
  Box<NetlinkMessage> taken;
  sync::Locked queue{queue_};
  NetlinkMessage* const first = queue->front();
  if (first == nullptr) return nullptr;
  origin = first->origin;
  RefOrNull<NetlinkPayload> payload = first->payload;
  if (!stays) {
    taken.reset(queue->pop_front());
    queued_.fetch_sub(1, std::memory_order_relaxed);
  }
  return payload;
}

/// What does not fit is lost; MSG_TRUNC asks for the full length.
Result<std::size_t> NetlinkSocket::receive(IoBuffer& to, ReceiveRequest& request) {
  if (request.flags.has(abi::kMsgOob)) return err(Errno::opnotsupp);
  SocketWait wait{request.blocking, options().receive_timeout_ns.load(std::memory_order_relaxed)};
  NetlinkOrigin origin;
  RefOrNull<NetlinkPayload> payload;
  for (;;) {
    if (const int error = take_error()) return err(static_cast<Errno>(error));
    payload = take_first(request.flags.has(abi::kMsgPeek), origin);
    if (payload) break;
    TRY(wait.wait(readers_, [this] {
      return queued_.load(std::memory_order_relaxed) != 0 || error_.load(std::memory_order_relaxed) != 0;
    }));
  }
  const std::span<std::byte> text = payload->bytes();
  const std::size_t n = std::min(text.size(), to.remaining());
  if (n > 0 && TRY(to.copy_in(text.data(), n)) < n) return err(Errno::fault);
  if (n < text.size()) request.out_flags |= abi::kMsgTrunc;
  if (request.from != nullptr) NetlinkAddress{origin.port, NetlinkAddress::mask_of(origin.group)}.print(*request.from);
  if (options().is_on(SO_PASSCRED)) request.credentials = origin.identity;
  return request.flags.has(abi::kMsgTrunc) ? text.size() : n;
}

}  // namespace k::net

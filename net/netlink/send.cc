// Sending on AF_NETLINK sockets, and how a message gets to its receiver.
#include <asm/siginfo.h>

#include "net/netlink/netlink_address.h"
#include "net/netlink/ports.h"

namespace k::net {

Result<NetlinkSocket::Target> NetlinkSocket::target_of(const SendRequest& request) const {
  if (request.to == nullptr) return Target{target_port_.load(), target_group_.load()};
  const auto to = TRY(NetlinkAddress::parse(*request.to));
  if (!to.is_kernel()) TRY(require_network_rights(side_.anyone_sends));
  return Target{to.port, to.group()};
}

Result<std::size_t> NetlinkSocket::send(IoBuffer& from, SendRequest& request) {
  constexpr std::size_t kReserved = 32;  // of the buffer, as Linux reserves it
  if (request.flags.has(abi::kMsgOob)) return err(Errno::opnotsupp);
  const std::size_t n = from.remaining();
  if (n == 0) return err(Errno::nodata);
  const Target target = TRY(target_of(request));
  NetlinkPorts::bind_any(*this);
  if (n > options().send_buffer.load(std::memory_order_relaxed) - kReserved) return err(Errno::msgsize);
  auto payload = TRY(NetlinkPayload::create(from, n));
  const NetlinkOrigin origin{port(), target.group, request.credentials.value_or(current_caller().real)};
  if (target.group != 0) NetlinkPorts::tell_group(*this, payload, origin, target.port);
  SocketWait wait{request.blocking, options().send_timeout_ns.load(std::memory_order_relaxed)};
  TRY(send_to_port(target.port, std::move(payload), origin, wait));
  return n;
}

Result<void> NetlinkSocket::send_to_port(std::uint32_t port, Ref<NetlinkPayload> payload, const NetlinkOrigin& origin,
                                         SocketWait& wait) {
  if (port == 0) {
    if (side_.answer == nullptr) return err(Errno::connrefused);
    side_.answer(*this, payload->bytes());
    return {};
  }
  const auto receiver = NetlinkPorts::find(protocol(), port);
  if (!receiver || !receiver->accepts(origin.port)) return err(Errno::connrefused);
  receiver->deliver(TRY(receiver->prepare(std::move(payload), origin, wait)));
  return {};
}

/// Whoever is connected hears nobody else.
bool NetlinkSocket::accepts(std::uint32_t sender) const { return !connected_.load() || target_port_.load() == sender; }

Result<Box<NetlinkMessage>> NetlinkSocket::prepare(Ref<NetlinkPayload> payload, const NetlinkOrigin& origin,
                                                   SocketWait& wait) {
  while (!has_room() && !is_dead()) TRY(wait.wait(writers_, [this] { return has_room() || is_dead(); }));
  if (is_dead()) return err(Errno::connrefused);
  return make<NetlinkMessage>(std::move(payload), origin, Ref<NetlinkSocket>::share(*this));
}

void NetlinkSocket::deliver(Box<NetlinkMessage> message) {
  {
    sync::Locked queue{queue_};
    if (is_dead()) return;
    queue->push_back(*message.release());
    queued_.fetch_add(1, std::memory_order_relaxed);
  }
  readers_.wake_one(sync::kReadable);
  async().tell(POLL_IN);
}

void NetlinkSocket::deliver_now(Ref<NetlinkPayload> payload, const NetlinkOrigin& origin) {
  SocketWait no_wait{false, 0};
  if (auto message = prepare(std::move(payload), origin, no_wait)) return deliver(std::move(*message));
  lose_message();
}

void NetlinkSocket::lose_message() {
  error_.store(ENOBUFS, std::memory_order_relaxed);
  readers_.wake_all();
}

void NetlinkSocket::discharge(std::uint32_t bytes) {
  charged_.fetch_sub(bytes, std::memory_order_relaxed);
  if (has_room()) writers_.wake_all(sync::kWritable);
}

}  // namespace k::net

/// NetlinkSocket: a socket of the family AF_NETLINK.
///
/// Invariants  a socket gets its port once, from bind or from the first call that needs one, and is in the table of its protocol's
///             ports from then until it is closed. `queued_` mirrors the queue and is read without its lock by waits and poll.
///             Messages are charged to their receiver; a sender waits for room there, the kernel and groups do not: who lacks the
///             room hears ENOBUFS instead. Nothing is queued at a closed socket.
/// Lock order  Rank::socket_names (ports.h) > Rank::socket (of one socket).
/// Context     task context.
/// Errors      as netlink(7) and the calls' manual pages say.
/// Source      netlink(7); what it leaves open as Linux 6.1 behaves.
#pragma once

#include "kernel/abi/socket.h"
#include "kernel/sync/guarded.h"
#include "kernel/sync/wait_queue.h"
#include "net/netlink/message.h"
#include "net/netlink/protocol.h"
#include "net/socket/family.h"
#include "net/socket/wait.h"

namespace k::net {

class NetlinkSocket final : public Socket, public mm::SlabAllocated<NetlinkSocket> {
 public:
  static Result<Ref<Socket>> create(SocketKind kind);
  NetlinkSocket(SocketKind kind, const NetlinkProtocol& side) : Socket(kind), side_(side) {}

  Result<void> bind(const NamedRequest& request) override;
  Result<void> connect(const NamedRequest& request) override;
  Result<std::size_t> send(IoBuffer& from, SendRequest& request) override;
  Result<std::size_t> receive(IoBuffer& to, ReceiveRequest& request) override;
  Result<void> local_name(SocketAddress& out) override;
  Result<void> peer_name(SocketAddress& out) override;
  sync::PollEvents poll(sync::PollTable* table) override;
  int take_error() override { return error_.exchange(0); }
  void limits_changed() override { writers_.wake_all(sync::kWritable); }
  void close() override;

  std::uint32_t port() const { return port_.load(std::memory_order_acquire); }
  std::uint32_t groups() const { return groups_.load(std::memory_order_relaxed); }

  /// A message that has its room here, once there is some.
  Result<Box<NetlinkMessage>> prepare(Ref<NetlinkPayload> payload, const NetlinkOrigin& origin, SocketWait& wait);
  /// Queues what was prepared for this socket; it is lost when nobody will read it.
  void deliver(Box<NetlinkMessage> message);
  /// Queues at once, or leaves ENOBUFS behind.
  void deliver_now(Ref<NetlinkPayload> payload, const NetlinkOrigin& origin);
  /// What should have come cannot: ENOBUFS.
  void lose_message();

 private:
  friend class NetlinkPorts;
  friend struct NetlinkMessage;
  struct Target {
    std::uint32_t port, group;
  };

  Result<Target> target_of(const SendRequest& request) const;
  Result<void> send_to_port(std::uint32_t port, Ref<NetlinkPayload> payload, const NetlinkOrigin& origin,
                            SocketWait& wait);
  RefOrNull<NetlinkPayload> take_first(bool stays, NetlinkOrigin& origin);
  bool accepts(std::uint32_t sender) const;
  bool has_room() {
    return charged_.load(std::memory_order_relaxed) <= options().receive_buffer.load(std::memory_order_relaxed);
  }
  bool is_dead() const { return dead_.load(std::memory_order_relaxed); }
  void discharge(std::uint32_t bytes);

  using MessageQueue = lib::Queue<NetlinkMessage, &NetlinkMessage::node>;

  const NetlinkProtocol& side_;
  std::atomic<std::uint32_t> port_{0}, groups_{0};               // change under the lock of the ports
  std::atomic<std::uint32_t> target_port_{0}, target_group_{0};  // of connect(2)
  std::atomic<bool> connected_{false};
  std::atomic<bool> dead_{false};  // closed; changes under the lock of the queue
  std::atomic<int> error_{0};
  std::atomic<std::uint32_t> queued_{0}, charged_{0};
  sync::SpinGuarded<MessageQueue, sync::Rank::socket> queue_;
  sync::WaitQueue readers_, writers_;
  lib::QueueNode<NetlinkSocket> node_;
};

/// NOTSOCK, INVAL: `file` is no socket, or one of another family.
Result<Ref<NetlinkSocket>> netlink_socket(fs::File& file);

/// PERM: only those who manage the network may, unless it is `open_to_all`.
Result<void> require_network_rights(bool open_to_all);

/// Registers the family. Boot, once.
void register_netlink_sockets();

}  // namespace k::net

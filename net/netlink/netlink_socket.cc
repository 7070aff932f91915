#include "net/netlink/netlink_socket.h"

#include "net/netlink/netlink_address.h"
#include "net/netlink/ports.h"
#include "net/socket/socket_file.h"

namespace k::net {
namespace {

constexpr Family family{abi::kAfNetlink, &NetlinkSocket::create, nullptr};

}  // namespace

void register_netlink_sockets() { register_family(family); }

Result<Ref<NetlinkSocket>> netlink_socket(fs::File& file) {
  Socket& socket = TRY(socket_file(file))->socket();
  if (socket.family() != abi::kAfNetlink) return err(Errno::inval);
  return Ref<NetlinkSocket>::share(static_cast<NetlinkSocket&>(socket));
}

Result<void> require_network_rights(bool open_to_all) {
  return open_to_all || current_caller().manages_network ? Result<void>{} : err(Errno::perm);
}

Result<Ref<Socket>> NetlinkSocket::create(SocketKind kind) {
  if (kind.type != abi::kSockRaw && kind.type != abi::kSockDgram) return err(Errno::socktnosupport);
  const NetlinkProtocol* const side = find_netlink_protocol(kind.protocol);
  if (side == nullptr) return err(Errno::protonosupport);
  return TRY(make_ref<NetlinkSocket>(kind, *side));
}

Result<void> NetlinkSocket::bind(const NamedRequest& request) {
  const auto wanted = TRY(NetlinkAddress::parse(request.address));
  if (wanted.groups != 0) TRY(require_network_rights(side_.anyone_listens));
  if (wanted.port == 0 && port() == 0) {
    NetlinkPorts::bind_any(*this);
  } else {
    TRY(NetlinkPorts::bind(*this, wanted.port));
  }
  NetlinkPorts::set_groups(*this, wanted.groups);
  return {};
}

Result<void> NetlinkSocket::connect(const NamedRequest& request) {
  if (request.address.length < sizeof(uapi::__kernel_sa_family_t)) return err(Errno::inval);
  if (request.address.family() == abi::kAfUnspec) {
    target_port_ = target_group_ = 0;
    connected_ = false;
    return {};
  }
  const auto wanted = TRY(NetlinkAddress::parse(request.address));
  if (!wanted.is_kernel()) TRY(require_network_rights(side_.anyone_sends));
  NetlinkPorts::bind_any(*this);
  target_port_ = wanted.port;
  target_group_ = wanted.group();
  connected_ = true;
  return {};
}

Result<void> NetlinkSocket::local_name(SocketAddress& out) {
  NetlinkAddress{port(), groups()}.print(out);
  return {};
}

Result<void> NetlinkSocket::peer_name(SocketAddress& out) {
  NetlinkAddress{target_port_.load(), NetlinkAddress::mask_of(target_group_.load())}.print(out);
  return {};
}

/// Sending never waits for the sender's own sake, so the socket always looks writable.
sync::PollEvents NetlinkSocket::poll(sync::PollTable* table) {
  if (table != nullptr) table->watch(readers_);
  sync::PollEvents events = sync::kWritable | sync::PollEvent::wrband;
  if (queued_.load(std::memory_order_relaxed) != 0) events = events | sync::kReadable;
  if (error_.load(std::memory_order_relaxed) != 0) events = events | sync::PollEvent::err;
  return events;
}

void NetlinkSocket::close() {
  NetlinkPorts::remove(*this);
  MessageQueue unread;
  {
    sync::Locked queue{queue_};
    dead_.store(true, std::memory_order_relaxed);
    while (NetlinkMessage* const m = queue->pop_front()) unread.push_back(*m);
  }
  while (NetlinkMessage* const m = unread.pop_front()) delete m;
  writers_.wake_all();
}

}  // namespace k::net

/// NetlinkPorts: the bound sockets of each protocol.
///
/// Invariants  a socket's port and groups change under the lock of its protocol's table, where it is while it is bound.
/// Lock order  Rank::socket_names > Rank::socket.
/// Context     task context.
/// Errors      bind: ADDRINUSE, INVAL (it has another port).
/// Source      netlink(7), "Address formats".
#pragma once

#include "net/netlink/netlink_socket.h"

namespace k::net {

class NetlinkPorts {
 public:
  static Result<void> bind(NetlinkSocket& socket, std::uint32_t port);
  /// Unless it is bound: to the process's number, or a negative one when that is taken.
  static void bind_any(NetlinkSocket& socket);
  static void set_groups(NetlinkSocket& socket, std::uint32_t groups);
  static void remove(NetlinkSocket& socket);
  static RefOrNull<NetlinkSocket> find(int protocol, std::uint32_t port);
  /// To each member of the origin's group but `sender` and whoever has the port `except`.
  static void tell_group(const NetlinkSocket& sender, const Ref<NetlinkPayload>& payload, const NetlinkOrigin& origin,
                         std::uint32_t except);

 private:
  using Bound = lib::Queue<NetlinkSocket, &NetlinkSocket::node_>;
  using Table = sync::SpinGuarded<Bound, sync::Rank::socket_names>;
  static NetlinkSocket* find_in(const Bound& bound, std::uint32_t port);
  static void enter(Bound& bound, NetlinkSocket& socket, std::uint32_t port);
  static Table tables[];
};

}  // namespace k::net

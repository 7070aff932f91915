#include "net/netlink/ports.h"

#include <linux/netlink.h>

namespace k::net {

constinit NetlinkPorts::Table NetlinkPorts::tables[MAX_LINKS];

NetlinkSocket* NetlinkPorts::find_in(const Bound& bound, std::uint32_t port) {
  NetlinkSocket* s = bound.front();
  while (s != nullptr && s->port() != port) s = Bound::next(*s);
  return s;
}

void NetlinkPorts::enter(Bound& bound, NetlinkSocket& socket, std::uint32_t port) {
  socket.port_.store(port, std::memory_order_release);
  bound.push_back(socket);
}

Result<void> NetlinkPorts::bind(NetlinkSocket& socket, std::uint32_t port) {
  sync::Locked bound{tables[socket.protocol()]};
  if (socket.port() != 0) return socket.port() == port ? Result<void>{} : err(Errno::inval);
  if (find_in(*bound, port) != nullptr) return err(Errno::addrinuse);
  enter(*bound, socket, port);
  return {};
}

void NetlinkPorts::bind_any(NetlinkSocket& socket) {
  constexpr std::uint32_t kFirstSpare = static_cast<std::uint32_t>(-4097);  // no process has it
  std::uint32_t port = static_cast<std::uint32_t>(current_caller().real.pid);
  sync::Locked bound{tables[socket.protocol()]};
  if (socket.port() != 0) return;
  for (std::uint32_t spare = kFirstSpare; port == 0 || find_in(*bound, port) != nullptr;) port = spare--;
  enter(*bound, socket, port);
}

void NetlinkPorts::set_groups(NetlinkSocket& socket, std::uint32_t groups) {
  sync::Locked bound{tables[socket.protocol()]};
  socket.groups_.store(groups, std::memory_order_relaxed);
}

void NetlinkPorts::remove(NetlinkSocket& socket) {
  sync::Locked bound{tables[socket.protocol()]};
  if (socket.port() != 0) bound->erase(socket);
}

RefOrNull<NetlinkSocket> NetlinkPorts::find(int protocol, std::uint32_t port) {
  sync::Locked bound{tables[protocol]};
  return RefOrNull<NetlinkSocket>::share(find_in(*bound, port));
}

void NetlinkPorts::tell_group(const NetlinkSocket& sender, const Ref<NetlinkPayload>& payload,
                              const NetlinkOrigin& origin, std::uint32_t except) {
  const std::uint32_t bit = std::uint32_t{1} << (origin.group - 1);
  sync::Locked bound{tables[sender.protocol()]};
  for (NetlinkSocket* s = bound->front(); s != nullptr; s = Bound::next(*s)) {
    if (s != &sender && s->port() != except && (s->groups() & bit) != 0) s->deliver_now(payload, origin);
  }
}

}  // namespace k::net

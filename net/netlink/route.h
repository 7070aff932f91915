/// The kernel's side of NETLINK_ROUTE: what it answers to requests about links, addresses and routes.
///
/// Invariants  there are no network devices yet: every list is empty, no link is found, and what would change one is refused.
/// Context     task context of who asks; the answers are queued at its socket before the call returns.
/// Source      rtnetlink(7), netlink(7).
#pragma once

#include "net/netlink/netlink_socket.h"

namespace k::net {

void answer_route_requests(NetlinkSocket& from, std::span<const std::byte> text);

}  // namespace k::net

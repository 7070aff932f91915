/// NetlinkProtocol: what the kernel does at its end of one netlink protocol, and what the unprivileged may do.
///
/// Context     answer: task context of the sender.
/// Source      netlink(7).
#pragma once

#include <cstddef>
#include <span>

namespace k::net {

class NetlinkSocket;

struct NetlinkProtocol {
  /// Takes the bytes of one send to port 0. Null: nobody listens there.
  void (*answer)(NetlinkSocket& from, std::span<const std::byte> text);
  bool anyone_sends;    // to others than the kernel; else CAP_NET_ADMIN
  bool anyone_listens;  // to groups
};

/// Null: there is no such protocol.
const NetlinkProtocol* find_netlink_protocol(int number);

}  // namespace k::net

/// NetlinkAddress: a struct sockaddr_nl: a port, and a group of the 32 that fit its mask.
/// Errors      parse: INVAL (too short, another family).
/// Source      netlink(7), "Address formats".
#pragma once

#include <linux/netlink.h>

#include <bit>

#include "kernel/abi/socket.h"
#include "kernel/lib/result.h"
#include "net/socket/address.h"

namespace k::net {

struct NetlinkAddress {
  std::uint32_t port = 0, groups = 0;

  static Result<NetlinkAddress> parse(const SocketAddress& address) {
    uapi::sockaddr_nl a;
    if (address.length < sizeof a || address.family() != abi::kAfNetlink) return err(Errno::inval);
    std::memcpy(&a, address.bytes, sizeof a);
    return NetlinkAddress{a.nl_pid, a.nl_groups};
  }
  void print(SocketAddress& out) const {
    const uapi::sockaddr_nl a{.nl_family = abi::kAfNetlink, .nl_pad = 0, .nl_pid = port, .nl_groups = groups};
    std::memcpy(out.bytes, &a, sizeof a);
    out.length = sizeof a;
  }
  bool is_kernel() const { return port == 0 && groups == 0; }
  /// The number of the lowest group, from 1; 0 for none. A send reaches one.
  std::uint32_t group() const { return groups == 0 ? 0 : static_cast<std::uint32_t>(std::countr_zero(groups)) + 1; }
  static constexpr std::uint32_t mask_of(std::uint32_t group) {
    return group == 0 ? 0 : std::uint32_t{1} << (group - 1);
  }
};

}  // namespace k::net

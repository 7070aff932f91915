/// SocketAddress: a struct sockaddr of any family, as bytes. Its content is undefined beyond `length`.
/// Source      <linux/socket.h> (__kernel_sockaddr_storage), bind(2).
#pragma once

#include <linux/socket.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace k::net {

struct SocketAddress {
  static constexpr std::size_t kMax = sizeof(uapi::__kernel_sockaddr_storage);

  SocketAddress() {}  // filled by whoever sets `length`
  /// The family; 0 (AF_UNSPEC) when too short for one.
  std::uint16_t family() const {
    std::uint16_t f = 0;
    if (length >= sizeof f) std::memcpy(&f, bytes, sizeof f);
    return f;
  }

  std::size_t length = 0;
  std::byte bytes[kMax];
};

}  // namespace k::net

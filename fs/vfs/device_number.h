/// DeviceNumber: the major and minor number of a device, and its two encodings.
///
/// Invariants  encoded() is what stat(2) and mknod(2) carry: 12 bits of major, 20 bits of minor in 32 bits.
/// Source      makedev(3).
#pragma once

#include <cstdint>

namespace k::fs {

struct DeviceNumber {
  std::uint32_t major = 0, minor = 0;

  constexpr bool operator==(const DeviceNumber&) const = default;
  constexpr std::uint32_t encoded() const { return (minor & 0xff) | (major << 8) | ((minor & ~0xffu) << 12); }
  static constexpr DeviceNumber decode(std::uint32_t raw) {
    return {(raw & 0xfff00) >> 8, (raw & 0xff) | ((raw >> 12) & 0xfff00)};
  }
};

}  // namespace k::fs

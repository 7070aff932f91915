/// The headers of a cpio archive in the "newc" form.
///
/// Invariants  nothing is believed: a field that is no hexadecimal number makes the header bad.
/// Source      Linux's driver-api/early-userspace/buffer-format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace k::fs {

struct CpioHeader {
  static constexpr std::size_t kBytes = 110;

  std::uint32_t inode, mode, uid, gid, links, modified, size, device_major, device_minor, special_major, special_minor;
  std::uint32_t name_size;  // with its NUL

  /// Empty when the bytes are no header.
  static std::optional<CpioHeader> parse(std::span<const std::byte, kBytes> raw);
  /// Bytes that follow header and name, or the data, up to the next multiple of four.
  std::size_t name_padding() const { return -(kBytes + name_size) & 3; }
  std::size_t data_padding() const { return -size & 3; }
};

}  // namespace k::fs

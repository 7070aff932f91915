#include "fs/initramfs/cpio.h"

#include <string_view>

namespace k::fs {
namespace {

std::optional<std::uint32_t> hexadecimal(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits) {
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      value = value << 4 | static_cast<unsigned>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      value = value << 4 | static_cast<unsigned>(lower - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

}  // namespace

std::optional<CpioHeader> CpioHeader::parse(std::span<const std::byte, kBytes> raw) {
  const std::string_view text{reinterpret_cast<const char*>(raw.data()), raw.size()};
  if (!text.starts_with("070701") && !text.starts_with("070702")) return std::nullopt;
  std::uint32_t fields[13];
  for (std::size_t i = 0; i < 13; ++i) {
    const auto value = hexadecimal(text.substr(6 + 8 * i, 8));
    if (!value) return std::nullopt;
    fields[i] = *value;
  }
  return CpioHeader{fields[0], fields[1], fields[2], fields[3], fields[4],  fields[5],
                    fields[6], fields[7], fields[8], fields[9], fields[10], fields[11]};
}

}  // namespace k::fs

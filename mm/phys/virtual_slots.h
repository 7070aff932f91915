/// VirtualSlots: which parts of the kernel's virtual area are taken, as slots of fixed sizes.
///
/// Invariants  a class's slot is one guard page, never mapped, followed by 2^n pages; classes lie one after the other.
/// Lock order  none of its own: mm/phys/virtual_memory.cc keeps it inside Rank::kernel_map.
/// Host        pure.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>

#include "kernel/lib/types.h"

namespace k::mm {

class VirtualSlots {
 public:
  /// Pages of the smallest class and number of classes: 16 KiB (kernel stacks) to 64 MiB.
  static constexpr std::size_t kSmallestPages = 4;
  static constexpr unsigned kClasses = 13;
  static constexpr std::size_t kSmallestSlots = 40960, kOtherSlots = 64;

  /// Offset of the first usable byte in the area, or nothing when the class is full or `pages` too many.
  std::optional<std::uint64_t> take(std::size_t pages);
  void give(std::uint64_t offset, std::size_t pages);
  /// Bytes of virtual area needed.
  static constexpr std::uint64_t area_bytes() {
    std::uint64_t bytes = 0;
    for (unsigned c = 0; c < kClasses; ++c) bytes += slots(c) * slot_bytes(c);
    return bytes;
  }

 private:
  static constexpr unsigned class_of(std::size_t pages) {
    return pages <= kSmallestPages ? 0 : static_cast<unsigned>(std::bit_width((pages - 1) / kSmallestPages));
  }
  static constexpr std::size_t slots(unsigned c) { return c == 0 ? kSmallestSlots : kOtherSlots; }
  static constexpr std::uint64_t slot_bytes(unsigned c) { return ((kSmallestPages << c) + 1) * lib::kPageSize; }
  static constexpr std::uint64_t class_offset(unsigned c) {
    std::uint64_t at = 0;
    for (unsigned i = 0; i < c; ++i) at += slots(i) * slot_bytes(i);
    return at;
  }
  std::uint64_t* words(unsigned c) { return c == 0 ? stacks_.data() : &others_[c - 1]; }

  std::array<std::uint64_t, kSmallestSlots / 64> stacks_ = {};  // a set bit is a taken slot
  std::array<std::uint64_t, kClasses - 1> others_ = {};
  std::size_t hint_ = 0;  // first word of `stacks_` that may have room
};

}  // namespace k::mm

/// Where the kernel goes in its half of the address space (KASLR).
///
/// Invariants  with `nokaslr` on the command line every address is the same in every boot. Otherwise the image slides
/// by whole
///             pages within 1 GiB, and the direct map and the virtual area start in random top-level slots.
#pragma once

#include <cstdint>
#include <string_view>

namespace k::arch::boot {

struct Placement {
  std::uint64_t slide = 0;         // of the image, from its link address
  std::uint64_t direct_map = 0;    // where physical address 0 appears
  std::uint64_t virtual_area = 0;  // one top-level slot
};

inline constexpr std::uint64_t kTopSlotBytes = std::uint64_t{1} << 39;

/// `highest` is the end of physical memory.
Placement choose_placement(std::string_view command_line, std::uint64_t image_bytes, std::uint64_t highest);
/// Whether `word` stands on the command line by itself.
bool has_word(std::string_view command_line, std::string_view word);

}  // namespace k::arch::boot

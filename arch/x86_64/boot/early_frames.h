/// Frames for page tables and per-CPU areas before mm/phys runs, taken from the bottom of one usable range.
///
/// Invariants  below 4 GiB, so that identity-mapped code reaches them; zeroed when taken. What was taken is excluded
/// from
///             the memory map that BootInfo gives out.
#pragma once

#include <cstddef>
#include <cstdint>

#include "arch/include/arch/boot_info.h"

namespace k::arch::boot {

class EarlyFrames {
 public:
  constexpr EarlyFrames() = default;
  constexpr EarlyFrames(std::uint64_t begin, std::uint64_t end) : begin_(begin), next_(begin), end_(end) {}

  /// `count` consecutive frames; 0 when exhausted. `offset` is where physical memory is mapped now.
  std::uint64_t take(std::size_t count, std::uint64_t offset);
  /// Undoes the last take.
  void give_back(std::size_t count) { next_ -= count * kPageSize; }
  MemoryRange taken() const { return {PhysAddr{begin_}, next_ - begin_, MemoryKind::kernel_image}; }

 private:
  std::uint64_t begin_ = 0, next_ = 0, end_ = 0;
};

extern constinit EarlyFrames g_early_frames;

}  // namespace k::arch::boot

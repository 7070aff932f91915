/// Builds the kernel's page tables: largest pages that fit, never over an existing entry.
///
/// Invariants  tables come from EarlyFrames and are reached at physical + offset.
/// Source      Intel SDM volume 3, 4.5.
#pragma once

#include <cstdint>

#include "arch/include/arch/page_table.h"

namespace k::arch::boot {

class TableBuilder {
 public:
  /// `largest_level`: 3 where the CPU has 1 GiB pages, else 2.
  TableBuilder(std::uint64_t root, std::uint64_t offset, unsigned largest_level)
      : root_(root), offset_(offset), largest_level_(largest_level) {}

  /// Maps [physical, physical + bytes) at `at`. False when frames ran out.
  bool map(std::uint64_t at, std::uint64_t physical, std::uint64_t bytes, PageProtection protection);
  /// Makes the second-level table of `at` exist, so that the top-level entry never changes later.
  bool reserve_top(std::uint64_t at);

 private:
  std::uint64_t* table(std::uint64_t physical) const { return reinterpret_cast<std::uint64_t*>(physical + offset_); }
  /// The entry for `at` in the table of `level`; null when a frame is missing.
  std::uint64_t* entry(std::uint64_t at, unsigned level);
  unsigned level_for(std::uint64_t at, std::uint64_t physical, std::uint64_t bytes) const;

  std::uint64_t root_, offset_;
  unsigned largest_level_;
};

}  // namespace k::arch::boot

/// PageView: what a page-table entry tells of a page, for /proc/PID/smaps and pagemap.
///
/// Invariants  `mappings` counts the address spaces that show the frame: its references less that of its file, with the sharers of the
///             table that the entry is in for one. Exact for 1; a lower bound while other tables that show the frame have several
///             sharers, too.
/// Context     a moment's picture of one page; valid inside AddressSpace::for_each_page's visit.
#pragma once

#include <cstdint>

#include "mm/phys/frame.h"

namespace k::mm {

struct PageView {
  std::uint64_t address;
  const Frame* frame;
  std::uint32_t mappings;
  bool is_zero_page;  // counted nowhere
  bool is_huge;
  bool referenced;

  bool is_anonymous() const { return frame->use == FrameUse::anonymous; }
  /// Belongs to a file, all of which live in memory only.
  bool is_file_page() const { return frame->use == FrameUse::page_cache; }
};

}  // namespace k::mm

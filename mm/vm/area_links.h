/// AreaLinks: entering an area in its source's list of mappings and taking it out.
///
/// Invariants  an area is in the list from before its first page is mapped until before its page tables go.
/// Lock order  Rank::mappings; Rank::mmap is held for writing.
#pragma once

#include "mm/vm/area.h"

namespace k::mm {

class AreaLinks {
 public:
  static void attach(Area& area);
  static void detach(Area& area);
  /// Changes where an attached area lies, and what it shows, in one step for those who walk the list.
  static void set_bounds(Area& area, std::uint64_t start, std::uint64_t end, std::uint64_t offset);

 private:
  static bool counts_as_writer(const Area& area) { return area.has(AreaFlag::shared) && area.has(AreaFlag::may_write); }
};

}  // namespace k::mm

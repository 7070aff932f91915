/// Inside mm/vm: one page fault while it is being handled.
#pragma once

#include "mm/vm/address_space.h"

namespace k::mm {

struct AddressSpace::FaultSite {
  Area& area;
  std::uint64_t page;  // address of the page
  Access access;
  Frame* leaf;                   // this space's own leaf table
  Entry& entry;                  // in it
  Pte seen;                      // the entry that the decision was made on
  std::uint32_t generation = 0;  // of the source's mappings, before a page is asked for

  /// Looked at under the leaf's lock: a removal of pages after this sees what is mapped here. False when the source has lost
  /// pages since, so that what it gave may be none of its own any more.
  bool source_unchanged() const {
    return !area.source || !area.source->lists_mappings() || area.source->mappings().generation() == generation;
  }
};

/// The zero page that every first read of anonymous memory shows: never counted, never freed. Made on first use.
Result<Frame*> zero_frame();

}  // namespace k::mm

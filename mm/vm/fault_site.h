/// Inside mm/vm: one page fault while it is being handled.
#pragma once

#include "mm/vm/address_space.h"

namespace k::mm {

struct AddressSpace::FaultSite {
  Area& area;
  std::uint64_t page;  // address of the page
  Access access;
  Frame* leaf;   // this space's own leaf table
  Entry& entry;  // in it
  Pte seen;      // the entry that the decision was made on
};

/// The zero page that every first read of anonymous memory shows: never counted, never freed. Made on first use.
Result<Frame*> zero_frame();

}  // namespace k::mm

// Removing pages from the page tables of a space whose lock is held for writing.
#include <algorithm>

#include "mm/vm/address_space.h"
#include "mm/vm/doomed.h"

namespace k::mm {

/// Before anything changes: the leaf tables at the range's ends, parts of which stay, become this space's own.
Result<void> AddressSpace::own_edges(std::uint64_t start, std::uint64_t end) {
  for (const std::uint64_t edge : {start, end}) {
    if (edge % kLeafBytes == 0) continue;
    Entry* slot = tables_.slot(edge);
    if (slot != nullptr && !load(*slot).empty()) TRY(own_leaf(*slot, edge, binding_));
  }
  return {};
}

/// Removes every page in [start, end). Leaf tables that no area needs any more are given up; the others are this space's
/// own (own_edges) or lie inside the range.
void AddressSpace::drop_pages(std::uint64_t start, std::uint64_t end, TlbGather& gather) {
  tables_.for_each_slot(start, end, [&](Entry& slot, std::uint64_t base) {
    const Area* other = areas_.first_above(base);
    if (other == nullptr || other->start >= base + kLeafBytes) return drop_leaf(slot, base, gather, &resident_);
    const auto index = [&](std::uint64_t at) { return static_cast<unsigned>((at - base) >> lib::kPageShift); };
    const unsigned first = index(std::max(start, base)), last = index(std::min(end, base + kLeafBytes));
    drop_entries(leaf_frame(load(slot)), {base, first, last}, gather, &resident_);
  });
}

/// Takes out every area in [start, end), whose borders are split, and its pages.
void AddressSpace::remove_range(std::uint64_t start, std::uint64_t end, Doomed& doomed) {
  peak_resident_.store(std::max(peak_resident_.load(std::memory_order_relaxed), resident_pages()),
                       std::memory_order_relaxed);
  while (Area* area = areas_.first_above(start)) {
    if (area->start >= end) break;
    take_out(*area, doomed);
  }
  TlbGather gather{binding_};
  drop_pages(start, end, gather);
}

Result<void> AddressSpace::unmap_locked(std::uint64_t start, std::uint64_t end, Doomed& doomed) {
  const Area* area = areas_.first_above(start);
  if (area == nullptr || area->start >= end) return {};
  close_around(start, end);
  TRY(own_edges(start, end));
  TRY(split_at(start));
  TRY(split_at(end));
  remove_range(start, end, doomed);
  return {};
}

/// The last use of the space is over and it is loaded nowhere: areas tell where its leaf tables are.
void AddressSpace::tear_down() {
  TlbGather gather{binding_, TlbGather::Mode::dead};
  for (AreaMap::Position p = areas_.position_above(0); const Area* area = areas_.at(p); p = areas_.next(p)) {
    tables_.for_each_slot(area->start, area->end,
                          [&](Entry& slot, std::uint64_t base) { drop_leaf(slot, base, gather, nullptr); });
  }
}

}  // namespace k::mm

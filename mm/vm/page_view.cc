// Looking at pages from outside, while faults of the space's threads go on.
#include <algorithm>

#include "kernel/sync/rcu.h"
#include "mm/vm/address_space.h"
#include "mm/vm/huge.h"

namespace k::mm {
namespace {

std::uint32_t references_of(const Frame& frame) { return frame.references.load(std::memory_order_relaxed); }

/// `sharers`: the spaces that the entry serves.
PageView view_of(std::uint64_t at, Pte pte, std::uint32_t sharers) {
  const Frame& frame = frame_of(pte.frame());
  PageView view{.address = at,
                .frame = &frame,
                .mappings = sharers,
                .is_zero_page = pte.special(),
                .is_huge = false,
                .referenced = (pte.raw() & Pte::kAccessed) != 0};
  const std::uint32_t own = frame.use == FrameUse::anonymous ? 1 : 2;  // the entry's, and the file's
  view.mappings += std::max(references_of(frame), own) - own;
  return view;
}

/// A block's frames have one reference for all that show it as a whole; more are entries of those who split it.
PageView view_in_block(std::uint64_t at, Pte huge) {
  PageView view = view_of(at, small_entry(huge, arch::level_index(at, 1)),
                          leaf_frame(huge).map_count.load(std::memory_order_relaxed));
  view.is_huge = true;
  return view;
}

}  // namespace

void AddressSpace::visit_pages(std::uint64_t start, std::uint64_t end, void (*visit)(void*, const PageView&),
                               void* context) const {
  tables_.for_each_slot(start, end, [&](Entry& slot, std::uint64_t base) {
    const sync::rcu::ReadGuard guard;  // a shared leaf table may be replaced meanwhile
    const std::uint64_t from = std::max(start, base), to = std::min(end, base + kLeafBytes);
    for (;;) {
      const Pte seen = load(slot);
      if (seen.empty()) return;
      Frame& table = seen.huge() ? frame_of(arch::virt_to_phys(&slot)) : leaf_frame(seen);
      const sync::LockHeld held{table.table_lock};
      if (load(slot) != seen) continue;
      const std::uint32_t sharers = seen.huge() || is_own_leaf(seen) ? 1 : references_of(table);
      for (std::uint64_t at = from; at < to; at += kPageSize) {
        if (seen.huge()) {
          visit(context, view_in_block(at, seen));
        } else if (const Pte pte = load(table_of(table).entries[arch::level_index(at, 1)]); !pte.empty()) {
          visit(context, view_of(at, pte, sharers));
        }
      }
      return;
    }
  });
}

}  // namespace k::mm

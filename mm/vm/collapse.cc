// MADV_COLLAPSE: blocks of small pages become huge pages now.
#include <algorithm>

#include "arch/include/arch/memory.h"
#include "mm/phys/page_alloc.h"
#include "mm/vm/area_parts.h"
#include "mm/vm/change.h"
#include "mm/vm/huge.h"

namespace k::mm {
namespace {

bool has_writable_entry(Frame& leaf) {
  return std::ranges::any_of(table_of(leaf).entries, [](Entry& entry) { return load(entry).writable(); });
}

/// Copies what the table shows, which no CPU sees any more. False when somebody else may write to one of the pages: who reads
/// or writes the space from outside holds its frame.
bool copy_pages(Frame& leaf, Frame& block) {
  for (unsigned i = 0; i < kHugeFrames; ++i) {
    const Pte pte = load(table_of(leaf).entries[i]);
    if (pte.empty() || pte.special()) continue;
    Frame& frame = frame_of(pte.frame());
    if (pte.writable() && frame.references.load(std::memory_order_acquire) != 1) return false;
    arch::copy_page(page_pointer(*(&block + i)), page_pointer(frame));
  }
  return true;
}

}  // namespace

/// The 2 MiB from `base`, which are the area's. INVAL: no page of them is writable as it stands; AGAIN: one is in use.
Result<void> AddressSpace::collapse_block(const Area& area, Entry& slot, std::uint64_t base) {
  const Pte seen = load(slot);
  if (seen.huge()) return {};
  if (!is_own_leaf(seen) || !has_writable_entry(leaf_frame(seen))) return err(Errno::inval);
  Frame* const block = allocate_huge();
  if (block == nullptr) return err(Errno::nomem);
  store(slot, Pte{});
  TlbGather{binding_}.changed(base, base + kLeafBytes);  // before copying: threads may be writing
  if (!copy_pages(leaf_frame(seen), *block)) {
    store(slot, seen);
    drop_share(*block);
    return err(Errno::again);
  }
  install_huge(slot, *block, page_protection(area.flags, PageWrite::yes));
  TlbGather gather{binding_};
  Entry old{seen.raw()};
  drop_leaf(old, base, gather, &resident_);
  resident_.add(*block, kHugeFrames);
  return {};
}

/// The whole blocks of [start, end), a part of the area. As Linux: one that is only read is passed over, and told of at the end; one
/// without a table ends it.
Result<void> AddressSpace::collapse_part(const Area& area, std::uint64_t start, std::uint64_t end) {
  const std::uint64_t first = lib::align_up(start, kLeafBytes), last = lib::align_down(end, kLeafBytes);
  if (!may_collapse(area) || last < first) return err(Errno::inval);
  Result<void> result{};
  for (std::uint64_t base = first; base < last; base += kLeafBytes) {
    Entry* const slot = tables_.slot(base);
    if (slot == nullptr || load(*slot).empty()) return err(Errno::inval);
    const auto done = collapse_block(area, *slot, base);
    if (done) continue;
    if (done.error() == Errno::nomem) return done;
    result = done;
  }
  return result;
}

Result<void> AddressSpace::collapse(std::uint64_t start, std::uint64_t end) {
  const Change change{*this};
  close_around(start, end);
  return for_each_part(start, end, [this](const Area& area, std::uint64_t from, std::uint64_t to) {
    return collapse_part(area, from, to);
  });
}

}  // namespace k::mm

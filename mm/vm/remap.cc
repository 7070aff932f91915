// mremap(2).
#include <algorithm>

#include <linux/mman.h>

#include "kernel/lib/assert.h"
#include "mm/vm/change.h"
#include "mm/vm/commit.h"
#include "mm/vm/doomed.h"
#include "mm/vm/placement.h"

namespace k::mm {
namespace {

constexpr unsigned kKnownFlags = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;

bool overlaps(std::uint64_t a, std::uint64_t a_bytes, std::uint64_t b, std::uint64_t b_bytes) {
  return a < b + b_bytes && b < a + a_bytes;
}

Result<void> check_remap(const AddressSpace::RemapRequest& r, std::uint64_t old_bytes, std::uint64_t new_bytes) {
  const bool fixed = (r.flags & MREMAP_FIXED) != 0, stay = (r.flags & MREMAP_DONTUNMAP) != 0;
  if ((r.flags & ~kKnownFlags) != 0 || r.address.page_offset() != 0 || new_bytes == 0) return err(Errno::inval);
  if ((fixed || stay) && (r.flags & MREMAP_MAYMOVE) == 0) return err(Errno::inval);
  if (stay && old_bytes != new_bytes) return err(Errno::inval);
  if (!fixed) return {};
  if (r.new_address.page_offset() != 0 || new_bytes > arch::kUserEnd ||
      r.new_address.value > arch::kUserEnd - new_bytes) {
    return err(Errno::inval);
  }
  if (overlaps(r.address.value, old_bytes, r.new_address.value, new_bytes)) return err(Errno::inval);
  return {};
}

}  // namespace

/// The area to be remapped: [address, address + bytes) lies in one area, which may be resized as asked.
Result<Area*> AddressSpace::area_to_remap(const RemapRequest& r, std::uint64_t old_bytes, std::uint64_t new_bytes,
                                          const MemoryLimits& limits) const {
  Area* area = areas_.find(r.address.value);
  if (area == nullptr) return err(Errno::fault);
  if (old_bytes == 0 && !area->has(AreaFlag::shared)) return err(Errno::inval);
  if ((r.flags & MREMAP_DONTUNMAP) != 0 && (area->has(AreaFlag::fixed_size) || area->has(AreaFlag::stack)))
    return err(Errno::inval);
  if (old_bytes > area->end - r.address.value) return err(Errno::fault);
  if (new_bytes <= old_bytes) return area;
  if (area->has(AreaFlag::fixed_size)) return err(Errno::fault);
  TRY(check_limits(area->flags, (new_bytes - old_bytes) >> lib::kPageShift, limits));
  return area;
}

/// Extends the area in place if what follows is free.
Result<void> AddressSpace::grow_in_place(Area& area, std::uint64_t bytes) {
  const std::uint64_t end = area.end + bytes;
  const Area* next = areas_.next_of(area);
  if (end > arch::kUserEnd || (next != nullptr && next->start < end)) return err(Errno::nomem);
  if (area.has(AreaFlag::charged)) TRY(charge_commit(bytes >> lib::kPageShift));
  close(area.start, area.end);
  areas_.set_bounds(area, area.start, end, area.offset);
  account(area.flags, static_cast<std::int64_t>(bytes >> lib::kPageShift));
  merge_with_next(area);
  return {};
}

/// Leaf tables for all that moves exist and are this space's own, at both ends: moving cannot fail.
Result<void> AddressSpace::prepare_move(std::uint64_t from, std::uint64_t to, std::uint64_t bytes) {
  TRY(own_range(from, from + bytes));
  for (std::uint64_t at = lib::align_down(to, kLeafBytes); at < to + bytes; at += kLeafBytes) {
    const std::uint64_t first = std::max(at, to), source = from + (first - to);
    bool needed = false;
    tables_.for_each_slot(source, source + (std::min(at + kLeafBytes, to + bytes) - first),
                          [&](Entry&, std::uint64_t) { needed = true; });
    if (!needed) continue;
    Entry* slot = TRY(tables_.make_slot(at));
    TRY(own_leaf(*slot, at, binding_));
  }
  return {};
}

/// Takes the pages of [from, from + bytes) to `to`.
void AddressSpace::move_pages(std::uint64_t from, std::uint64_t to, std::uint64_t bytes) {
  TlbGather gather{binding_};
  tables_.for_each_slot(from, from + bytes, [&](Entry& slot, std::uint64_t base) {
    Frame& leaf = leaf_frame(load(slot));
    for (std::uint64_t at = std::max(from, base); at < std::min(from + bytes, base + kLeafBytes); at += kPageSize) {
      Entry& entry = table_of(leaf).entries[arch::level_index(at, 1)];
      if (load(entry).empty()) continue;
      Pte pte;
      {
        const sync::LockHeld held{leaf.table_lock};
        pte = load(entry);
        if (pte.empty()) continue;
        store(entry, Pte{});
        count_entries(leaf, -1);
      }
      gather.changed(at);
      const std::uint64_t target = to + (at - from);
      Frame& other = leaf_frame(load(*tables_.slot(target)));
      const sync::LockHeld held{other.table_lock};
      store(table_of(other).entries[arch::level_index(target, 1)], pte);
      count_entries(other, 1);
    }
  });
}

/// Moves `old_bytes` of `area` to a new place of `new_bytes`.
Result<UserAddr> AddressSpace::move_area(Area& area, const RemapRequest& r, std::uint64_t old_bytes,
                                         std::uint64_t new_bytes, Doomed& doomed) {
  const bool stays = (r.flags & MREMAP_DONTUNMAP) != 0 || old_bytes == 0;
  const std::uint64_t from = r.address.value;
  Area moved;
  moved.flags = area.flags;
  moved.policy = area.policy;
  moved.source = area.source;
  moved.offset = area.source ? area.source_index(from) : 0;
  const MapRequest request{.address = r.new_address,
                           .bytes = new_bytes,
                           .flags = area.flags,
                           .placement = (r.flags & MREMAP_FIXED) != 0 ? Placement::fixed : Placement::hint};
  TRY(areas_.reserve(3));
  moved.start = TRY(place_for(request, new_bytes, doomed));
  moved.end = moved.start + new_bytes;
  close(std::min(from, moved.start), std::max(from + old_bytes, moved.end));
  const std::uint64_t carried = std::min(old_bytes, new_bytes);
  TRY(prepare_move(from, moved.start, carried));
  if (area.has(AreaFlag::charged)) TRY(charge_commit(new_bytes >> lib::kPageShift));
  if (auto added = add_area(moved); !added) {
    if (moved.has(AreaFlag::charged)) uncharge_commit(new_bytes >> lib::kPageShift);
    return err(added.error());
  }
  move_pages(from, moved.start, carried);
  if (!stays) TRY(unmap_locked(from, from + old_bytes, doomed));
  return UserAddr{moved.start};
}

Result<UserAddr> AddressSpace::remap_locked(const RemapRequest& r, std::uint64_t old_bytes, std::uint64_t new_bytes,
                                            const MemoryLimits& limits, Doomed& doomed) {
  if ((r.flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) == 0 && new_bytes <= old_bytes && old_bytes != 0) {
    if (areas_.find(r.address.value) == nullptr) return err(Errno::fault);
    if (new_bytes < old_bytes) TRY(unmap_locked(r.address.value + new_bytes, r.address.value + old_bytes, doomed));
    return r.address;
  }
  Area* area = TRY(area_to_remap(r, old_bytes, new_bytes, limits));
  if ((r.flags & MREMAP_FIXED) != 0 && new_bytes < old_bytes) {
    TRY(unmap_locked(r.address.value + new_bytes, r.address.value + old_bytes, doomed));
    return move_area(*areas_.find(r.address.value), r, new_bytes, new_bytes, doomed);
  }
  const bool at_end = old_bytes != 0 && area->end == r.address.value + old_bytes;
  if ((r.flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) == 0 && at_end && grow_in_place(*area, new_bytes - old_bytes))
    return r.address;
  if ((r.flags & MREMAP_MAYMOVE) == 0) return err(Errno::nomem);
  return move_area(*area, r, old_bytes, new_bytes, doomed);
}

Result<UserAddr> AddressSpace::remap(const RemapRequest& r, const MemoryLimits& limits) {
  const std::uint64_t old_bytes = lib::align_up(r.old_bytes, kPageSize),
                      new_bytes = lib::align_up(r.new_bytes, kPageSize);
  TRY(check_remap(r, old_bytes, new_bytes));
  Doomed doomed;
  UserAddr result;
  bool lock_new = false;
  {
    const Change change{*this};
    result = TRY(remap_locked(r, old_bytes, new_bytes, limits, doomed));
    const Area* area = areas_.find(result.value);
    lock_new = area != nullptr && area->has(AreaFlag::locked) && new_bytes > old_bytes;
  }
  if (lock_new) (void)populate(result + old_bytes, new_bytes - old_bytes, Write::no);
  return result;
}

}  // namespace k::mm

// madvise(2).
#include <algorithm>

#include <linux/mman.h>

#include "mm/vm/area_parts.h"
#include "mm/vm/change.h"
#include "mm/vm/doomed.h"
#include "mm/vm/huge.h"
#include "mm/vm/range.h"

namespace k::mm {
namespace {

constexpr AreaFlags kReadAhead = AreaFlag::random_access | AreaFlag::sequential_access;
constexpr AreaFlags kHuge = AreaFlag::huge | AreaFlag::no_huge;

/// Advice that only changes flags of areas.
struct FlagChange {
  AreaFlags remove, add;
};
bool flag_change(int advice, FlagChange& change) {
  switch (advice) {
    case MADV_NORMAL:
      change = {kReadAhead, {}};
      return true;
    case MADV_RANDOM:
      change = {kReadAhead, AreaFlag::random_access};
      return true;
    case MADV_SEQUENTIAL:
      change = {kReadAhead, AreaFlag::sequential_access};
      return true;
    case MADV_DONTFORK:
      change = {{}, AreaFlag::no_fork};
      return true;
    case MADV_DOFORK:
      change = {AreaFlag::no_fork, {}};
      return true;
    case MADV_WIPEONFORK:
      change = {{}, AreaFlag::wipe_on_fork};
      return true;
    case MADV_KEEPONFORK:
      change = {AreaFlag::wipe_on_fork, {}};
      return true;
    case MADV_DONTDUMP:
      change = {{}, AreaFlag::no_dump};
      return true;
    case MADV_DODUMP:
      change = {AreaFlag::no_dump, {}};
      return true;
    case MADV_HUGEPAGE:
      change = {kHuge, AreaFlag::huge};
      return true;
    case MADV_NOHUGEPAGE:
      change = {kHuge, AreaFlag::no_huge};
      return true;
    default:
      return false;
  }
}

Result<void> may_change(const Area& area, int advice) {
  if (advice == MADV_DOFORK && area.has(AreaFlag::fixed_size)) return err(Errno::inval);
  if (advice == MADV_WIPEONFORK && (area.source || area.has(AreaFlag::shared))) return err(Errno::inval);
  return {};
}

/// Whether an area's pages may be thrown away as asked.
Result<void> may_drop(const Area& area, int advice) {
  if (area.has(AreaFlag::locked) && advice != MADV_DONTNEED_LOCKED) return err(Errno::inval);
  if (advice == MADV_FREE && (area.source || area.has(AreaFlag::shared))) return err(Errno::inval);
  return {};
}

}  // namespace

Result<void> AddressSpace::advise_flags(std::uint64_t start, std::uint64_t end, int advice) {
  FlagChange edit;
  flag_change(advice, edit);
  const Change change{*this};
  TRY(areas_.reserve(2));
  close_around(start, end);
  bool hole = false;
  for (std::uint64_t at = start; at < end;) {
    Area* area = areas_.first_above(at);
    if (area == nullptr || area->start >= end) return merge_around(start, end), err(Errno::nomem);
    hole = hole || area->start > at;
    at = std::max(at, area->start);
    TRY(may_change(*area, advice));
    const AreaFlags flags = area->flags.without(edit.remove) | edit.add;
    if (!(flags == area->flags)) {
      TRY(split_at(at));
      TRY(split_at(end));
      area = areas_.find(at);
      area->flags = flags;
    }
    at = area->end;
  }
  merge_around(start, end);
  if (hole) return err(Errno::nomem);
  return {};
}

/// MADV_DONTNEED and MADV_FREE: the pages go now; the next access finds zeros, or the source's page again. The lock is held for
/// reading: faults of other threads go on.
Result<void> AddressSpace::discard(std::uint64_t start, std::uint64_t end, int advice) {
  const sync::ReadHeld held{lock_};
  TlbGather gather{binding_};
  return for_each_part(start, end, [&](const Area& area, std::uint64_t from, std::uint64_t to) -> Result<void> {
    TRY(may_drop(area, advice));
    return discard_pages(from, to, gather);
  });
}

Result<void> AddressSpace::discard_pages(std::uint64_t start, std::uint64_t end, TlbGather& gather) {
  Result<void> result{};
  tables_.for_each_slot(start, end, [&](Entry& slot, std::uint64_t base) {
    if (!result) return;
    const bool whole = start <= base && base + kLeafBytes <= end;
    if (whole && drop_huge(slot, load(slot), base, gather, &resident_)) return;
    const auto leaf = own_leaf(slot, base, binding_);
    if (!leaf) return void(result = err(leaf.error()));
    const auto index = [&](std::uint64_t at) { return static_cast<unsigned>((at - base) >> lib::kPageShift); };
    drop_entries(**leaf, {base, index(std::max(start, base)), index(std::min(end, base + kLeafBytes))}, gather,
                 &resident_);
  });
  return result;
}

/// MADV_REMOVE: the source loses the pages, whoever maps them. The lock is dropped around each area's part: the source takes locks
/// that come before it.
Result<void> AddressSpace::punch(std::uint64_t start, std::uint64_t end) {
  bool hole = false;
  for (std::uint64_t at = start; at < end;) {
    RefOrNull<PageSource> source;
    std::uint64_t first = 0, count = 0;
    {
      const sync::ReadHeld held{lock_};
      const Area* area = areas_.first_above(at);
      if (area == nullptr || area->start >= end) return err(Errno::nomem);
      hole = hole || area->start > at;
      at = std::max(at, area->start);
      if (area->has(AreaFlag::locked) || !area->source) return err(Errno::inval);
      if (!area->has(AreaFlag::shared) || !area->has(AreaFlag::write)) return err(Errno::acces);
      source = area->source;
      first = area->source_index(at);
      count = (std::min(end, area->end) - at) >> lib::kPageShift;
      at = std::min(end, area->end);
    }
    TRY(source->remove_pages(first, count));
  }
  if (hole) return err(Errno::nomem);
  return {};
}

Result<void> AddressSpace::advise(UserAddr start, std::uint64_t bytes, int advice) {
  FlagChange ignored;
  const bool flags_only = flag_change(advice, ignored);
  const bool known = flags_only || (advice >= MADV_WILLNEED && advice <= MADV_DONTNEED) || advice == MADV_FREE ||
                     advice == MADV_REMOVE || (advice >= MADV_COLD && advice <= MADV_COLLAPSE);
  if (!known || start.page_offset() != 0) return err(Errno::inval);
  const std::uint64_t rounded = lib::align_up(bytes, kPageSize);
  if (rounded < bytes || start.value + rounded < start.value) return err(Errno::inval);
  if (rounded == 0) return {};
  if (start.value > arch::kUserEnd || rounded > arch::kUserEnd - start.value) return err(Errno::nomem);
  const std::uint64_t end = start.value + rounded;
  if (flags_only) return advise_flags(start.value, end, advice);
  if (advice == MADV_REMOVE) return punch(start.value, end);
  switch (advice) {
    case MADV_DONTNEED:
    case MADV_DONTNEED_LOCKED:
    case MADV_FREE:
      return discard(start.value, end, advice);
    case MADV_COLLAPSE:
      return collapse(start.value, end);
    case MADV_POPULATE_READ:
      return populate(start, rounded, Write::no);
    case MADV_POPULATE_WRITE:
      return populate(start, rounded, Write::yes);
    default: {  // WILLNEED, COLD, PAGEOUT: hints about memory that has no slower tier below it
      const sync::ReadHeld held{lock_};
      return check_covered(start.value, end);
    }
  }
}

}  // namespace k::mm

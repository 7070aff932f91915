// mprotect(2).
#include <algorithm>

#include "kernel/lib/assert.h"
#include "mm/vm/change.h"
#include "mm/vm/commit.h"
#include "mm/vm/range.h"

namespace k::mm {
namespace {

constexpr AreaFlags kProtection = AreaFlag::read | AreaFlag::write | AreaFlag::execute;

/// Whether the area may get `protection`: may_* are the same bits, shifted.
bool may_have(const Area& area, AreaFlags protection) {
  const auto allowed = AreaFlags::from_bits((area.flags.bits() >> 4) & kProtection.bits());
  return protection.without(allowed).empty();
}

/// The entry of a page whose area now has `flags`.
Pte with_protection(Pte pte, AreaFlags flags) {
  pte = hidden(pte);
  if (!is_accessible(flags)) return pte;
  return pte.with(Pte::kPresent | (flags.has(AreaFlag::execute) ? 0 : Pte::kNoExecute));
}

/// Whether a page may be writable at once, without the fault that would copy or report it.
bool may_write_now(Pte pte, AreaFlags flags) {
  if (!flags.has(AreaFlag::write) || flags.has(AreaFlag::shared) || pte.special()) return false;
  const Frame& frame = frame_of(pte.frame());
  return frame.use == FrameUse::anonymous && frame.references.load(std::memory_order_acquire) == 1;
}

}  // namespace

/// Gives the pages of [start, end) the rights of `flags`. The tables are this space's own.
void AddressSpace::protect_pages(std::uint64_t start, std::uint64_t end, AreaFlags flags, TlbGather& gather) {
  tables_.for_each_slot(start, end, [&](Entry& slot, std::uint64_t base) {
    Frame& leaf = leaf_frame(load(slot));
    const sync::LockHeld held{leaf.table_lock};
    unsigned left = leaf.map_count.load(std::memory_order_relaxed);
    for (std::uint64_t at = std::max(start, base); left > 0 && at < std::min(end, base + kLeafBytes); at += kPageSize) {
      Entry& entry = table_of(leaf).entries[arch::level_index(at, 1)];
      const Pte old = load(entry);
      if (old.empty()) continue;
      --left;
      Pte pte = with_protection(old, flags);
      if (may_write_now(old, flags)) pte = pte.with(Pte::kWrite | Pte::kDirty);
      if (pte == old) continue;
      store(entry, pte);
      gather.changed(at);
    }
  });
}

Result<void> AddressSpace::own_range(std::uint64_t start, std::uint64_t end) {
  Result<void> result{};
  tables_.for_each_slot(start, end, [&](Entry& slot, std::uint64_t base) {
    if (!result || is_own_leaf(load(slot))) return;
    if (auto leaf = own_leaf(slot, base, binding_); !leaf) result = err(leaf.error());
  });
  return result;
}

/// One area, whose borders lie inside the range already.
Result<void> AddressSpace::protect_area(Area& area, AreaFlags protection, TlbGather& gather) {
  HT_ASSERT(is_closed(area));
  AreaFlags flags = area.flags.without(kProtection) | protection;
  const bool charge =
      flags.has(AreaFlag::write) && !(flags & (AreaFlag::shared | AreaFlag::charged | AreaFlag::no_reserve)).bits();
  if (charge) {
    TRY(charge_commit(area.pages()));
    flags = flags | AreaFlag::charged;
  }
  const auto pages = static_cast<std::int64_t>(area.pages());
  account(area.flags, -pages);
  area.flags = flags;
  account(area.flags, pages);
  protect_pages(area.start, area.end, flags, gather);
  return {};
}

Result<void> AddressSpace::protect(UserAddr start, std::uint64_t bytes, AreaFlags protection) {
  const PageRange range = TRY(mapped_range(start, bytes));
  if (range.start == range.end) return {};
  const Change change{*this};
  TRY(areas_.reserve(2));
  close_around(range.start, range.end);
  TRY(own_range(range.start, range.end));
  const auto result = protect_locked(range.start, range.end, protection);
  merge_around(range.start, range.end);
  return result;
}

Result<void> AddressSpace::protect_down(UserAddr start, std::uint64_t bytes, AreaFlags protection) {
  const PageRange range = TRY(mapped_range(start, bytes));
  std::uint64_t from = 0;
  {
    const sync::ReadHeld held{lock_};
    const Area* area = areas_.first_above(range.start);
    if (area == nullptr || area->start >= range.end) return err(Errno::nomem);
    if (!area->has(AreaFlag::grows_down)) return err(Errno::inval);
    from = area->start;
  }
  return protect(UserAddr{from}, range.end - from, protection);
}

/// As Linux: what lies before the first hole or refusal is changed.
Result<void> AddressSpace::protect_locked(std::uint64_t start, std::uint64_t end, AreaFlags protection) {
  TlbGather gather{binding_};
  for (std::uint64_t at = start; at < end;) {
    Area* area = areas_.first_above(at);
    if (area == nullptr || area->start > at) return err(Errno::nomem);
    if (!may_have(*area, protection)) return err(Errno::acces);
    const bool same = (area->flags & kProtection) == protection;
    if (!same) {
      TRY(split_at(at));
      TRY(split_at(end));
      area = areas_.first_above(at);
      TRY(protect_area(*area, protection, gather));
    }
    at = area->end;
  }
  return {};
}

}  // namespace k::mm

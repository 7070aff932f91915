// mlock(2), mlock2(2), munlock(2), mlockall(2), munlockall(2), and faulting ranges in.
#include <algorithm>

#include <linux/mman.h>

#include "kernel/lib/assert.h"
#include "mm/vm/change.h"
#include "mm/vm/range.h"

namespace k::mm {
namespace {

constexpr AreaFlags kLockFlags = AreaFlag::locked | AreaFlag::lock_on_fault;

AreaFlags flags_for(AddressSpace::LockMode mode) {
  switch (mode) {
    case AddressSpace::LockMode::unlock:
      return {};
    case AddressSpace::LockMode::lock:
      return AreaFlag::locked;
    case AddressSpace::LockMode::on_fault:
      return kLockFlags;
  }
  return {};
}

}  // namespace

/// Sets the lock flags of [start, end); pages of holes are skipped and reported.
Result<void> AddressSpace::set_locked(std::uint64_t start, std::uint64_t end, AreaFlags lock) {
  TRY(areas_.reserve(2));
  close_around(start, end);
  bool hole = false;
  for (std::uint64_t at = start; at < end;) {
    Area* area = areas_.first_above(at);
    if (area == nullptr || area->start > at) hole = true;
    if (area == nullptr || area->start >= end) break;
    at = std::max(at, area->start);
    const AreaFlags flags = area->flags.without(kLockFlags) | lock;
    if (!(flags == area->flags)) {
      TRY(split_at(at));
      TRY(split_at(end));
      area = areas_.find(at);
      HT_ASSERT(is_closed(*area));
      const auto pages = static_cast<std::int64_t>(area->pages());
      account(area->flags, -pages);
      area->flags = flags;
      account(area->flags, pages);
    }
    at = area->end;
  }
  merge_around(start, end);
  if (hole) return err(Errno::nomem);
  return {};
}

/// Pages of [start, end) that are locked already.
std::uint64_t AddressSpace::locked_pages_in(std::uint64_t start, std::uint64_t end) const {
  std::uint64_t pages = 0;
  for (AreaMap::Position p = areas_.position_above(start); const Area* area = areas_.at(p); p = areas_.next(p)) {
    if (area->start >= end) break;
    if (area->has(AreaFlag::locked))
      pages += (std::min(end, area->end) - std::max(start, area->start)) >> lib::kPageShift;
  }
  return pages;
}

Result<void> AddressSpace::lock(UserAddr start, std::uint64_t bytes, LockMode mode, const MemoryLimits& limits) {
  const std::uint64_t first = start.page_down().value;
  const PageRange range = TRY(mapped_range(UserAddr{first}, bytes + start.page_offset()));
  if (mode != LockMode::unlock && !limits.may_lock_any && limits.locked == 0) return err(Errno::perm);
  if (range.start == range.end) return {};
  {
    const Change change{*this};
    if (mode != LockMode::unlock && !limits.may_lock_any) {
      const std::uint64_t more =
          ((range.end - range.start) >> lib::kPageShift) - locked_pages_in(range.start, range.end);
      if (locked_pages_ + more > limits.locked >> lib::kPageShift) return err(Errno::nomem);
    }
    TRY(set_locked(range.start, range.end, flags_for(mode)));
  }
  if (mode != LockMode::lock) return {};
  if (auto there = populate_locked(range.start, range.end); !there)
    return err(there.error() == Errno::fault ? Errno::nomem : there.error());
  return {};
}

/// Faults in what may be read or written; areas without access are skipped, as mlock(2) does.
Result<void> AddressSpace::populate_locked(std::uint64_t start, std::uint64_t end) {
  for (std::uint64_t at = start; at < end;) {
    std::uint64_t from = 0, to = 0;
    bool wanted = false;
    Write write = Write::no;
    {
      const sync::ReadHeld held{lock_};
      const Area* area = areas_.first_above(at);
      if (area == nullptr || area->start >= end) return {};
      from = std::max(at, area->start);
      to = std::min(end, area->end);
      wanted = is_accessible(area->flags);
      if (area->has(AreaFlag::write) && !area->has(AreaFlag::shared)) write = Write::yes;
    }
    if (wanted) TRY(populate(UserAddr{from}, to - from, write));
    at = to;
  }
  return {};
}

Result<void> AddressSpace::lock_all(unsigned flags, const MemoryLimits& limits) {
  const bool current = (flags & MCL_CURRENT) != 0, future = (flags & MCL_FUTURE) != 0;
  const AreaFlags lock = (flags & MCL_ONFAULT) != 0 ? kLockFlags : AreaFlags{AreaFlag::locked};
  if (flags != 0 && !limits.may_lock_any && limits.locked == 0) return err(Errno::perm);
  {
    const Change change{*this};
    if (current && !limits.may_lock_any && total_pages_ > limits.locked >> lib::kPageShift) return err(Errno::nomem);
    default_flags_.store(future ? lock.bits() : 0, std::memory_order_relaxed);
    if (current || flags == 0) (void)set_locked(0, arch::kUserEnd, flags == 0 ? AreaFlags{} : lock);
  }
  if (current && (flags & MCL_ONFAULT) == 0) (void)populate_locked(0, arch::kUserEnd);
  return {};
}

Result<void> AddressSpace::populate(UserAddr start, std::uint64_t bytes, Write write) {
  const PageRange range = TRY(mapped_range(start, bytes));
  const Access access = write == Write::yes ? Access::write : Access::read;
  for (std::uint64_t at = range.start; at < range.end; at += kPageSize) {
    const Pte pte = tables_.find(at);
    if (pte.present() && (write == Write::no || pte.writable())) continue;
    switch (repair(UserAddr{at}, access)) {
      case Fault::resolved:
        break;
      case Fault::not_mapped:
      case Fault::no_memory:
        return err(Errno::nomem);
      case Fault::not_permitted:
        return err(Errno::inval);
      case Fault::no_page:
        return err(Errno::fault);
    }
  }
  return {};
}

}  // namespace k::mm

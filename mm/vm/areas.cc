// Changes of the set of areas: adding, splitting, merging, taking out, and their accounting. The space's lock is held
// for writing.
#include <algorithm>

#include "kernel/lib/assert.h"
#include "mm/vm/address_space.h"
#include "mm/vm/area_links.h"
#include "mm/vm/commit.h"
#include "mm/vm/doomed.h"

namespace k::mm {
namespace {

constexpr AreaFlags kWritePrivate = AreaFlags{AreaFlag::write} | AreaFlag::shared | AreaFlag::grows_down;

/// RLIMIT_DATA counts private writable memory that is no stack.
bool is_data(AreaFlags flags) { return (flags & kWritePrivate) == AreaFlags{AreaFlag::write}; }
bool is_code(AreaFlags flags) { return flags.has(AreaFlag::execute) && !flags.has(AreaFlag::write); }

bool can_merge(const Area& low, const Area& high) {
  if (low.end != high.start || !(low.flags == high.flags) || !(low.source == high.source)) return false;
  if (!(low.policy == high.policy)) return false;
  return !low.source || (low.offset + low.pages() == high.offset && !low.source->counts_areas());
}

}  // namespace

void AddressSpace::account(AreaFlags flags, std::int64_t pages) {
  const auto n = static_cast<std::uint64_t>(pages);
  total_pages_ += n;
  if (is_data(flags)) data_pages_ += n;
  if (flags.has(AreaFlag::grows_down)) stack_pages_ += n;
  if (is_code(flags)) code_pages_ += n;
  if (flags.has(AreaFlag::locked)) locked_pages_ += n;
  if (flags.has(AreaFlag::charged)) charged_pages_ += n;
}

Result<void> AddressSpace::check_limits(AreaFlags flags, std::uint64_t pages, const MemoryLimits& limits) const {
  if (total_pages_ + pages > limits.address_space >> lib::kPageShift) return err(Errno::nomem);
  if (is_data(flags) && data_pages_ + pages > limits.data >> lib::kPageShift) return err(Errno::nomem);
  if (flags.has(AreaFlag::locked) && !limits.may_lock_any && locked_pages_ + pages > limits.locked >> lib::kPageShift) {
    return err(Errno::again);
  }
  return {};
}

/// Adds an area like `description`, or widens a neighbour that fits; the range is free and room in the map is reserved.
Result<void> AddressSpace::add_area(const Area& description) {
  const AreaMap::Position above = areas_.position_above(description.start);
  if (Area* low = areas_.before(above); low != nullptr && can_merge(*low, description)) {
    close(low->start, low->end);
    areas_.set_bounds(*low, low->start, description.end, low->offset);
    account(low->flags, static_cast<std::int64_t>(description.pages()));
    merge_with_next(*low);
    return {};
  }
  if (Area* high = areas_.at(above); high != nullptr && can_merge(description, *high)) {
    close(high->start, high->end);
    areas_.set_bounds(*high, description.start, high->end, description.offset);
    account(high->flags, static_cast<std::int64_t>(description.pages()));
    return {};
  }
  TRY(areas_.reserve(1));
  Area& area = *TRY(lib::make<Area>()).release();
  area.start = description.start;
  area.end = description.end;
  area.flags = description.flags;
  area.policy = description.policy;
  area.source = description.source;
  area.offset = description.offset;
  area.space = this;
  areas_.insert(area);
  AreaLinks::attach(area);
  account(area.flags, static_cast<std::int64_t>(area.pages()));
  return {};
}

/// Makes `address` the border of two areas if it lies inside one.
Result<void> AddressSpace::split_at(std::uint64_t address) {
  Area* low = areas_.find(address);
  if (low == nullptr || low->start == address) return {};
  HT_ASSERT(is_closed(*low));
  TRY(areas_.reserve(1));
  Area& high = *TRY(lib::make<Area>()).release();
  high.start = address;
  high.end = low->end;
  high.flags = low->flags;
  high.policy = low->policy;
  high.source = low->source;
  high.offset = low->source_index(address);
  high.space = this;
  // Attached first: unmap_pages may see a page in both areas, never in none.
  AreaLinks::attach(high);
  areas_.set_bounds(*low, low->start, address, low->offset);
  areas_.insert(high);
  return {};
}

void AddressSpace::merge_with_next(Area& area) {
  Area* next = areas_.next_of(area);
  if (next == nullptr || !can_merge(area, *next)) return;
  const std::uint64_t end = next->end;
  close(area.start, end);
  areas_.erase(*next);
  areas_.set_bounds(area, area.start, end, area.offset);
  AreaLinks::detach(*next);
  delete next;  // drops a reference of a source that `area` holds too: never the last
}

/// Joins what became alike among the areas that touch [start, end).
void AddressSpace::merge_around(std::uint64_t start, std::uint64_t end) {
  Area* area = areas_.first_above(start == 0 ? 0 : start - 1);
  while (area != nullptr && area->start <= end) {
    const std::uint64_t before = area->end;
    merge_with_next(*area);
    if (area->end == before) area = areas_.next_of(*area);
  }
}

void AddressSpace::take_out(Area& area, Doomed& doomed) {
  HT_ASSERT(is_closed(area));
  AreaLinks::detach(area);
  areas_.erase(area);
  account(area.flags, -static_cast<std::int64_t>(area.pages()));
  if (area.has(AreaFlag::charged)) uncharge_commit(area.pages());
  doomed.add(area);
}

/// NOMEM unless areas cover [start, end) without a hole.
Result<void> AddressSpace::check_covered(std::uint64_t start, std::uint64_t end) const {
  AreaMap::Position p = areas_.position_above(start);
  for (std::uint64_t at = start; at < end; p = areas_.next(p)) {
    const Area* area = areas_.at(p);
    if (area == nullptr || area->start > at) return err(Errno::nomem);
    at = area->end;
  }
  return {};
}

}  // namespace k::mm

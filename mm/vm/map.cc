// mmap(2).
#include <algorithm>

#include "arch/include/arch/memory.h"
#include "mm/vm/change.h"
#include "mm/vm/commit.h"
#include "mm/vm/doomed.h"
#include "mm/vm/placement.h"
#include "mm/vm/range.h"

namespace k::mm {
namespace {

bool is_charged(const MapRequest& r) {
  if (r.flags.has(AreaFlag::shared) || !r.flags.has(AreaFlag::write)) return false;
  return !r.flags.has(AreaFlag::no_reserve) || overcommit() == Overcommit::never;
}

}  // namespace

/// Where a mapping without a fixed place goes: at the hint if that is free, else from mmap_base down, else from the bottom up.
Result<std::uint64_t> AddressSpace::choose_place(const MapRequest& request, std::uint64_t bytes) const {
  if (bytes > arch::kUserEnd - kLowestMapping) return err(Errno::nomem);
  if (const std::uint64_t hint = request.address.page_down().value; hint != 0) {
    const std::uint64_t wanted = std::max(hint, kLowestMapping);
    const AreaMap::Room exact{.low = wanted, .high = wanted + bytes, .bytes = bytes, .guard = kStackGuardBytes};
    if (wanted <= arch::kUserEnd - bytes && areas_.find_room_above(exact)) return wanted;
  }
  if (request.placement == Placement::below_2g) {
    // Linux's span for MAP_32BIT, mmap(2).
    const AreaMap::Room low{.low = 0x4000'0000, .high = 0x8000'0000, .bytes = bytes, .guard = kStackGuardBytes};
    const auto place = areas_.find_room_above(low);
    if (!place) return err(Errno::nomem);
    return *place;
  }
  const AreaMap::Room below{
      .low = kLowestMapping, .high = layout_.mmap_base, .bytes = bytes, .guard = kStackGuardBytes};
  if (const auto place = areas_.find_room_below(below)) return *place;
  const AreaMap::Room above{
      .low = layout_.mmap_base, .high = arch::kUserEnd, .bytes = bytes, .guard = kStackGuardBytes};
  if (const auto place = areas_.find_room_above(above)) return *place;
  return err(Errno::nomem);
}

Result<std::uint64_t> AddressSpace::place_for(const MapRequest& request, std::uint64_t bytes, Doomed& doomed) {
  if (request.placement <= Placement::below_2g) return choose_place(request, bytes);
  const PageRange range = TRY(fixed_range(request.address, bytes));
  if (request.placement == Placement::fixed) {
    TRY(unmap_locked(range.start, range.end, doomed));
  } else if (const Area* area = areas_.first_above(range.start); area != nullptr && area->start < range.end) {
    return err(Errno::exist);
  }
  return range.start;
}

Result<UserAddr> AddressSpace::map(const MapRequest& request, const MemoryLimits& limits) {
  const std::uint64_t bytes = lib::align_up(request.bytes, kPageSize);
  if (request.bytes == 0) return err(Errno::inval);
  if (bytes == 0) return err(Errno::nomem);
  if (request.source && request.offset + (bytes >> lib::kPageShift) < request.offset) return err(Errno::overflow);

  Doomed doomed;
  const Change change{*this};
  return map_locked(request, bytes, limits, doomed);
}

Result<UserAddr> AddressSpace::map_locked(const MapRequest& request, std::uint64_t bytes, const MemoryLimits& limits,
                                          Doomed& doomed) {
  const std::uint64_t pages = bytes >> lib::kPageShift;
  Area area;
  area.flags = request.flags | AreaFlags::from_bits(default_flags_.load(std::memory_order_relaxed));
  TRY(check_limits(area.flags, pages, limits));
  TRY(areas_.reserve(3));
  if (is_charged(request)) {
    TRY(charge_commit(pages));
    area.flags = area.flags | AreaFlag::charged;
  }
  const auto finish = [&]() -> Result<UserAddr> {
    area.start = TRY(place_for(request, bytes, doomed));
    area.end = area.start + bytes;
    area.source = request.source;
    area.offset = request.source ? request.offset : 0;
    TRY(add_area(area));
    return UserAddr{area.start};
  };
  auto mapped = finish();
  if (!mapped && area.has(AreaFlag::charged)) uncharge_commit(pages);
  return mapped;
}

}  // namespace k::mm

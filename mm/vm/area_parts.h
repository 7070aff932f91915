/// Inside mm/vm: walking the areas of a range as madvise(2) does.
#pragma once

#include <algorithm>

#include "mm/vm/address_space.h"

namespace k::mm {

template <class Visit>
Result<void> AddressSpace::for_each_part(std::uint64_t start, std::uint64_t end, Visit visit) const {
  bool hole = false;
  std::uint64_t at = start;
  for (AreaMap::Position p = areas_.position_above(start); at < end; p = areas_.next(p)) {
    const Area* const area = areas_.at(p);
    if (area == nullptr || area->start >= end) return err(Errno::nomem);
    hole = hole || area->start > at;
    TRY(visit(*area, std::max(at, area->start), std::min(end, area->end)));
    at = area->end;
  }
  if (hole) return err(Errno::nomem);
  return {};
}

}  // namespace k::mm

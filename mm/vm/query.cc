// mincore(2) and msync(2).
#include <algorithm>
#include <array>

#include <linux/mman.h>

#include "mm/phys/page_alloc.h"
#include "mm/vm/address_space.h"
#include "mm/vm/range.h"

namespace k::mm {
namespace {

/// Whether the source has the page at hand, for mincore of a page that is not mapped here.
bool is_cached(const Area& area, std::uint64_t address) {
  if (!area.source) return false;
  std::array<Frame*, 1> frame{};
  if (area.source->get_cached_pages(area.source_index(address), frame) == 0) return false;
  put_frame(*frame[0]);
  return true;
}

}  // namespace

Result<void> AddressSpace::resident(UserAddr start, std::span<std::uint8_t> out) {
  const sync::ReadHeld held{lock_};
  AreaMap::Position p = areas_.position_above(start.value);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint64_t at = start.value + i * kPageSize;
    const Area* area = areas_.at(p);
    if (area != nullptr && area->end <= at) {
      p = areas_.next(p);
      area = areas_.at(p);
    }
    if (area == nullptr || area->start > at) return err(Errno::nomem);
    out[i] = !tables_.find(at).empty() || is_cached(*area, at) ? 1 : 0;
  }
  return {};
}

Result<void> AddressSpace::sync(UserAddr start, std::uint64_t bytes, unsigned flags) {
  constexpr unsigned kKnown = MS_ASYNC | MS_INVALIDATE | MS_SYNC;
  if ((flags & ~kKnown) != 0 || start.page_offset() != 0) return err(Errno::inval);
  if ((flags & MS_ASYNC) != 0 && (flags & MS_SYNC) != 0) return err(Errno::inval);
  const std::uint64_t rounded = lib::align_up(bytes, kPageSize);
  if (start.value + rounded < start.value) return err(Errno::nomem);
  const std::uint64_t end = start.value + rounded;
  bool hole = false;
  for (std::uint64_t at = start.value; at < end;) {
    RefOrNull<PageSource> source;
    std::uint64_t first = 0, count = 0;
    {
      const sync::ReadHeld held{lock_};
      const Area* area = areas_.first_above(at);
      if (area == nullptr || area->start >= end) return err(Errno::nomem);
      hole = hole || area->start > at;
      at = std::max(at, area->start);
      if ((flags & MS_INVALIDATE) != 0 && area->has(AreaFlag::locked)) return err(Errno::busy);
      if ((flags & MS_SYNC) != 0 && area->has(AreaFlag::shared)) source = area->source;
      first = area->source_index(at);
      count = (std::min(end, area->end) - at) >> lib::kPageShift;
      at = area->end;
    }
    if (source) TRY(source->write_back(first, count));
  }
  if (hole) return err(Errno::nomem);
  return {};
}

}  // namespace k::mm

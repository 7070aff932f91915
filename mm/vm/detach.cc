// shmdt(2).
#include "mm/vm/change.h"
#include "mm/vm/doomed.h"

namespace k::mm {
namespace {

/// Whether the area shows a segment attached at `start`, in the place it had there.
bool is_part_of(const Area& area, std::uint64_t start) {
  return area.source && area.source->counts_areas() && area.start - start == area.offset * kPageSize;
}

}  // namespace

Result<void> AddressSpace::detach(UserAddr start) {
  if (start.page_offset() != 0) return err(Errno::inval);
  Doomed doomed;
  const Change change{*this};
  const Area* area = areas_.first_above(start.value);
  while (area != nullptr && !is_part_of(*area, start.value)) area = areas_.next_of(*area);
  if (area == nullptr) return err(Errno::inval);
  const PageSource* const source = area->source.get();
  const std::uint64_t end = start.value + lib::align_up(source->bytes(), kPageSize);
  while (area != nullptr && area->start < end) {
    const std::uint64_t area_start = area->start, area_end = area->end;
    if (is_part_of(*area, start.value) && area->source.get() == source) TRY(unmap_locked(area_start, area_end, doomed));
    area = areas_.first_above(area_end);
  }
  return {};
}

}  // namespace k::mm

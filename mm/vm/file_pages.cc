// remap_file_pages(2): a part of a shared mapping shows other pages of what it maps.
#include "mm/vm/change.h"
#include "mm/vm/doomed.h"

namespace k::mm {

/// The area at `start`, if it and the areas of the same kind right behind it cover [start, end).
const Area* AddressSpace::shared_run(std::uint64_t start, std::uint64_t end) const {
  const Area* const first = areas_.find(start);
  if (first == nullptr || !first->has(AreaFlag::shared)) return nullptr;
  for (const Area* last = first; last->end < end;) {
    const Area* const next = areas_.next_of(*last);
    if (next == nullptr || next->start != last->end || next->source != first->source || next->flags != first->flags)
      return nullptr;
    last = next;
  }
  return first;
}

Result<void> AddressSpace::show_pages(UserAddr start, std::uint64_t bytes, std::uint64_t first_page,
                                      const MemoryLimits& limits) {
  const std::uint64_t from = start.page_down().value, length = lib::align_down(bytes, kPageSize);
  if (from + length <= from || first_page + (length >> lib::kPageShift) < first_page) return err(Errno::inval);
  Doomed doomed;
  const Change change{*this};
  const Area* const area = shared_run(from, from + length);
  if (area == nullptr) return err(Errno::inval);
  const MapRequest request{.address = UserAddr{from},
                           .bytes = length,
                           .flags = area->flags,
                           .placement = Placement::fixed,
                           .source = area->source,
                           .offset = first_page};
  // The place of the old mapping among the writers may go before the new one has its own.
  const bool is_writer = area->source->lists_mappings() && area->has(AreaFlag::may_write);
  if (is_writer) TRY(request.source->mappings().add_writer());
  const auto mapped = map_locked(request, length, limits, doomed);
  if (is_writer) request.source->mappings().drop_writer();
  if (!mapped) return err(mapped.error());
  return {};
}

}  // namespace k::mm

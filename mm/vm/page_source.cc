#include "mm/vm/page_source.h"

#include <algorithm>

#include "mm/vm/address_space.h"
#include "mm/vm/area_links.h"

namespace k::mm {

PageSource::~PageSource() = default;

Result<void> PageSource::write_back(std::uint64_t, std::uint64_t) { return {}; }

Result<void> PageSource::remove_pages(std::uint64_t, std::uint64_t) { return err(Errno::opnotsupp); }

void AreaLinks::attach(Area& area) {
  if (!area.source || !area.source->lists_mappings()) return;
  SourceMappings& mappings = area.source->mappings();
  if (counts_as_writer(area)) mappings.writers_.fetch_add(1, std::memory_order_relaxed);
  if (area.source->counts_areas()) area.source->area_added();
  sync::Locked list{mappings.list_};
  list->push_back(area);
}

void AreaLinks::detach(Area& area) {
  if (!area.source || !area.source->lists_mappings()) return;
  SourceMappings& mappings = area.source->mappings();
  if (counts_as_writer(area)) mappings.drop_writer();
  {
    sync::Locked list{mappings.list_};
    list->erase(list->iterator_to(area));
  }
  if (area.source->counts_areas()) area.source->area_removed();
}

void AreaLinks::set_bounds(Area& area, std::uint64_t start, std::uint64_t end, std::uint64_t offset) {
  const auto change = [&] {
    area.start = start;
    area.end = end;
    area.offset = offset;
  };
  if (!area.source || !area.source->lists_mappings()) return change();
  sync::Locked list{area.source->mappings().list_};
  change();
}

Result<void> SourceMappings::add_writer() {
  std::int32_t now = writers_.load(std::memory_order_relaxed);
  do {
    if (now < 0) return err(Errno::perm);
  } while (!writers_.compare_exchange_weak(now, now + 1, std::memory_order_acq_rel));
  return {};
}

Result<void> SourceMappings::refuse_writers() {
  std::int32_t none = 0;
  if (writers_.compare_exchange_strong(none, -1, std::memory_order_acq_rel) || none < 0) return {};
  return err(Errno::busy);
}

bool SourceMappings::is_mapped() const {
  sync::Locked list{list_};
  return !list->empty();
}

void SourceMappings::unmap_pages(std::uint64_t first, std::uint64_t count, Copies copies) {
  generation_.fetch_add(1, std::memory_order_acq_rel);
  sync::Locked list{list_};
  for (MappingLink& link : *list) {
    const Area& area = static_cast<const Area&>(link);
    const std::uint64_t last = count > ~first ? ~std::uint64_t{0} : first + count;
    const std::uint64_t from = std::max(first, area.offset), to = std::min(last, area.offset + area.pages());
    if (from >= to) continue;
    const auto address = [&](std::uint64_t index) { return area.start + (index - area.offset) * kPageSize; };
    area.space->forget_source_pages(address(from), address(to), copies);
  }
}

/// Called with the list locked and without the space's lock: the area stays attached, so its tables stay; a table that is being
/// replaced by a copy is noticed by looking at its slot again under its lock, and lives until the next grace period.
void AddressSpace::forget_source_pages(std::uint64_t start, std::uint64_t end, SourceMappings::Copies copies) {
  TlbGather gather{binding_};
  tables_.for_each_slot(start, end, [&](Entry& slot, std::uint64_t base) {
    for (;;) {
      const Pte seen = load(slot);
      if (seen.empty() || seen.huge()) return;  // huge pages show no source
      Frame& leaf = leaf_frame(seen);
      const sync::LockHeld held{leaf.table_lock};
      if (load(slot) != seen) continue;
      forget_entries(leaf, std::max(start, base), std::min(end, base + kLeafBytes), copies, gather);
      return;
    }
  });
}

void AddressSpace::forget_entries(Frame& leaf, std::uint64_t start, std::uint64_t end, SourceMappings::Copies copies,
                                  TlbGather& gather) {
  for (std::uint64_t at = start; at < end; at += kPageSize) {
    Entry& entry = table_of(leaf).entries[arch::level_index(at, 1)];
    const Pte pte = load(entry);
    gather.changed(at);  // even when empty: a sharer of the table may have emptied it and not flushed here
    if (pte.empty()) continue;
    Frame& frame = frame_of(pte.frame());
    if (frame.use == FrameUse::anonymous && copies == SourceMappings::Copies::keep) continue;
    store(entry, Pte{});
    count_entries(leaf, -1);
    if (pte.special()) continue;
    resident_.add(frame, -1);
    gather.drop(frame);
  }
}

}  // namespace k::mm

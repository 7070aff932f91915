#include "mm/vm/address_space.h"

#include <algorithm>
#include <utility>

#include "mm/phys/page_alloc.h"
#include "mm/vm/area_links.h"
#include "mm/vm/commit.h"
#include "mm/vm/doomed.h"
#include "mm/vm/fault_site.h"

namespace k::mm {

Result<Ref<AddressSpace>> AddressSpace::create(const Layout& layout) {
  Ref<AddressSpace> space = TRY(lib::make_ref<AddressSpace>(layout));
  TRY(space->tables_.init());
  space->binding_.root = space->tables_.root();
  return space;
}

/// The last use is over. Mappings first, so that no truncation looks at tables that are going; then tables, by area; then areas.
AddressSpace::~AddressSpace() {
  if (areas_.size() > 0 || binding_.cpus.load(std::memory_order_relaxed) != 0) sched::evict_space(binding_);
  for (AreaMap::Position p = areas_.position_above(0); Area* area = areas_.at(p); p = areas_.next(p))
    AreaLinks::detach(*area);
  tear_down();
  uncharge_commit(charged_pages_);
  Doomed doomed;
  for (AreaMap::Position p = areas_.position_above(0); Area* area = areas_.at(p); p = areas_.next(p)) doomed.add(*area);
}

std::uint64_t AddressSpace::resident_pages() const { return resident_.anonymous() + resident_.file(); }

MemoryUse AddressSpace::usage() const {
  const sync::ReadHeld held{lock_};
  MemoryUse use{};
  use.total_pages = total_pages_;
  use.anonymous_pages = resident_.anonymous();
  use.file_pages = resident_.file();
  use.locked_pages = locked_pages_;
  use.data_pages = data_pages_;
  use.stack_pages = stack_pages_;
  use.code_pages = code_pages_;
  use.peak_resident_pages = std::max(peak_resident_.load(std::memory_order_relaxed), use.resident_pages());
  use.page_table_bytes = (1 + tables_.upper_tables() + leaf_tables()) * kPageSize;
  return use;
}

std::size_t AddressSpace::leaf_tables() const {
  std::size_t count = 0;
  std::uint64_t counted_to = 0;
  for (AreaMap::Position p = areas_.position_above(0); const Area* area = areas_.at(p); p = areas_.next(p)) {
    tables_.for_each_slot(std::max(area->start, counted_to), area->end, [&](Entry& slot, std::uint64_t) {
      if (!load(slot).huge()) ++count;
    });
    counted_to = lib::align_up(area->end, kLeafBytes);
  }
  return count;
}

void AddressSpace::visit_areas(UserAddr from, bool (*visit)(void*, const Area&), void* context) const {
  const sync::ReadHeld held{lock_};
  for (AreaMap::Position p = areas_.position_above(from.value); const Area* area = areas_.at(p); p = areas_.next(p)) {
    if (!visit(context, *area)) return;
  }
}

}  // namespace k::mm

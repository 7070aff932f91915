// The page fault: find the area, make the leaf table ours, decide, act. Way of a fault: docs/way-of-a-page-fault.md.
#include "arch/include/arch/memory.h"
#include "kernel/lib/assert.h"
#include "mm/vm/fault_site.h"

namespace k::mm {
namespace {

constexpr Access access_of(arch::FaultAccess a) {
  return a.write() ? Access::write : a.fetch() ? Access::execute : Access::read;
}

EntryView view_of(Pte pte) {
  if (pte.empty() || pte.special()) return {.pte = pte};
  const Frame& frame = frame_of(pte.frame());
  const bool anonymous = frame.use == FrameUse::anonymous;
  return {.pte = pte, .anonymous = anonymous, .sole_owner = frame.references.load(std::memory_order_acquire) == 1};
}

}  // namespace

arch::FaultResult AddressSpace::fault(UserAddr address, arch::FaultAccess access) {
  switch (repair(address, access_of(access))) {
    case Fault::resolved:
      return arch::FaultResult::resolved;
    case Fault::not_mapped:
      return arch::FaultResult::not_mapped;
    case Fault::not_permitted:
      return arch::FaultResult::not_permitted;
    case Fault::no_page:
      return arch::FaultResult::no_page;
    case Fault::no_memory:
      // The out-of-memory handler chose a victim; a user access retries and, if it is the victim, dies on the way back.
      return access.user() ? arch::FaultResult::resolved : arch::FaultResult::no_page;
  }
}

AddressSpace::Fault AddressSpace::repair(UserAddr address, Access access) {
  if (address.value >= arch::kUserEnd) return Fault::not_mapped;
  {
    const sync::SrcuHeld inside{faults_};
    if (!is_closed(address.value)) [[likely]] {
      if (Area* area = areas_.find_unlocked(address.value)) [[likely]]
        return fault_in(*area, address.page_down().value, access);
    }
  }
  return repair_locked(address, access);
}

/// Behind an operation that changes the area, and where no area was found.
AddressSpace::Fault AddressSpace::repair_locked(UserAddr address, Access access) {
  for (;;) {
    {
      const sync::ReadHeld held{lock_};
      if (Area* area = areas_.find(address.value)) return fault_in(*area, address.page_down().value, access);
      if (!may_grow_down(address.value)) return Fault::not_mapped;
    }
    if (!grow_down(address.value)) return Fault::not_mapped;
  }
}

AddressSpace::Fault AddressSpace::fault_in(Area& area, std::uint64_t page, Access access) {
  if (!permits(area.flags, access)) return Fault::not_permitted;
  auto slot = tables_.make_slot(page);
  if (!slot) return Fault::no_memory;
  auto leaf = leaf_for_fault(area, page, access, **slot);
  if (!leaf) return Fault::no_memory;
  if (*leaf == nullptr) return Fault::resolved;
  Entry& entry = table_of(**leaf).entries[arch::level_index(page, 1)];
  const Pte seen = load(entry);
  FaultSite site{area, page, access, *leaf, entry, seen};
  if (area.source && area.source->lists_mappings()) site.generation = area.source->mappings().generation();
  return act(site, decide(static_cast<bool>(area.source), area.flags, access, view_of(seen)));
}

/// The leaf table to look into, or null when a huge page answers the fault.
Result<Frame*> AddressSpace::leaf_for_fault(const Area& area, std::uint64_t page, Access access, Entry& slot) {
  const Pte seen = load(slot);
  if (is_own_leaf(seen)) [[likely]]
    return &leaf_frame(seen);
  if (answer_by_huge_page(area, page, access, slot, seen)) return nullptr;
  return own_leaf(slot, page, binding_);
}

AddressSpace::Fault AddressSpace::act(const FaultSite& site, FaultAction action) {
  switch (action) {
    case FaultAction::refuse:
      return Fault::not_permitted;
    case FaultAction::nothing:
      return Fault::resolved;
    case FaultAction::map_zero_page:
      return map_zero_page(site);
    case FaultAction::map_fresh_page:
    case FaultAction::replace_by_fresh:
      return put_fresh_page(site);
    case FaultAction::copy_page:
      return copy_page(site);
    case FaultAction::take_page:
      return take_page(site);
    case FaultAction::map_source_page:
      return map_source_page(site);
    case FaultAction::map_source_copy:
      return map_source_copy(site);
    case FaultAction::write_source_page:
      return write_source_page(site);
  }
  return Fault::not_permitted;
}

/// Puts `pte` where `site.seen` was, if it still is; takes over the caller's reference of `frame` when it returns true.
bool AddressSpace::install(const FaultSite& site, Frame& frame, Pte pte) {
  if (is_forced(site.access) && !is_accessible(site.area.flags)) [[unlikely]]
    pte = hidden(pte);
  const sync::LockHeld held{site.leaf->table_lock};
  if (load(site.entry) != site.seen) return false;
  if (!site.source_unchanged()) return false;
  store(site.entry, pte);
  if (site.seen.empty()) count_entries(*site.leaf, 1);
  if (!pte.special()) resident_.add(frame, 1);
  return true;
}

bool AddressSpace::may_grow_down(std::uint64_t address) const {
  const Area* above = areas_.first_above(address);
  return above != nullptr && above->has(AreaFlag::grows_down);
}

}  // namespace k::mm

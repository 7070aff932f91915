// fork(2)'s half of memory: a second space that shows the same pages.
//
// A leaf table with many pages is shared as a whole, write-protected by its slot: its cost does not depend on how many pages
// it maps, and whoever writes first copies it. A table with few pages is copied at once, for then the copy is cheaper than
// the fault that would ask for it: nearly every child writes its stack and data.
#include <algorithm>

#include "mm/vm/area_links.h"
#include "mm/vm/change.h"
#include "mm/vm/commit.h"
#include "mm/vm/huge.h"

namespace k::mm {
namespace {

constexpr unsigned kMaxCopiedEntries = 64;
constexpr AreaFlags kNotInherited = AreaFlag::locked | AreaFlag::lock_on_fault;
constexpr AreaFlags kPagesStay = AreaFlag::no_fork | AreaFlag::wipe_on_fork;

bool leaves_pages(const Area& area) { return !(area.flags & kPagesStay).empty(); }

}  // namespace

Result<void> AddressSpace::copy_areas(AddressSpace& child) const {
  for (AreaMap::Position p = areas_.position_above(0); const Area* area = areas_.at(p); p = areas_.next(p)) {
    if (area->has(AreaFlag::no_fork)) continue;
    TRY(child.areas_.reserve(1));
    Area& copy = *TRY(lib::make<Area>()).release();
    copy.start = area->start;
    copy.end = area->end;
    copy.flags = area->flags.without(kNotInherited);
    copy.policy = area->policy;
    copy.source = area->source;
    copy.offset = area->offset;
    copy.space = &child;
    child.areas_.insert(copy);
    AreaLinks::attach(copy);
    child.account(copy.flags, static_cast<std::int64_t>(copy.pages()));
  }
  return {};
}

/// True when everything that the 2 MiB from `base` map goes to the child.
bool AddressSpace::inherits_all(std::uint64_t base) const {
  for (AreaMap::Position p = areas_.position_above(base); const Area* area = areas_.at(p); p = areas_.next(p)) {
    if (area->start >= base + kLeafBytes) break;
    if (leaves_pages(*area)) return false;
  }
  return true;
}

namespace {

/// Areas that meet within the block come here once each.
Result<void> share_block(Entry& slot, Entry& target, std::uint64_t base, TlbGather& gather) {
  if (!load(target).empty()) return {};
  share_huge(slot, target);
  gather.changed(base, base + kLeafBytes);
  return {};
}

}  // namespace

/// One area's pages under one of the parent's leaf tables.
Result<void> AddressSpace::copy_slot(Entry& slot, std::uint64_t base, const Area& area, AddressSpace& child,
                                     TlbGather& gather) {
  Entry& target = *TRY(child.tables_.make_slot(base));
  if (load(slot).huge()) {
    if (inherits_all(base)) return share_block(slot, target, base, gather);
    TRY(own_leaf(slot, base, binding_));
  }
  const Pte pte = load(slot);
  Frame& leaf = leaf_frame(pte);
  if (const Pte there = load(target); !there.empty() && is_shared(there)) return {};
  const bool large = is_shared(pte) || leaf.map_count.load(std::memory_order_relaxed) > kMaxCopiedEntries;
  if (large && load(target).empty() && inherits_all(base)) {
    share_leaf(slot, target);
    gather.changed(base, base + kLeafBytes);
    return {};
  }
  Frame& copy = *TRY(own_leaf(target, base, child.binding_));
  const auto index = [&](std::uint64_t at) { return static_cast<unsigned>((at - base) >> lib::kPageShift); };
  if (copy_entries(leaf, copy, index(std::max(area.start, base)), index(std::min(area.end, base + kLeafBytes)))) {
    gather.changed(base, base + kLeafBytes);
  }
  return {};
}

Result<void> AddressSpace::copy_tables(AddressSpace& child) {
  TlbGather gather{binding_};
  for (AreaMap::Position p = areas_.position_above(0); const Area* area = areas_.at(p); p = areas_.next(p)) {
    if (leaves_pages(*area)) {
      subtract_resident(*area, child.resident_);
      continue;
    }
    Result<void> result{};
    tables_.for_each_slot(area->start, area->end, [&](Entry& slot, std::uint64_t base) {
      if (result) result = copy_slot(slot, base, *area, child, gather);
    });
    TRY(result);
  }
  return {};
}

/// Pages that the child does not get leave the count that it took over.
void AddressSpace::subtract_resident(const Area& area, ResidentPages& resident) const {
  for (std::uint64_t at = area.start; at < area.end; at += kPageSize) {
    const Pte pte = tables_.find(at);
    if (!pte.empty() && !pte.special()) resident.add(frame_of(pte.frame()), -1);
  }
}

Result<Ref<AddressSpace>> AddressSpace::fork() {
  Ref<AddressSpace> child = TRY(create(layout_));
  child->set_stack_limit(stack_limit_.load(std::memory_order_relaxed));
  const Change change{*this};
  close(0, arch::kUserEnd);
  child->layout_ = layout_;
  child->resident_.add_anonymous(static_cast<std::int64_t>(resident_.anonymous()));
  child->resident_.add_file(static_cast<std::int64_t>(resident_.file()));
  TRY(charge_commit(charged_pages_));
  auto copied = copy_areas(*child);
  // What the child really holds is given back with it; the rest (areas it does not inherit, or a failure) at once.
  uncharge_commit(charged_pages_ - child->charged_pages_);
  if (!copied) return err(copied.error());
  TRY(copy_tables(*child));
  return child;
}

}  // namespace k::mm

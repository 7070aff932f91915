#include "mm/vm/area_map.h"

#include <algorithm>

#include "kernel/lib/assert.h"
#include "mm/vm/area_links.h"

namespace k::mm {

AreaMap::~AreaMap() {
  for (unsigned i = 0; i < leaf_count_; ++i) {
    if (leaves_[i] != &first_) delete leaves_[i];
  }
  for (unsigned i = 0; i < spare_count_; ++i) delete spare_[i];
  if (leaves_ != &first_pointer_) delete[] leaves_;
}

/// The last leaf whose first area starts at or below `address`, or the first.
unsigned AreaMap::leaf_of(std::uint64_t address) const {
  unsigned low = 0, high = leaf_count_;
  while (high - low > 1) {
    const unsigned middle = (low + high) / 2;
    (leaves_[middle]->starts[0] <= address ? low : high) = middle;
  }
  return low;
}

AreaMap::Position AreaMap::position_above(std::uint64_t address) const {
  const unsigned leaf = leaf_of(address);
  const Leaf& l = *leaves_[leaf];
  unsigned low = 0, high = l.count;  // first slot that starts above `address`
  while (low < high) {
    const unsigned middle = (low + high) / 2;
    if (l.starts[middle] <= address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low > 0 && l.areas[low - 1]->end > address) return {leaf, low - 1};
  if (low == l.count && leaf + 1 < leaf_count_) return {leaf + 1, 0};
  return {leaf, low};
}

Area* AreaMap::find(std::uint64_t address) const {
  Area* area = first_above(address);
  return area != nullptr && area->start <= address ? area : nullptr;
}

Area* AreaMap::before(Position p) const {
  if (p.slot > 0) return leaves_[p.leaf]->areas[p.slot - 1];
  if (p.leaf == 0) return nullptr;
  const Leaf& previous = *leaves_[p.leaf - 1];
  return previous.areas[previous.count - 1];
}

AreaMap::Position AreaMap::slot_of(const Area& area) const {
  const Position p = position_above(area.start);
  HT_ASSERT(at(p) == &area);
  return p;
}

Result<void> AreaMap::reserve(unsigned insertions) {
  HT_ASSERT(insertions <= spare_.size());
  if (size_ + insertions > kMaxAreas) return err(Errno::nomem);
  if (leaf_count_ == 1 && leaves_[0]->count + insertions <= kLeafSlots) return {};
  while (spare_count_ < insertions) spare_[spare_count_++] = TRY(lib::make<Leaf>()).release();
  if (leaf_count_ + insertions <= leaf_capacity_) return {};
  const unsigned capacity = std::max(8u, leaf_capacity_ * 2);
#if defined(HT_HOST)
  if (lib::injected_failure()) return err(Errno::nomem);
#endif
  Leaf** grown = new (std::nothrow) Leaf*[capacity];
  if (grown == nullptr) return err(Errno::nomem);
  std::copy_n(leaves_, leaf_count_, grown);
  if (leaves_ != &first_pointer_) delete[] leaves_;
  leaves_ = grown;
  leaf_capacity_ = capacity;
  return {};
}

void AreaMap::insert_leaf(unsigned index, Leaf* leaf) {
  HT_ASSERT(leaf_count_ < leaf_capacity_);
  std::copy_backward(leaves_ + index, leaves_ + leaf_count_, leaves_ + leaf_count_ + 1);
  leaves_[index] = leaf;
  ++leaf_count_;
}

void AreaMap::remove_leaf(unsigned index) {
  Leaf* leaf = leaves_[index];
  std::copy(leaves_ + index + 1, leaves_ + leaf_count_, leaves_ + index);
  --leaf_count_;
  if (leaf != &first_) delete leaf;
}

void AreaMap::put(Leaf& leaf, unsigned slot, Area& area) {
  std::copy_backward(&leaf.starts[slot], leaf.starts.data() + leaf.count, leaf.starts.data() + leaf.count + 1);
  std::copy_backward(&leaf.areas[slot], leaf.areas.data() + leaf.count, leaf.areas.data() + leaf.count + 1);
  leaf.starts[slot] = area.start;
  leaf.areas[slot] = &area;
  ++leaf.count;
}

/// Moves the areas from `slot` on to a new leaf behind `leaf`; at either end that leaves one side empty for the newcomer.
AreaMap::Leaf* AreaMap::split_for(unsigned leaf, unsigned slot) {
  HT_ASSERT(spare_count_ > 0);
  Leaf* fresh = spare_[--spare_count_];
  Leaf& old = *leaves_[leaf];
  const unsigned from = slot == 0 || slot == old.count ? slot : old.count / 2;
  fresh->count = old.count - from;
  std::copy(&old.starts[0] + from, &old.starts[0] + old.count, fresh->starts.begin());
  std::copy(&old.areas[0] + from, &old.areas[0] + old.count, fresh->areas.begin());
  old.count = from;
  insert_leaf(leaf + 1, fresh);
  return fresh;
}

void AreaMap::insert(Area& area) {
  unsigned leaf = leaf_of(area.start);
  Leaf* into = leaves_[leaf];
  auto slot = static_cast<unsigned>(std::upper_bound(&into->starts[0], &into->starts[0] + into->count, area.start) -
                                    &into->starts[0]);
  if (into->count == kLeafSlots) {
    Leaf* fresh = split_for(leaf, slot);
    gaps_changed(leaf);
    if (slot > into->count || (slot == into->count && slot == kLeafSlots)) {
      slot -= into->count;
      into = fresh;
      ++leaf;
    }
  }
  put(*into, slot, area);
  ++size_;
  gaps_changed(leaf);
}

void AreaMap::erase(Area& area) {
  const Position p = slot_of(area);
  Leaf& leaf = *leaves_[p.leaf];
  std::copy(&leaf.starts[0] + p.slot + 1, &leaf.starts[0] + leaf.count, &leaf.starts[0] + p.slot);
  std::copy(&leaf.areas[0] + p.slot + 1, &leaf.areas[0] + leaf.count, &leaf.areas[0] + p.slot);
  --leaf.count;
  --size_;
  gaps_changed(p.leaf);
  if (leaf.count == 0 && leaf_count_ > 1) {
    remove_leaf(p.leaf);
    if (p.leaf < leaf_count_) gaps_changed(p.leaf);
  }
}

void AreaMap::set_bounds(Area& area, std::uint64_t start, std::uint64_t end, std::uint64_t offset) {
  const Position p = slot_of(area);
  AreaLinks::set_bounds(area, start, end, offset);
  leaves_[p.leaf]->starts[p.slot] = start;
  gaps_changed(p.leaf);
}

/// The gap behind a leaf's last area belongs to the next leaf.
void AreaMap::gaps_changed(unsigned leaf) {
  leaves_[leaf]->gap_known = false;
  if (leaf + 1 < leaf_count_) leaves_[leaf + 1]->gap_known = false;
}

std::uint64_t AreaMap::end_before(unsigned leaf) const {
  return leaf == 0 ? 0 : leaves_[leaf - 1]->areas[leaves_[leaf - 1]->count - 1]->end;
}

std::uint64_t AreaMap::largest_gap(unsigned leaf) const {
  const Leaf& l = *leaves_[leaf];
  if (l.gap_known) return l.largest_gap;
  std::uint64_t end = end_before(leaf), largest = 0;
  for (unsigned i = 0; i < l.count; ++i) {
    largest = std::max(largest, l.starts[i] - end);
    end = l.areas[i]->end;
  }
  l.largest_gap = largest;
  l.gap_known = true;
  return largest;
}

namespace {

/// The highest (lowest) fitting start in the free range [from, to).
std::optional<std::uint64_t> fit_high(const AreaMap::Room& room, std::uint64_t from, std::uint64_t to) {
  from = std::max(from, room.low);
  to = std::min(to, room.high);
  if (to < from || to - from < room.bytes) return std::nullopt;
  const std::uint64_t start = lib::align_down(to - room.bytes, room.align);
  if (start < from) return std::nullopt;
  return start;
}
std::optional<std::uint64_t> fit_low(const AreaMap::Room& room, std::uint64_t from, std::uint64_t to) {
  from = lib::align_up(std::max(from, room.low), room.align);
  to = std::min(to, room.high);
  if (to < from || to - from < room.bytes) return std::nullopt;
  return from;
}
std::uint64_t guarded_start(const Area& area, std::uint64_t guard) {
  if (!area.has(AreaFlag::grows_down)) return area.start;
  return area.start > guard ? area.start - guard : 0;
}

}  // namespace

std::optional<std::uint64_t> AreaMap::find_room_below(const Room& room) const {
  Position p = position_above(room.high);
  const Area* above = at(p);
  std::uint64_t to = above != nullptr ? guarded_start(*above, room.guard) : room.high;
  for (unsigned leaf = p.leaf + 1; leaf-- > 0;) {
    const Leaf& l = *leaves_[leaf];
    const unsigned from_slot = leaf == p.leaf ? p.slot : l.count;
    for (unsigned i = from_slot; i-- > 0;) {
      if (const auto start = fit_high(room, l.areas[i]->end, to)) return start;
      to = guarded_start(*l.areas[i], room.guard);
      if (to <= room.low) return std::nullopt;
    }
    // Whole leaves without a gap large enough are passed over.
    while (leaf > 0 && largest_gap(leaf - 1) < room.bytes) {
      if (const auto start = fit_high(room, end_before(leaf), to)) return start;
      --leaf;
      to = guarded_start(*leaves_[leaf]->areas[0], room.guard);
    }
  }
  return fit_high(room, room.low, to);
}

std::optional<std::uint64_t> AreaMap::find_room_above(const Room& room) const {
  std::uint64_t from = room.low;
  for (Position p = position_above(room.low); const Area* area = at(p); p = next(p)) {
    if (const auto start = fit_low(room, from, guarded_start(*area, room.guard))) return start;
    from = area->end;
    if (from >= room.high) return std::nullopt;
  }
  return fit_low(room, from, room.high);
}

}  // namespace k::mm

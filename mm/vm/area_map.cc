#include "mm/vm/area_map.h"

#include <algorithm>
#include <utility>

#include "kernel/lib/assert.h"
#include "mm/vm/area_links.h"

namespace k::mm {

unsigned AreaMap::Leaf::slot_above(std::uint64_t address) const {
  unsigned low = 0, high = count;
  while (low < high) {
    const unsigned middle = (low + high) / 2;
    if (starts[middle] <= address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

void AreaMap::Leaf::set(unsigned slot, Area& area) {
  starts[slot] = area.start;
  ends[slot] = area.end;
  areas[slot] = &area;
}

void AreaMap::Leaf::copy(unsigned slot, const Leaf& from, unsigned from_slot) {
  starts[slot] = from.starts[from_slot].load();
  ends[slot] = from.ends[from_slot].load();
  areas[slot] = from.areas[from_slot].load();
}

void AreaMap::Leaf::make_room(unsigned slot) {
  for (unsigned i = count; i > slot; --i) copy(i, *this, i - 1);
  count = count + 1;
}

void AreaMap::Leaf::close_gap(unsigned slot) {
  for (unsigned i = slot; i + 1 < count; ++i) copy(i, *this, i + 1);
  count = count - 1;
}

Result<AreaMap::Directory*> AreaMap::Directory::create(unsigned capacity) {
  lib::Box<Directory> made = TRY(lib::make<Directory>());
  made->capacity = capacity;
  made->leaves = new (std::nothrow) std::atomic<Leaf*>[capacity];
  if (made->leaves == nullptr) return err(Errno::nomem);
  return made.release();
}

AreaMap::~AreaMap() {
  for (unsigned i = 0; i < leaf_count_; ++i) retire(leaf(i));
  for (unsigned i = 0; i < spare_count_; ++i) retire(*spare_[i]);
  retire(*directory_);
  free_retired();
}

void AreaMap::retire(Leaf& leaf) {
  if (&leaf != &first_) leaf.next_retired = std::exchange(retired_leaves_, &leaf);
}

void AreaMap::retire(Directory& directory) {
  if (&directory != &first_directory_) directory.next_retired = std::exchange(retired_directories_, &directory);
}

void AreaMap::free_retired() {
  while (retired_leaves_ != nullptr) delete std::exchange(retired_leaves_, retired_leaves_->next_retired);
  while (retired_directories_ != nullptr) {
    delete[] retired_directories_->leaves;
    delete std::exchange(retired_directories_, retired_directories_->next_retired);
  }
}

/// The last leaf whose first area starts at or below `address`, or the first.
unsigned AreaMap::leaf_of(std::uint64_t address) const {
  unsigned low = 0, high = leaf_count_.load(std::memory_order_acquire);
  while (high - low > 1) {
    const unsigned middle = (low + high) / 2;
    (leaf(middle).starts[0] <= address ? low : high) = middle;
  }
  return low;
}

AreaMap::Position AreaMap::position_above(std::uint64_t address) const {
  const unsigned index = leaf_of(address);
  const Leaf& l = leaf(index);
  const unsigned slot = l.slot_above(address);
  if (slot > 0 && l.ends[slot - 1] > address) return {index, slot - 1};
  if (slot == l.count && index + 1 < leaf_count_) return {index + 1, 0};
  return {index, slot};
}

Area* AreaMap::find(std::uint64_t address) const {
  const Leaf& l = leaf(leaf_of(address));
  const unsigned above = l.slot_above(address);
  return above > 0 && address < l.ends[above - 1] ? l.areas[above - 1].load() : nullptr;
}

Area* AreaMap::find_unlocked(std::uint64_t address) const {
  for (;;) {
    const std::uint32_t seen = sequence_.read_begin();
    Area* const area = find(address);
    if (!sequence_.read_retry(seen)) return area;
  }
}

Area* AreaMap::before(Position p) const {
  if (p.slot > 0) return leaf(p.leaf).areas[p.slot - 1];
  if (p.leaf == 0) return nullptr;
  const Leaf& previous = leaf(p.leaf - 1);
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
  if (leaf_count_ == 1 && leaf(0).count + insertions <= kLeafSlots) return {};
  while (spare_count_ < insertions) spare_[spare_count_++] = TRY(lib::make<Leaf>()).release();
  Directory& old = *directory_;
  if (leaf_count_ + insertions <= old.capacity) return {};
  Directory* const grown = TRY(Directory::create(std::max(8u, old.capacity * 2)));
  for (unsigned i = 0; i < leaf_count_; ++i) grown->set(i, old.at(i));
  directory_.store(grown, std::memory_order_release);
  retire(old);
  return {};
}

void AreaMap::insert_leaf(unsigned index, Leaf& leaf) {
  const Directory& directory = *directory_;
  const unsigned count = leaf_count_;
  HT_ASSERT(count < directory.capacity);
  for (unsigned i = count; i > index; --i) directory.set(i, directory.at(i - 1));
  directory.set(index, leaf);
  leaf_count_.store(count + 1, std::memory_order_release);
}

void AreaMap::remove_leaf(unsigned index) {
  const Directory& directory = *directory_;
  Leaf& gone = leaf(index);
  for (unsigned i = index; i + 1 < leaf_count_; ++i) directory.set(i, directory.at(i + 1));
  leaf_count_.store(leaf_count_ - 1, std::memory_order_release);
  retire(gone);
}

/// Moves the areas from `slot` on to a new leaf behind `index`; at either end that leaves one side empty for the newcomer.
AreaMap::Leaf& AreaMap::split_for(unsigned index, unsigned slot) {
  HT_ASSERT(spare_count_ > 0);
  Leaf& fresh = *spare_[--spare_count_];
  Leaf& old = leaf(index);
  const unsigned from = slot == 0 || slot == old.count ? slot : old.count / 2;
  fresh.count = old.count - from;
  for (unsigned i = 0; i < fresh.count; ++i) fresh.copy(i, old, from + i);
  old.count = from;
  insert_leaf(index + 1, fresh);
  return fresh;
}

void AreaMap::insert(Area& area) {
  unsigned index = leaf_of(area.start);
  Leaf* into = &leaf(index);
  unsigned slot = into->slot_above(area.start);
  sequence_.write_begin();
  if (into->count == kLeafSlots) {
    Leaf& fresh = split_for(index, slot);
    gaps_changed(index);
    if (slot > into->count || (slot == into->count && slot == kLeafSlots)) {
      slot -= into->count;
      into = &fresh;
      ++index;
    }
  }
  into->make_room(slot);
  into->set(slot, area);
  sequence_.write_end();
  ++size_;
  gaps_changed(index);
}

void AreaMap::erase(Area& area) {
  const Position p = slot_of(area);
  Leaf& l = leaf(p.leaf);
  sequence_.write_begin();
  l.close_gap(p.slot);
  if (l.count == 0 && leaf_count_ > 1) remove_leaf(p.leaf);
  sequence_.write_end();
  --size_;
  if (p.leaf < leaf_count_) gaps_changed(p.leaf);
}

void AreaMap::set_bounds(Area& area, std::uint64_t start, std::uint64_t end, std::uint64_t offset) {
  const Position p = slot_of(area);
  AreaLinks::set_bounds(area, start, end, offset);
  sequence_.write_begin();
  leaf(p.leaf).set(p.slot, area);
  sequence_.write_end();
  gaps_changed(p.leaf);
}

/// The gap behind a leaf's last area belongs to the next leaf.
void AreaMap::gaps_changed(unsigned index) {
  leaf(index).gap_known = false;
  if (index + 1 < leaf_count_) leaf(index + 1).gap_known = false;
}

std::uint64_t AreaMap::end_before(unsigned index) const {
  if (index == 0) return 0;
  const Leaf& previous = leaf(index - 1);
  return previous.ends[previous.count - 1];
}

std::uint64_t AreaMap::largest_gap(unsigned index) const {
  const Leaf& l = leaf(index);
  if (l.gap_known) return l.largest_gap;
  std::uint64_t end = end_before(index), largest = 0;
  for (unsigned i = 0; i < l.count; ++i) {
    largest = std::max(largest, l.starts[i] - end);
    end = l.ends[i];
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
  for (unsigned index = p.leaf + 1; index-- > 0;) {
    const Leaf& l = leaf(index);
    const unsigned from_slot = index == p.leaf ? p.slot : l.count.load();
    for (unsigned i = from_slot; i-- > 0;) {
      if (const auto start = fit_high(room, l.ends[i], to)) return start;
      to = guarded_start(*l.areas[i].load(), room.guard);
      if (to <= room.low) return std::nullopt;
    }
    // Whole leaves without a gap large enough are passed over.
    while (index > 0 && largest_gap(index - 1) < room.bytes) {
      if (const auto start = fit_high(room, end_before(index), to)) return start;
      --index;
      to = guarded_start(*leaf(index).areas[0].load(), room.guard);
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

/// AreaMap: the areas of an address space in order of address.
///
/// A sorted array cut into leaves of up to 32 areas: the first leaf is part of the map, so that a small process allocates
/// nothing, and a look-up is two binary searches over adjacent words. Leaves know their largest gap, so that finding room
/// skips what is full.
/// Invariants  areas are disjoint and sorted; no leaf but the first is empty; starts_[i] == areas[i]->start.
/// Lock order  none of its own: Rank::mmap, reader to look, writer to change.
/// Errors      reserve: NOMEM, also beyond kMaxAreas; after it the promised number of insertions cannot fail.
/// Host        pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "kernel/lib/alloc.h"
#include "kernel/lib/result.h"
#include "mm/vm/area.h"

namespace k::mm {

class AreaMap {
 public:
  static constexpr std::size_t kMaxAreas = 65530;  // Linux's default vm.max_map_count

  AreaMap() { leaves_ = &first_pointer_; }
  ~AreaMap();
  AreaMap(const AreaMap&) = delete;
  AreaMap& operator=(const AreaMap&) = delete;

  /// A place in the map; invalid after any insertion or removal.
  struct Position {
    unsigned leaf = 0, slot = 0;
    bool operator==(const Position&) const = default;
  };

  /// The area that contains `address`, or null.
  Area* find(std::uint64_t address) const;
  /// The first area that ends above `address`, or null; `next` goes on from there.
  Area* first_above(std::uint64_t address) const { return at(position_above(address)); }
  Position position_above(std::uint64_t address) const;
  Area* at(Position p) const { return p.slot < leaves_[p.leaf]->count ? leaves_[p.leaf]->areas[p.slot] : nullptr; }
  Position next(Position p) const {
    if (p.slot + 1 >= leaves_[p.leaf]->count && p.leaf + 1 < leaf_count_) return {p.leaf + 1, 0};
    return {p.leaf, p.slot + 1};
  }
  /// The area before `p`, or null.
  Area* before(Position p) const;
  Area* next_of(const Area& area) const { return first_above(area.end); }
  Area* previous_of(const Area& area) const { return before(position_above(area.start)); }
  std::size_t size() const { return size_; }

  /// Makes room: the next `insertions` insertions succeed.
  Result<void> reserve(unsigned insertions);
  void insert(Area& area);
  void erase(Area& area);
  /// Moves an area's borders; it stays between its neighbours.
  void set_bounds(Area& area, std::uint64_t start, std::uint64_t end, std::uint64_t offset);

  struct Room {
    std::uint64_t low, high;  // the result lies within
    std::uint64_t bytes;
    std::uint64_t align = lib::kPageSize;
    std::uint64_t guard = 0;  // kept free below an area that grows down
  };
  /// The highest start of a free range.
  std::optional<std::uint64_t> find_room_below(const Room& room) const;
  /// The lowest one.
  std::optional<std::uint64_t> find_room_above(const Room& room) const;

 private:
  static constexpr unsigned kLeafSlots = 32;
  struct Leaf {
    unsigned count = 0;
    mutable bool gap_known = false;
    mutable std::uint64_t largest_gap = 0;  // before any of its areas
    std::array<std::uint64_t, kLeafSlots> starts;
    std::array<Area*, kLeafSlots> areas;
  };

  unsigned leaf_of(std::uint64_t address) const;
  Position slot_of(const Area& area) const;
  Leaf* split_for(unsigned leaf, unsigned slot);
  void insert_leaf(unsigned index, Leaf* leaf);
  void remove_leaf(unsigned index);
  void put(Leaf& leaf, unsigned slot, Area& area);
  void gaps_changed(unsigned leaf);
  std::uint64_t largest_gap(unsigned leaf) const;
  std::uint64_t end_before(unsigned leaf) const;

  Leaf first_;
  Leaf* first_pointer_ = &first_;
  Leaf** leaves_;
  unsigned leaf_count_ = 1, leaf_capacity_ = 1;
  std::size_t size_ = 0;
  std::array<Leaf*, 4> spare_ = {};
  unsigned spare_count_ = 0;
};

}  // namespace k::mm

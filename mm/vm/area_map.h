/// AreaMap: the areas of an address space in order of address.
///
/// A sorted array cut into leaves of up to 32 areas: the first leaf is part of the map, so that a small process allocates
/// nothing, and a look-up is two binary searches over adjacent words. Leaves know their largest gap, so that finding room
/// skips what is full.
/// Invariants  areas are disjoint and sorted; no leaf but the first is empty; starts[i] == areas[i]->start, ends[i] its end.
///             find_unlocked looks at leaves and directories only, never at an area: it may meet any state in between, but memory
///             that was one of the map's stays one until free_retired(), and the sequence tells it to look again.
/// Lock order  none of its own: Rank::mmap, reader to look, writer to change; find_unlocked needs neither.
/// Errors      reserve: NOMEM, also beyond kMaxAreas; after it the promised number of insertions cannot fail.
/// Host        pure.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "kernel/lib/alloc.h"
#include "kernel/lib/relaxed.h"
#include "kernel/lib/result.h"
#include "kernel/sync/seq_lock.h"
#include "mm/vm/area.h"

namespace k::mm {

class AreaMap {
 public:
  static constexpr std::size_t kMaxAreas = 65530;  // Linux's default vm.max_map_count

  AreaMap() = default;
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
  /// As find, while areas may come and go: what the map said at one moment of the call. The caller keeps others from freeing the
  /// area, and from free_retired().
  Area* find_unlocked(std::uint64_t address) const;
  /// The first area that ends above `address`, or null; `next` goes on from there.
  Area* first_above(std::uint64_t address) const { return at(position_above(address)); }
  Position position_above(std::uint64_t address) const;
  Area* at(Position p) const { return p.slot < leaf(p.leaf).count ? leaf(p.leaf).areas[p.slot].load() : nullptr; }
  Position next(Position p) const {
    if (p.slot + 1 >= leaf(p.leaf).count && p.leaf + 1 < leaf_count_) return {p.leaf + 1, 0};
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
  /// Frees leaves and directories that went out of use; no find_unlocked that began before they did is under way.
  void free_retired();

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
    lib::Relaxed<unsigned> count;
    mutable bool gap_known = false;
    mutable std::uint64_t largest_gap = 0;  // before any of its areas
    Leaf* next_retired = nullptr;
    std::array<lib::Relaxed<std::uint64_t>, kLeafSlots> starts, ends;
    std::array<lib::Relaxed<Area*>, kLeafSlots> areas;

    /// The first slot that starts above `address`.
    unsigned slot_above(std::uint64_t address) const;
    void set(unsigned slot, Area& area);
    void copy(unsigned slot, const Leaf& from, unsigned from_slot);
    void make_room(unsigned slot);
    void close_gap(unsigned slot);
  };
  /// The leaves, in order.
  struct Directory {
    unsigned capacity = 0;
    Directory* next_retired = nullptr;
    std::atomic<Leaf*>* leaves = nullptr;
    static Result<Directory*> create(unsigned capacity);
    /// Who finds a leaf finds it made.
    void set(unsigned index, Leaf& leaf) const { leaves[index].store(&leaf, std::memory_order_release); }
    Leaf& at(unsigned index) const { return *leaves[index].load(std::memory_order_acquire); }
  };

  Leaf& leaf(unsigned index) const { return directory_.load(std::memory_order_acquire)->at(index); }
  unsigned leaf_of(std::uint64_t address) const;
  Position slot_of(const Area& area) const;
  Leaf& split_for(unsigned index, unsigned slot);
  void insert_leaf(unsigned index, Leaf& leaf);
  void remove_leaf(unsigned index);
  void retire(Leaf& leaf);
  void retire(Directory& directory);
  void gaps_changed(unsigned index);
  std::uint64_t largest_gap(unsigned index) const;
  std::uint64_t end_before(unsigned index) const;

  sync::SeqCount sequence_;
  Leaf first_;
  std::atomic<Leaf*> first_pointer_{&first_};
  Directory first_directory_{1, nullptr, &first_pointer_};
  // Raised after a leaf is in the directory: an index below it finds a leaf, whatever else goes on.
  std::atomic<unsigned> leaf_count_{1};
  std::atomic<Directory*> directory_{&first_directory_};
  std::size_t size_ = 0;
  std::array<Leaf*, 4> spare_ = {};
  unsigned spare_count_ = 0;
  Leaf* retired_leaves_ = nullptr;
  Directory* retired_directories_ = nullptr;
};

}  // namespace k::mm

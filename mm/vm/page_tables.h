/// PageTables: the user half of one address space's page tables, down to the level-2 entries ("slots") that point to leaf tables.
///
/// A slot is empty, maps 2 MiB itself (huge.h), points to a leaf table of this space's own (writable), or to one shared after fork (not
/// writable: the hardware then refuses writes to all of its 2 MiB). A leaf table's Frame counts its sharers in `references` and its
/// non-empty entries in `map_count`, and carries the lock of its entries.
/// Invariants  tables of levels 3 and 2 stay until the space dies; a leaf table stays while an area overlaps its 2 MiB.
/// Lock order  installing tables is lock-free (faults race); entries change under their table's lock,
///             Rank::page_table.
/// Errors      NOMEM.
/// Source      Intel SDM volume 3, 4.5 and 4.6 (access rights are those of all levels together).
#pragma once

#include <algorithm>
#include <cstdint>

#include "arch/include/arch/page_table.h"
#include "kernel/lib/result.h"
#include "kernel/sync/spin/guarded.h"
#include "mm/phys/frame.h"

namespace k::mm {

using Entry = std::atomic<std::uint64_t>;
using arch::Pte;

inline Pte load(const Entry& entry) { return Pte{entry.load(std::memory_order_acquire)}; }
inline void store(Entry& entry, Pte pte) { entry.store(pte.raw(), std::memory_order_release); }

/// Bytes that one leaf table maps.
inline constexpr std::uint64_t kLeafBytes = std::uint64_t{1} << arch::level_shift(2);
inline constexpr std::uint64_t kDirectoryBytes = std::uint64_t{1} << arch::level_shift(3);

inline arch::PageTable& table_of(const Frame& frame) { return *static_cast<arch::PageTable*>(page_pointer(frame)); }
inline arch::PageTable& table_at(Pte pte) { return *static_cast<arch::PageTable*>(arch::phys_to_virt(pte.frame())); }
inline Frame& leaf_frame(Pte slot) { return frame_of(slot.frame()); }
/// The slot points to a leaf table that is this space's own: its entries may change.
inline bool is_own_leaf(Pte slot) { return (slot.raw() & (Pte::kWrite | Pte::kHuge)) == Pte::kWrite; }
/// The slot points to a leaf table shared after fork. Not asked of empty and huge slots.
inline bool is_shared(Pte slot) { return !slot.writable(); }

/// The entry of a small page that shows what page `index` of a huge slot shows.
inline Pte small_entry(Pte huge, unsigned index) { return Pte{huge.without(Pte::kHuge).raw() + index * kPageSize}; }

/// A leaf table's entry count; changed under its lock.
inline void count_entries(Frame& leaf, int change) {
  leaf.map_count.store(leaf.map_count.load(std::memory_order_relaxed) + static_cast<unsigned>(change),
                       std::memory_order_relaxed);
}

class PageTables {
 public:
  PageTables() = default;
  PageTables(const PageTables&) = delete;
  PageTables& operator=(const PageTables&) = delete;
  /// All slots are empty by now.
  ~PageTables();
  Result<void> init();
  PhysAddr root() const { return address_of(*top_); }

  /// The slot for `address`; null when no level-2 table is there.
  Entry* slot(std::uint64_t address) const;
  Result<Entry*> make_slot(std::uint64_t address);
  /// The non-empty entry for `address`, or an empty one.
  Pte find(std::uint64_t address) const;

  /// Calls visit(Entry& slot, std::uint64_t start) for each non-empty slot that [start, end) touches, `start` being its first address.
  template <class Visit>
  void for_each_slot(std::uint64_t start, std::uint64_t end, Visit visit) const;
  /// Pages that hold page tables, leaf tables not counted.
  std::size_t upper_tables() const { return upper_count_.load(std::memory_order_relaxed); }

 private:
  arch::PageTable& top() const { return table_of(*top_); }
  Result<Pte> install(Entry& entry, std::uint64_t address, unsigned level);
  using List = std::atomic<Frame*>;  // through owner.pointer; owner.word is the first address that the table maps
  void push(List& list, Frame& frame, std::uint64_t address);

  Frame* top_ = nullptr;
  List level2_{nullptr}, level3_{nullptr};
  std::atomic<std::uint32_t> upper_count_{0};
};

template <class Visit>
void PageTables::for_each_slot(std::uint64_t start, std::uint64_t end, Visit visit) const {
  const auto after = [&](std::uint64_t at, unsigned level) {
    return lib::align_down(at, std::uint64_t{1} << arch::level_shift(level)) +
           (std::uint64_t{1} << arch::level_shift(level));
  };
  for (std::uint64_t at = lib::align_down(start, kLeafBytes); at < end;) {
    const Pte upper = load(top().entries[arch::level_index(at, 4)]);
    if (upper.empty()) {
      at = after(at, 4);
      continue;
    }
    const Pte middle = load(table_at(upper).entries[arch::level_index(at, 3)]);
    if (middle.empty()) {
      at = after(at, 3);
      continue;
    }
    arch::PageTable& directory = table_at(middle);
    for (const std::uint64_t stop = std::min(after(at, 3), end); at < stop; at += kLeafBytes) {
      Entry& slot = directory.entries[arch::level_index(at, 2)];
      if (slot.load(std::memory_order_relaxed) != 0) visit(slot, at);
    }
  }
}

}  // namespace k::mm

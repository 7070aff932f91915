/// The frame table: one Frame per page frame of RAM.
///
/// Invariants  a Frame's reference count is 0 while it is on a free list; every user page-table entry and every owner
/// holds one
///             reference (an entry of a leaf table that spaces share after fork counts once). 32 bytes, so that the
///             table costs under 0.8 % of RAM. The table is one array from frame 0; the parts that describe no RAM have
///             no memory behind them that is theirs, so frame_of is for RAM only.
/// Context     any; fields are changed by their owner as each says.
#pragma once

#include <atomic>
#include <cstdint>

#include "arch/include/arch/memory.h"
#include "kernel/lib/relaxed.h"
#include "kernel/lib/types.h"
#include "kernel/sync/spin/spin.h"

namespace k::mm {

enum class FrameUse : std::uint8_t { reserved, free, cpu_list, kernel, slab, page_table, anonymous, page_cache, stack };
inline constexpr unsigned kFrameUses = 9;

struct Frame {
  std::atomic<std::uint32_t> references{0};
  std::atomic<std::uint32_t> map_count{0};         // owner-defined (page table: entries in use; slab: objects in use)
  lib::Relaxed<FrameUse> use{FrameUse::reserved};  // a fault looks at it before it takes the leaf table's lock
  std::uint8_t order = 0;                          // of a free block or a compound allocation, in its first frame
  std::atomic<std::uint16_t> flags{0};             // owner-defined (page cache: dirty, uptodate, writeback ...)
  union {
    std::uint32_t index_low;  // owner-defined
    sync::Spin<sync::Rank::page_table> table_lock;
  };
  union {  // free: list links; page cache: mapping and index; slab: its cache
    struct {
      Frame *next, *previous;
    } link;
    struct {
      void* pointer;
      std::uint64_t word;
    } owner;
  };
  Frame() : index_low(0), owner{nullptr, 0} {}

  void ref() { references.fetch_add(1, std::memory_order_relaxed); }
  /// Takes a reference unless the frame is being freed: for look-ups under RCU.
  [[nodiscard]] bool try_ref() {
    std::uint32_t n = references.load(std::memory_order_relaxed);
    while (n != 0) {
      if (references.compare_exchange_weak(n, n + 1, std::memory_order_acquire, std::memory_order_relaxed)) return true;
    }
    return false;
  }
};
static_assert(sizeof(Frame) == 32);

/// Set once at boot.
extern Frame* g_frame_table;

inline Frame& frame_of(PhysAddr address) { return g_frame_table[address.value >> lib::kPageShift]; }
inline PhysAddr address_of(const Frame& frame) {
  return PhysAddr{static_cast<std::uint64_t>(&frame - g_frame_table) << lib::kPageShift};
}
inline void* page_pointer(const Frame& frame) { return arch::phys_to_virt(address_of(frame)); }
/// Null when `address` is no RAM.
Frame* try_frame_of(PhysAddr address);

}  // namespace k::mm

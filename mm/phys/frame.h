/// The frame table: one Frame per page frame of RAM.
///
/// Invariants  a Frame's reference count is 0 while it is on a free list; user mappings and owners each hold one
///             reference. `map_count` counts user page-table entries (leaf tables shared after fork count once). 32 bytes,
///             so that the table costs under 0.8 % of RAM.
/// Context     any; fields are changed by their owner as each says.
#pragma once

#include <atomic>
#include <cstdint>

#include "arch/include/arch/memory.h"
#include "kernel/lib/types.h"

namespace k::mm {

enum class FrameUse : std::uint8_t { reserved, free, kernel, slab, page_table, anonymous, page_cache, stack };

struct Frame {
  std::atomic<std::uint32_t> references{0};
  std::atomic<std::uint32_t> map_count{0};
  FrameUse use = FrameUse::reserved;
  std::uint8_t order = 0;               // of a free block or a compound allocation, in its first frame
  std::atomic<std::uint16_t> flags{0};  // owner-defined (page cache: dirty, uptodate, writeback ...)
  std::uint32_t index_low = 0;          // owner-defined
  union {                               // free: list links; page cache: mapping and index; slab: its slab; page table: its owner
    struct {
      Frame *next, *previous;
    } link;
    struct {
      void* pointer;
      std::uint64_t word;
    } owner;
  };
  Frame() : owner{nullptr, 0} {}

  void ref() { references.fetch_add(1, std::memory_order_relaxed); }
};
static_assert(sizeof(Frame) <= 32);

Frame& frame_of(PhysAddr address);
PhysAddr address_of(const Frame& frame);
inline void* page_pointer(const Frame& frame) { return arch::phys_to_virt(address_of(frame)); }
/// Null when `address` is no RAM.
Frame* try_frame_of(PhysAddr address);

}  // namespace k::mm

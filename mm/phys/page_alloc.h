/// Page frames: buddy allocator with per-CPU lists of single frames.
///
/// Invariants  a block of order n is 2^n frames, aligned to its size. Frames come back to the buddy lists when a
/// per-CPU list is
///             longer than its high mark; MemFree counts both.
/// Lock order  Rank::buddy; per-CPU lists need interrupts off only.
/// Context     any but NMI. In task context without spin locks a short supply runs shrinkers and then the out-of-memory
///             handler; elsewhere the reserve is used and then the call fails.
/// Errors      ENOMEM.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "arch/include/arch/boot_info.h"
#include "kernel/lib/result.h"
#include "mm/phys/buddy.h"
#include "mm/phys/frame.h"

namespace k::mm {

enum class Zero : bool { no, yes };

/// A frame with one reference, owned by the caller.
Result<Frame*> allocate_frame(FrameUse use, Zero zero);
Result<Frame*> allocate_block(FrameUse use, unsigned order, Zero zero);
/// A zeroed block that nothing is reclaimed for: null when there is none, or when less than 1/kept_free of all memory would stay free.
Frame* try_allocate_block(FrameUse use, unsigned order, std::size_t kept_free);
/// Frees a frame whose last reference the caller has just dropped or was (single frames only).
void free_frame(Frame& frame);
/// Drops one reference; the last one frees the frame.
inline void put_frame(Frame& frame) {
  if (frame.references.fetch_sub(1, std::memory_order_acq_rel) == 1) free_frame(frame);
}
/// put_frame for many at once.
void put_frames(Frame* const* frames, unsigned count);
void free_block(Frame& first, unsigned order);
/// Changes what a frame is counted as.
void retag_frame(Frame& frame, FrameUse use);

/// Builds the frame table in usable memory and hands the rest to the buddy lists. Boot CPU, once.
void init_page_allocator(std::span<const arch::MemoryRange> memory);
/// Adds a boot-time range (the unpacked initramfs) to the free memory.
void release_boot_memory(PhysAddr base, std::size_t bytes);

struct MemoryCounters {
  std::size_t total_frames, free_frames, slab_frames, page_table_frames, anonymous_frames, cache_frames, stack_frames;
};
MemoryCounters memory_counters();

/// Called with memory low, in task context: frees what it can of about `target` frames, returns how many. The caller
/// may hold sleeping locks, so a shrinker takes its own by try_lock only. fs and slab register here.
using Shrinker = std::size_t (*)(std::size_t target);
void register_shrinker(Shrinker shrinker);
/// Frees at least `target` frames of what is kept for later use, if there are so many; returns how many it freed.
std::size_t shrink(std::size_t target);
/// Called when reclaim found nothing: kernel/task's OOM killer. Returns true when the allocation may be retried.
using OutOfMemoryHandler = bool (*)();
void set_out_of_memory_handler(OutOfMemoryHandler handler);

/// Virtually contiguous kernel memory of whole pages with a guard page below (kernel stacks, large tables).
Result<void*> allocate_virtual(std::size_t bytes);
/// Task context for anything but kernel stacks, which any context but NMI may free.
void free_virtual(void* start, std::size_t bytes);

}  // namespace k::mm

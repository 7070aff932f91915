// Single frames come from a list of this CPU, filled and emptied in batches; blocks come from the buddy.
#include "mm/phys/page_alloc.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "arch/include/arch/percpu.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/fault_injection.h"
#include "kernel/lib/relaxed.h"
#include "mm/phys/kasan.h"
#include "mm/phys/page_pool.h"
#include "mm/phys/poison.h"

namespace k::mm {

constinit sync::SpinGuarded<PagePool, sync::Rank::buddy> g_page_pool;

namespace {

constexpr unsigned kBatchOrder = 5;
constexpr unsigned kBatch = 1u << kBatchOrder;
constexpr unsigned kHighMark = 4 * kBatch;
constexpr unsigned kAttempts = 16;

struct LocalFrames {
  Frame* head = nullptr;
  // Its CPU alone writes the numbers; who sums them looks from another.
  lib::Relaxed<std::uint32_t> count;
  lib::Relaxed<std::int64_t> in_use[kFrameUses];  // sums over all CPUs are meaningful, one CPU's value is not
};
HT_PER_CPU(LocalFrames, g_local_frames);

/// `frames`: less than none when they leave the use.
void count_use(LocalFrames& local, FrameUse use, std::int64_t frames) {
  local.in_use[std::to_underlying(use)].add(frames);
}

void push(LocalFrames& local, Frame& frame) {
  frame.use = FrameUse::cpu_list;
  frame.link.next = local.head;
  local.head = &frame;
  local.count.add(1);
}

Frame& pop(LocalFrames& local) {
  Frame& frame = *local.head;
  local.head = frame.link.next;
  local.count.add(-1u);
  return frame;
}

bool may_wait() {
  return arch::interrupts_enabled() && arch::preempt_count() == 0 && arch::this_cpu_block().irq_depth == 0;
}

/// A block from the buddy; callers that can wait leave the reserve alone.
Frame* take_block(unsigned order, bool use_reserve) {
  sync::Locked pool{g_page_pool};
  const std::size_t left_over = (std::size_t{1} << order) + (use_reserve ? 0 : pool->reserve);
  if (pool->buddy.free_frames() < left_over) return nullptr;
  return pool->buddy.take(order);
}

/// Takes one large block and splits it, or single frames when memory is fragmented.
bool refill(LocalFrames& local, bool use_reserve) {
  for (unsigned order = kBatchOrder + 1; order-- > 0;) {
    Frame* block = take_block(order, use_reserve);
    if (block == nullptr) continue;
    for (std::size_t i = std::size_t{1} << order; i-- > 0;) push(local, block[i]);
    return true;
  }
  return false;
}

[[gnu::noinline]] void spill(LocalFrames& local) {
  sync::Locked pool{g_page_pool};
  for (unsigned i = 0; i < 2 * kBatch; ++i) {
    Frame& frame = pop(local);
    frame.use = FrameUse::reserved;
    pool->buddy.give(frame, 0);
  }
}

void start_use(Frame& frame, FrameUse use, unsigned order) {
  poison_check(frame, order);
  kasan::mark_usable(page_pointer(frame), lib::kPageSize);
  frame.use = use;
  frame.order = static_cast<std::uint8_t>(order);
  frame.references.store(1, std::memory_order_relaxed);
  frame.map_count.store(0, std::memory_order_relaxed);
  frame.flags.store(0, std::memory_order_relaxed);
  frame.index_low = 0;
  frame.owner = {nullptr, 0};
}

Frame* take_local(FrameUse use, bool use_reserve) {
  const arch::IrqOff off;
  LocalFrames& local = this_cpu(g_local_frames);
  if (local.head == nullptr && !refill(local, use_reserve)) [[unlikely]]
    return nullptr;
  Frame& frame = pop(local);
  count_use(local, use, 1);
  start_use(frame, use, 0);
  return &frame;
}

Frame* take_counted_block(FrameUse use, unsigned order, bool use_reserve) {
  Frame* block = take_block(order, use_reserve);
  if (block == nullptr) return nullptr;
  for (std::size_t i = 0; i < std::size_t{1} << order; ++i) start_use(block[i], use, 0);
  const arch::IrqOff off;
  count_use(this_cpu(g_local_frames), use, std::int64_t{1} << order);
  block->order = static_cast<std::uint8_t>(order);
  return block;
}

Frame* take(FrameUse use, unsigned order, bool use_reserve) {
  return order == 0 ? take_local(use, use_reserve) : take_counted_block(use, order, use_reserve);
}

/// Memory is short: reclaim and retry in task context, use the reserve elsewhere and as the last resort.
[[gnu::noinline]] Frame* take_slowly(FrameUse use, unsigned order) {
  for (unsigned i = 0; i < kAttempts && may_wait(); ++i) {
    if (!reclaim(kBatch + (std::size_t{1} << order), order)) return nullptr;
    if (Frame* frame = take(use, order, false)) return frame;
  }
  return may_wait() ? nullptr : take(use, order, true);
}

void zero_block(Frame& first, unsigned order) {
  for (std::size_t i = 0; i < std::size_t{1} << order; ++i) arch::zero_page(page_pointer((&first)[i]));
}

}  // namespace

Result<Frame*> allocate_frame(FrameUse use, Zero zero) {
  if (lib::injected_failure()) [[unlikely]]
    return err(Errno::nomem);
  Frame* frame = take_local(use, false);
  if (frame == nullptr) [[unlikely]] {
    frame = take_slowly(use, 0);
    if (frame == nullptr) return err(Errno::nomem);
  }
  if (zero == Zero::yes) arch::zero_page(page_pointer(*frame));
  return frame;
}

Result<Frame*> allocate_block(FrameUse use, unsigned order, Zero zero) {
  if (order > kMaxOrder || lib::injected_failure()) [[unlikely]]
    return err(Errno::nomem);
  Frame* block = take(use, order, false);
  if (block == nullptr) [[unlikely]] {
    block = take_slowly(use, order);
    if (block == nullptr) return err(Errno::nomem);
  }
  if (zero == Zero::yes) zero_block(*block, order);
  return block;
}

Frame* try_allocate_block(FrameUse use, unsigned order, std::size_t kept_free) {
  if (order > kMaxOrder || lib::injected_failure()) [[unlikely]]
    return nullptr;
  {
    sync::Locked pool{g_page_pool};
    if (pool->buddy.free_frames() < pool->total_frames / kept_free + (std::size_t{1} << order)) return nullptr;
  }
  Frame* block = take(use, order, false);
  if (block != nullptr) zero_block(*block, order);
  return block;
}

void free_frame(Frame& frame) {
  HT_ASSERT(frame.use > FrameUse::cpu_list && frame.order == 0);
  frame.references.store(0, std::memory_order_relaxed);
  poison_fill(frame, 0);
  kasan::mark_unusable(page_pointer(frame), lib::kPageSize, kasan::Why::free_page);
  const arch::IrqOff off;
  LocalFrames& local = this_cpu(g_local_frames);
  count_use(local, frame.use, -1);
  push(local, frame);
  if (local.count > kHighMark) [[unlikely]]
    spill(local);
}

void put_frames(Frame* const* frames, unsigned count) {
  const arch::IrqOff off;
  LocalFrames& local = this_cpu(g_local_frames);
  for (unsigned i = 0; i < count; ++i) {
    Frame& frame = *frames[i];
    if (frame.references.fetch_sub(1, std::memory_order_acq_rel) != 1) continue;
    HT_ASSERT(frame.use > FrameUse::cpu_list && frame.order == 0);
    poison_fill(frame, 0);
    count_use(local, frame.use, -1);
    push(local, frame);
  }
  while (local.count > kHighMark) [[unlikely]]
    spill(local);
}

void free_block(Frame& first, unsigned order) {
  HT_ASSERT(first.use > FrameUse::cpu_list && first.order == order);
  if (order == 0) return free_frame(first);
  poison_fill(first, order);
  kasan::mark_unusable(page_pointer(first), lib::kPageSize << order, kasan::Why::free_page);
  {
    const arch::IrqOff off;
    count_use(this_cpu(g_local_frames), first.use, -(std::int64_t{1} << order));
  }
  for (std::size_t i = 0; i < std::size_t{1} << order; ++i) {
    (&first)[i].references.store(0, std::memory_order_relaxed);
    (&first)[i].use = FrameUse::reserved;
  }
  sync::Locked pool{g_page_pool};
  pool->buddy.give(first, order);
}

void retag_frame(Frame& frame, FrameUse use) {
  const arch::IrqOff off;
  LocalFrames& local = this_cpu(g_local_frames);
  count_use(local, frame.use, -1);
  count_use(local, use, 1);
  frame.use = use;
}

MemoryCounters memory_counters() {
  std::int64_t in_use[kFrameUses] = {};
  std::size_t on_lists = 0;
  for (unsigned cpu = 0; cpu < arch::cpu_count(); ++cpu) {
    const LocalFrames& local = on_cpu(g_local_frames, cpu);
    on_lists += local.count;
    for (unsigned use = 0; use < kFrameUses; ++use) in_use[use] += local.in_use[use];
  }
  const auto count = [&](FrameUse use) {
    return static_cast<std::size_t>(std::max<std::int64_t>(in_use[std::to_underlying(use)], 0));
  };
  sync::Locked pool{g_page_pool};
  return {.total_frames = pool->total_frames,
          .free_frames = pool->buddy.free_frames() + on_lists,
          .slab_frames = count(FrameUse::slab),
          .page_table_frames = count(FrameUse::page_table),
          .anonymous_frames = count(FrameUse::anonymous),
          .cache_frames = count(FrameUse::page_cache),
          .stack_frames = count(FrameUse::stack)};
}

}  // namespace k::mm

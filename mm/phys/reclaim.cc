// What happens when memory is short: shrinkers first, then the out-of-memory handler.
#include <atomic>

#include "kernel/lib/assert.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/page_pool.h"
#include "mm/phys/slab.h"
#include "mm/phys/virtual_memory.h"

namespace k::mm {
namespace {

constexpr unsigned kMaxShrinkers = 16;
/// Larger blocks are given up rather than killed for: their callers have a fallback.
constexpr unsigned kMaxOrderWorthAKill = 3;

constinit std::atomic<Shrinker> g_shrinkers[kMaxShrinkers] = {};
constinit std::atomic<unsigned> g_shrinker_count{0};
constinit std::atomic<OutOfMemoryHandler> g_out_of_memory{nullptr};

std::size_t shrink_slabs() {
  static constinit std::atomic<std::size_t> freed{0};  // a sum over all callers: only "none" against "some" matters
  freed.store(0, std::memory_order_relaxed);
  SlabCache::for_each([](SlabCache& cache) { freed.fetch_add(cache.shrink(), std::memory_order_relaxed); });
  return freed.load(std::memory_order_relaxed);
}

}  // namespace

void register_shrinker(Shrinker shrinker) {
  const unsigned slot = g_shrinker_count.fetch_add(1, std::memory_order_relaxed);
  HT_VERIFY(slot < kMaxShrinkers);
  g_shrinkers[slot].store(shrinker, std::memory_order_release);
}

void set_out_of_memory_handler(OutOfMemoryHandler handler) {
  g_out_of_memory.store(handler, std::memory_order_release);
}

std::size_t shrink(std::size_t target) {
  std::size_t freed = 0;
  for (unsigned i = 0; i < kMaxShrinkers && freed < target; ++i) {
    if (const Shrinker shrink = g_shrinkers[i].load(std::memory_order_acquire)) freed += shrink(target - freed);
  }
  if (freed < target) freed += shrink_stacks(target - freed);
  if (freed < target) freed += shrink_slabs();
  return freed;
}

bool reclaim(std::size_t target, unsigned order) {
  if (shrink(target) > 0) return true;
  const OutOfMemoryHandler handler = g_out_of_memory.load(std::memory_order_acquire);
  return order <= kMaxOrderWorthAKill && handler != nullptr && handler();
}

}  // namespace k::mm

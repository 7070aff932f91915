// Allocation pops from this CPU's magazine and freeing pushes onto it; batches move between magazines and slabs
// under the cache's lock.
#include "mm/phys/slab.h"

#include <algorithm>

#include "arch/include/arch/percpu.h"
#include "kernel/lib/assert.h"
#include "mm/phys/kasan.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/poison.h"

namespace k::mm {

struct Slab {
  SlabCache* cache;
  Slab *next, *previous;
  void* free;
  std::uint32_t free_count, capacity;
};
static_assert(sizeof(Slab) <= 64);

namespace {

/// The list runs through the free objects' first words.
struct Magazine {
  void* head = nullptr;
  std::uint64_t count = 0;
};
constexpr unsigned kMaxCaches = 192;
struct Magazines {
  Magazine of_cache[kMaxCaches] = {};
};
HT_PER_CPU(Magazines, g_magazines);

constinit std::atomic<SlabCache*> g_caches[kMaxCaches] = {};
constinit std::atomic<unsigned> g_cache_count{1};  // id 0 is nobody's: its magazine is always empty

void*& next_of(void* object) { return *static_cast<void**>(object); }

void push(Magazine& m, void* object) {
  next_of(object) = m.head;
  m.head = object;
  ++m.count;
}
void* pop(Magazine& m) {
  void* object = m.head;
  m.head = next_of(object);
  --m.count;
  return object;
}

Slab& slab_of(const void* object) { return *static_cast<Slab*>(frame_of(arch::virt_to_phys(object)).owner.pointer); }

#if defined(HT_DEBUG) || defined(HT_HOST)
// A free object: the list's link, a mark made of its own address, poison. No content in use can look like that.
constexpr std::size_t kMarked = 2 * sizeof(void*);
std::uintptr_t mark_for(const void* object) { return reinterpret_cast<std::uintptr_t>(object) ^ 0x9e37'79b9'7f4a'7c15; }
std::uintptr_t& mark_of(void* object) { return static_cast<std::uintptr_t*>(object)[1]; }
void* rest_of(void* object) { return static_cast<char*>(object) + kMarked; }

void enter_free_state(void* object, std::size_t bytes) {
  kasan::mark_unusable(object, bytes, kasan::Why::free_object);
  if (bytes < kMarked) return;
  poison_fill(rest_of(object), bytes - kMarked);
  mark_of(object) = mark_for(object);
}
void check_in_use(void* object, std::size_t bytes) {
  HT_VERIFY((bytes < kMarked || mark_of(object) != mark_for(object)) && "freed twice");
}
void* leave_free_state(void* object, std::size_t bytes) {
  kasan::mark_usable(object, bytes);
  if (bytes < kMarked) return object;
  HT_VERIFY(mark_of(object) == mark_for(object) && poison_intact(rest_of(object), bytes - kMarked) &&
            "written after free");
  mark_uninitialised(object, bytes);
  return object;
}
#else
void enter_free_state(void*, std::size_t) {}
void check_in_use(void*, std::size_t) {}
void* leave_free_state(void* object, std::size_t) { return object; }
#endif

}  // namespace

SlabCache& SlabCache::of(const void* object) { return *slab_of(object).cache; }

void* SlabCache::allocate() {
  if (lib::injected_failure()) [[unlikely]]
    return nullptr;
  {
    const arch::IrqOff off;
    Magazine& m = this_cpu(g_magazines).of_cache[id_.load(std::memory_order_relaxed)];
    if (m.head != nullptr) [[likely]]
      return leave_free_state(pop(m), size_);
  }
  return allocate_slowly();
}

void SlabCache::deallocate(void* object) {
  HT_ASSERT(slab_of(object).cache == this);
  check_in_use(object, size_);
  enter_free_state(object, size_);
  const arch::IrqOff off;
  Magazine& m = this_cpu(g_magazines).of_cache[id_.load(std::memory_order_relaxed)];
  push(m, object);
  if (m.count > 2 * batch_) [[unlikely]]
    spill();
}

void SlabCache::take_id() {
  if (id_.load(std::memory_order_acquire) != 0) return;
  sync::Locked depot{depot_};
  if (id_.load(std::memory_order_relaxed) != 0) return;
  const unsigned id = g_cache_count.fetch_add(1, std::memory_order_relaxed);
  HT_VERIFY(id < kMaxCaches);
  g_caches[id].store(this, std::memory_order_release);
  id_.store(static_cast<std::uint16_t>(id), std::memory_order_release);
}

void SlabCache::link(Depot& depot, Slab& slab) {
  slab.next = depot.partial;
  slab.previous = nullptr;
  if (depot.partial != nullptr) depot.partial->previous = &slab;
  depot.partial = &slab;
}

void SlabCache::unlink(Depot& depot, Slab& slab) {
  if (slab.next != nullptr) slab.next->previous = slab.previous;
  (slab.previous != nullptr ? slab.previous->next : depot.partial) = slab.next;
}

Slab* SlabCache::new_slab() {
  auto block = allocate_block(FrameUse::slab, order_, Zero::no);
  if (!block) return nullptr;
  auto* slab = static_cast<Slab*>(page_pointer(**block));
  for (std::size_t i = 0; i < std::size_t{1} << order_; ++i) (*block)[i].owner.pointer = slab;
  const std::size_t objects = capacity(size_, order_);
  *slab = {.cache = this,
           .next = nullptr,
           .previous = nullptr,
           .free = nullptr,
           .free_count = static_cast<std::uint32_t>(objects),
           .capacity = static_cast<std::uint32_t>(objects)};
  char* first = reinterpret_cast<char*>(slab) + kHeaderBytes;
  for (std::size_t i = objects; i-- > 0;) {
    void* object = first + i * size_;
    enter_free_state(object, size_);
    next_of(object) = slab->free;
    slab->free = object;
  }
  return slab;
}

/// Fills the magazine with a batch, keeps one object for the caller.
void* SlabCache::allocate_slowly() {
  take_id();
  Slab* fresh = nullptr;
  for (;;) {
    {
      sync::Locked depot{depot_};
      if (fresh != nullptr) {
        link(*depot, *fresh);
        ++depot->slabs;
        ++depot->empty_slabs;
      }
      Magazine& m = this_cpu(g_magazines).of_cache[id_.load(std::memory_order_relaxed)];
      while (depot->partial != nullptr && m.count < batch_) {
        Slab& slab = *depot->partial;
        if (slab.free_count == slab.capacity) --depot->empty_slabs;
        void* object = slab.free;
        slab.free = next_of(object);
        if (--slab.free_count == 0) unlink(*depot, slab);
        push(m, object);
        ++depot->outside;
      }
      if (m.head != nullptr) return leave_free_state(pop(m), size_);
    }
    fresh = new_slab();  // outside the lock: it may reclaim
    if (fresh == nullptr) return nullptr;
  }
}

void SlabCache::return_object(Depot& depot, void* object, Slab*& to_free) {
  Slab& slab = slab_of(object);
  next_of(object) = slab.free;
  slab.free = object;
  --depot.outside;
  if (slab.free_count++ == 0) link(depot, slab);
  if (slab.free_count < slab.capacity) return;
  if (depot.empty_slabs++ == 0) return;
  unlink(depot, slab);
  --depot.empty_slabs;
  --depot.slabs;
  slab.next = to_free;
  to_free = &slab;
}

/// Half of a full magazine goes back to the slabs. Interrupts are off.
void SlabCache::spill() {
  Slab* to_free = nullptr;
  {
    sync::Locked depot{depot_};
    Magazine& m = this_cpu(g_magazines).of_cache[id_.load(std::memory_order_relaxed)];
    for (unsigned i = 0; i < batch_; ++i) return_object(*depot, pop(m), to_free);
  }
  while (Slab* slab = to_free) {
    to_free = slab->next;
    free_block(frame_of(arch::virt_to_phys(slab)), order_);
  }
}

std::size_t SlabCache::shrink() {
  Slab* to_free = nullptr;
  {
    sync::Locked depot{depot_};
    Magazine& m = this_cpu(g_magazines).of_cache[id_.load(std::memory_order_relaxed)];
    while (m.head != nullptr) return_object(*depot, pop(m), to_free);
    for (Slab* slab = depot->partial; slab != nullptr && depot->empty_slabs > 0;) {
      Slab* next = slab->next;
      if (slab->free_count == slab->capacity) {
        unlink(*depot, *slab);
        --depot->empty_slabs;
        --depot->slabs;
        slab->next = to_free;
        to_free = slab;
      }
      slab = next;
    }
  }
  std::size_t freed = 0;
  while (Slab* slab = to_free) {
    to_free = slab->next;
    free_block(frame_of(arch::virt_to_phys(slab)), order_);
    freed += std::size_t{1} << order_;
  }
  return freed;
}

SlabCache::Usage SlabCache::usage() {
  sync::Locked depot{depot_};
  return {depot->slabs, capacity(size_, order_), depot->outside};
}

void SlabCache::for_each(void (*visit)(SlabCache&)) {
  const unsigned count = std::min(g_cache_count.load(std::memory_order_relaxed), kMaxCaches);
  for (unsigned id = 1; id < count; ++id) {
    if (SlabCache* cache = g_caches[id].load(std::memory_order_acquire)) visit(*cache);
  }
}

}  // namespace k::mm

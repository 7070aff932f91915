/// Slab caches with per-CPU magazines, and the heap on top of them.
///
/// Invariants  an object is in exactly one of: in use, a CPU's magazine, a slab's free list. A slab is a block of
/// frames whose first
///             64 bytes describe it; a second empty slab of a cache goes back to the page allocator. Freed objects are
///             poisoned in the debug flavour.
/// Lock order  Rank::slab, then Rank::buddy; magazines need interrupts off only.
/// Context     any but NMI.
/// Errors      null / ENOMEM.
/// Source      Bonwick and Adams, "Magazines and Vmem" (USENIX 2001).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

#include "kernel/lib/fault_injection.h"
#include "kernel/sync/spin/guarded.h"

namespace k::mm {

struct Slab;

class SlabCache {
 public:
  constexpr SlabCache(const char* name, std::size_t object_size, std::size_t align)
      : name_(name), size_(round_up(object_size, align)), order_(choose_order(size_)), batch_(choose_batch(size_)) {}
  SlabCache(const SlabCache&) = delete;
  SlabCache& operator=(const SlabCache&) = delete;
  void* allocate();
  void deallocate(void* object);
  const char* name() const { return name_; }
  std::size_t object_size() const { return size_; }
  /// The cache that `object` came from.
  static SlabCache& of(const void* object);

  /// Objects and slabs that exist, for /proc/slabinfo and tests.
  struct Usage {
    std::size_t slabs, objects_per_slab, objects_outside_slabs;
  };
  Usage usage();
  /// Calls visit(cache) for each cache that was ever used.
  static void for_each(void (*visit)(SlabCache&));
  /// Gives empty slabs back; returns the frames freed.
  std::size_t shrink();

 private:
  static constexpr std::size_t kHeaderBytes = 64;
  static constexpr unsigned kMaxSlabOrder = 3;
  static constexpr std::size_t round_up(std::size_t size, std::size_t align) {
    const std::size_t least = size < sizeof(void*) ? sizeof(void*) : size;
    const std::size_t to = align < sizeof(void*) ? sizeof(void*) : align;
    return (least + to - 1) / to * to;
  }
  static constexpr std::size_t capacity(std::size_t size, unsigned order) {
    return ((std::size_t{4096} << order) - kHeaderBytes) / size;
  }
  static constexpr unsigned choose_order(std::size_t size) {
    unsigned order = 0;
    while (order < kMaxSlabOrder && capacity(size, order) < 8) ++order;
    return order;
  }
  static constexpr unsigned choose_batch(std::size_t size) { return size <= 256 ? 32 : size <= 1024 ? 16 : 8; }

  void* allocate_slowly();
  void spill();
  Slab* new_slab();
  void take_id();

  struct Depot {
    Slab* partial = nullptr;  // slabs with a free object, the emptiest anywhere
    std::size_t slabs = 0, empty_slabs = 0, outside = 0;
  };
  void return_object(Depot& depot, void* object, Slab*& to_free);
  static void unlink(Depot& depot, Slab& slab);
  static void link(Depot& depot, Slab& slab);

  const char* name_;
  std::size_t size_;
  unsigned order_, batch_;
  std::atomic<std::uint16_t> id_{0};  // index of its magazines; 0 until first used
  sync::SpinGuarded<Depot, sync::Rank::slab> depot_;
};

/// Gives `T` a slab cache of its own: `class Inode : public SlabAllocated<Inode>`.
template <class T>
class SlabAllocated {
 public:
#if defined(HT_HOST)  // the sanitizers see every object
  static void* operator new(std::size_t bytes, const std::nothrow_t& tag) noexcept {
    return ::operator new(bytes, tag);
  }
  static void operator delete(void* object) noexcept { ::operator delete(object); }
  static void operator delete(void* object, const std::nothrow_t&) noexcept { ::operator delete(object); }
#else
  static void* operator new(std::size_t, const std::nothrow_t&) noexcept { return cache().allocate(); }
  static void operator delete(void* object) noexcept {
    if (object != nullptr) cache().deallocate(object);
  }
  static void operator delete(void* object, const std::nothrow_t&) noexcept { cache().deallocate(object); }

 private:
  static SlabCache& cache() {
    static constinit SlabCache instance{__PRETTY_FUNCTION__, sizeof(T), alignof(T)};
    return instance;
  }
#endif
};

}  // namespace k::mm

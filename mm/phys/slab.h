/// Slab caches with per-CPU magazines, and the heap on top of them.
///
/// Invariants  an object is in exactly one of: in use, a magazine, a slab's free list. An empty slab goes back to the page
///             allocator when the depot holds more than one. Freed objects are poisoned in the debug flavour.
/// Lock order  Rank::slab, then Rank::buddy.
/// Context     any but NMI.
/// Errors      null / ENOMEM.
#pragma once

#include <cstddef>
#include <new>

namespace k::mm {

class SlabCache {
 public:
  constexpr SlabCache(const char* name, std::size_t object_size, std::size_t align) : name_(name), size_(object_size), align_(align) {}
  SlabCache(const SlabCache&) = delete;
  SlabCache& operator=(const SlabCache&) = delete;
  void* allocate();
  void deallocate(void* object);
  const char* name() const { return name_; }

 private:
  const char* name_;
  std::size_t size_, align_;
};

/// Gives `T` a slab cache of its own: `class Inode : public SlabAllocated<Inode>`.
template <class T>
class SlabAllocated {
 public:
  static void* operator new(std::size_t, const std::nothrow_t&) noexcept { return cache().allocate(); }
  static void operator delete(void* object) noexcept {
    if (object != nullptr) cache().deallocate(object);
  }
  static void operator delete(void* object, const std::nothrow_t&) noexcept { cache().deallocate(object); }

 private:
  static SlabCache& cache() {
    static constinit SlabCache instance{"object", sizeof(T), alignof(T)};
    return instance;
  }
};

}  // namespace k::mm

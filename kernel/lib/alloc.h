/// Heap allocation: always fallible, always through make<T>() or make_ref<T>().
///
/// Invariants  only the nothrow forms of operator new exist; plain `new` does not link. A type with its own slab cache
///             declares class-level operator new/delete (mm/phys/slab.h, SlabAllocated).
/// Context     task context, or any context with interrupts as they are when the cache is not empty; never in NMI.
/// Errors      ENOMEM.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

#include "kernel/lib/fault_injection.h"
#include "kernel/lib/result.h"

namespace k::lib {

/// The allocator below operator new: mm/phys in the kernel, malloc on the host. Null when memory is exhausted.
void* allocate(std::size_t bytes, std::size_t align) noexcept;
void deallocate(void* block) noexcept;

/// Sole ownership of a heap object.
template <class T>
using Box = std::unique_ptr<T>;

template <class T, class... Args>
Result<Box<T>> make(Args&&... args) {
#if defined(HT_HOST)  // the host's operator new is not ours, so failures are injected here
  if (injected_failure()) return err(Errno::nomem);
#endif
  T* object = new (std::nothrow) T(std::forward<Args>(args)...);
  if (object == nullptr) [[unlikely]]
    return err(Errno::nomem);
  return Box<T>{object};
}

}  // namespace k::lib

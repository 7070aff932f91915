/// SlabReservation: memory for one object, taken before a step that must not fail any more.
///
/// Invariants  holds memory until use() hands it to a placement new, whose object's own delete gives it back.
/// Context     as the slab cache's.
/// Errors      take: NOMEM.
#pragma once

#include <new>
#include <utility>

#include "kernel/lib/result.h"
#include "mm/phys/slab.h"

namespace k::mm {

template <class T>
class SlabReservation {
 public:
  static Result<SlabReservation> take() {
    void* memory = T::operator new(sizeof(T), std::nothrow);
    if (memory == nullptr) return err(Errno::nomem);
    return SlabReservation{memory};
  }
  SlabReservation(SlabReservation&& o) noexcept : memory_(std::exchange(o.memory_, nullptr)) {}
  SlabReservation& operator=(SlabReservation&&) = delete;
  ~SlabReservation() {
    if (memory_ != nullptr) T::operator delete(memory_);
  }
  void* use() { return std::exchange(memory_, nullptr); }

 private:
  explicit SlabReservation(void* memory) : memory_(memory) {}
  void* memory_;
};

}  // namespace k::mm

/// Poison in freed frames and heap objects: a write after free is found when the memory is used again.
///
/// Invariants  debug flavour and host builds only; nothing in release.
#pragma once

#include <cstring>

#include "kernel/lib/assert.h"
#include "mm/phys/frame.h"

namespace k::mm {

inline constexpr unsigned char kPoison = 0x6b;

#if defined(HT_DEBUG) || defined(HT_HOST)
inline void poison_fill(void* memory, std::size_t bytes) { std::memset(memory, kPoison, bytes); }
/// Fresh memory holds neither zeros nor poison.
inline void mark_uninitialised(void* memory, std::size_t bytes) { std::memset(memory, 0xa5, bytes); }
/// True when every byte is still poison.
inline bool poison_intact(const void* memory, std::size_t bytes) {
  const auto* p = static_cast<const unsigned char*>(memory);
  return bytes == 0 || (p[0] == kPoison && std::memcmp(p, p + 1, bytes - 1) == 0);
}
inline void poison_fill(Frame& frame, unsigned order) { poison_fill(page_pointer(frame), lib::kPageSize << order); }
inline void poison_check(const Frame& frame, unsigned order) {
  // Frames that were never freed hold what boot left in them.
  const auto* p = static_cast<const unsigned char*>(page_pointer(frame));
  if (p[0] == kPoison && p[1] == kPoison && p[lib::kPageSize - 1] == kPoison) {
    HT_VERIFY(order > 0 || poison_intact(p, lib::kPageSize));
  }
}
#else
inline void poison_fill(void*, std::size_t) {}
inline void mark_uninitialised(void*, std::size_t) {}
inline bool poison_intact(const void*, std::size_t) { return true; }
inline void poison_fill(Frame&, unsigned) {}
inline void poison_check(const Frame&, unsigned) {}
#endif

}  // namespace k::mm

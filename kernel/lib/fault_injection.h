/// Allocation failures on demand, for tests of every ENOMEM path (debug and host builds).
///
/// Invariants  one count for all allocations of frames and heap objects; compiled out of release.
/// Context     any.
#pragma once

#include <atomic>
#include <cstdint>

namespace k::lib {

#if defined(HT_HOST) || defined(HT_DEBUG)
/// 0: off; n: the n-th allocation from now fails, once.
inline constinit std::atomic<std::uint32_t> g_fail_allocation_at{0};

inline bool injected_failure() {
  const std::uint32_t left = g_fail_allocation_at.load(std::memory_order_relaxed);
  if (left == 0) [[likely]]
    return false;
  g_fail_allocation_at.store(left - 1, std::memory_order_relaxed);
  return left == 1;
}
#else
constexpr bool injected_failure() { return false; }
#endif

}  // namespace k::lib

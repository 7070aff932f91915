/// Allocation failures on demand, for tests of every ENOMEM path (debug, kasan and host builds).
///
/// Invariants  one count for all allocations of frames and heap objects: of a thread in the kernel (/proc/self/fail-nth,
///             kernel/sched/fault_injection.cc), of the process on the host. Compiled out of release.
/// Context     any; interrupt handlers do not count.
/// Source      fault-injection.rst of Linux's documentation.
#pragma once

#include <atomic>
#include <cstdint>

namespace k::lib {

#if defined(HT_HOST)
/// 0: off; n: the n-th allocation from now fails, once.
inline constinit std::atomic<std::uint32_t> g_fail_allocation_at{0};

inline bool injected_failure() {
  const std::uint32_t left = g_fail_allocation_at.load(std::memory_order_relaxed);
  if (left == 0) [[likely]]
    return false;
  g_fail_allocation_at.store(left - 1, std::memory_order_relaxed);
  return left == 1;
}
#elif defined(HT_DEBUG)
/// Is this the allocation of the running thread that was to fail?
bool injected_failure();
#else
constexpr bool injected_failure() { return false; }
#endif

}  // namespace k::lib

/// The lock-order checker of the debug and host builds; nothing in release.
///
/// Invariants  each thread carries its HeldLocks (CpuBlock::held_locks points to the running thread's; kernel/sched moves it
///             at a switch). Interrupt handlers push on the interrupted thread's record: interrupt-safe ranks are last.
/// Errors      a violation panics with both locks' ranks and call sites.
#pragma once

#include <cstdint>

#include "kernel/sync/spin/rank.h"

namespace k::sync {

struct HeldLocks {
  static constexpr unsigned kMax = 16;
  struct Entry {
    const void* lock;
    const void* site;
    Rank rank;
  };
  unsigned depth = 0;
  Entry entries[kMax] = {};
};

#if defined(HT_DEBUG)
void lock_order_acquire(const void* lock, Rank rank, const void* site);
/// A lock that was only tried cannot deadlock: recorded, not checked.
void lock_order_acquire_try(const void* lock, Rank rank, const void* site);
void lock_order_release(const void* lock);
/// Panics when a spin lock is held or preemption is off: called by everything that may sleep.
void assert_may_sleep(const void* site);
#else
inline void lock_order_acquire(const void*, Rank, const void*) {}
inline void lock_order_acquire_try(const void*, Rank, const void*) {}
inline void lock_order_release(const void*) {}
inline void assert_may_sleep(const void*) {}
#endif

}  // namespace k::sync

#define HT_MAY_SLEEP() ::k::sync::assert_may_sleep(__builtin_return_address(0))

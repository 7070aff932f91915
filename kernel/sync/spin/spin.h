/// Spin locks: a lock that disables preemption, and its form that disables interrupts too.
///
/// Invariants  a holder never sleeps. On x86-64 acquire and release need no fence beyond the exchange and the plain store.
/// Lock order  kernel/sync/spin/rank.h.
/// Context     Spin: task context only. SpinIrq: any but NMI.
#pragma once

#include <atomic>
#include <cstdint>

#include "arch/include/arch/cpu.h"
#include "kernel/sync/spin/lock_order.h"
#include "kernel/sync/spin/preempt.h"
#include "kernel/sync/spin/thread_safety.h"

namespace k::sync {

/// The bare lock, neither preemption nor interrupts considered. It is not fair on purpose: with more virtual CPUs than the host
/// has processors, a lock that serves in order waits for whoever is next to be scheduled by the host, at every hand-over.
class BareLock {
 public:
  void lock() {
    while (locked_.exchange(1, std::memory_order_acquire) != 0) [[unlikely]] {
      while (is_locked()) arch::pause();
    }
  }
  bool try_lock() { return !is_locked() && locked_.exchange(1, std::memory_order_acquire) == 0; }
  void unlock() { locked_.store(0, std::memory_order_release); }
  bool is_locked() const { return locked_.load(std::memory_order_relaxed) != 0; }

 private:
  std::atomic<std::uint32_t> locked_{0};
};

template <Rank R>
class HT_CAPABILITY("spin") Spin {
 public:
  static_assert(kind_of(R) == LockKind::spin);
  constexpr Spin() = default;
  Spin(const Spin&) = delete;
  Spin& operator=(const Spin&) = delete;

  void lock() HT_ACQUIRE() {
    preempt_disable();
    lock_order_acquire(this, R, __builtin_return_address(0));
    lock_.lock();
  }
  void unlock() HT_RELEASE() {
    lock_.unlock();
    lock_order_release(this);
    preempt_enable();
  }
  bool is_locked() const { return lock_.is_locked(); }

 private:
  BareLock lock_;
};

template <Rank R>
class HT_CAPABILITY("spin_irq") SpinIrq {
 public:
  static_assert(kind_of(R) == LockKind::spin_irq);
  constexpr SpinIrq() = default;
  SpinIrq(const SpinIrq&) = delete;
  SpinIrq& operator=(const SpinIrq&) = delete;

  void lock() HT_ACQUIRE() {
    const std::uint64_t saved = arch::interrupts_save();
    preempt_disable();
    lock_order_acquire(this, R, __builtin_return_address(0));
    lock_.lock();
    saved_ = saved;
  }
  void unlock() HT_RELEASE() {
    const std::uint64_t saved = saved_;
    lock_.unlock();
    lock_order_release(this);
    preempt_enable_no_resched();
    arch::interrupts_restore(saved);
    preempt_check();
  }
  bool is_locked() const { return lock_.is_locked(); }

 private:
  BareLock lock_;
  std::uint64_t saved_ = 0;  // owned by the holder
};

}  // namespace k::sync

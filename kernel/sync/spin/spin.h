/// Spin locks: a fair ticket lock that disables preemption, and its form that disables interrupts too.
///
/// Invariants  tickets are served in order; a holder never sleeps. On x86-64 acquire and release need no fence beyond
///             the locked add and the plain store.
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

/// The bare lock, neither preemption nor interrupts considered.
class TicketLock {
 public:
  void lock() {
    const std::uint16_t mine = next_.fetch_add(1, std::memory_order_relaxed);
    while (serving_.load(std::memory_order_acquire) != mine) [[unlikely]]
      arch::pause();
  }
  bool try_lock() {
    std::uint16_t now = serving_.load(std::memory_order_relaxed);
    return next_.compare_exchange_strong(now, static_cast<std::uint16_t>(now + 1), std::memory_order_acquire);
  }
  void unlock() {
    serving_.store(static_cast<std::uint16_t>(serving_.load(std::memory_order_relaxed) + 1), std::memory_order_release);
  }
  bool is_locked() const { return serving_.load(std::memory_order_relaxed) != next_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint16_t> next_{0}, serving_{0};
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
  TicketLock lock_;
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
  TicketLock lock_;
  std::uint64_t saved_ = 0;  // owned by the holder
};

}  // namespace k::sync

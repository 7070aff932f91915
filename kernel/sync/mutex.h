/// Mutex<R>: a sleeping lock that spins while its owner runs.
///
/// Invariants  the owner unlocks. A waiter that lost the lock to a newcomer once gets it handed over, so none starves.
/// Lock order  R, a sleeping rank of kernel/sync/spin/rank.h.
/// Context     task context, no spin lock held.
/// Errors      none.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/lib/queue.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/spin/spin.h"

namespace k::sync {

/// The mechanism, without rank.
class MutexCore {
 public:
  constexpr MutexCore() = default;
  bool try_lock() {
    std::uintptr_t expected = 0;
    return word_.compare_exchange_strong(expected, self(), std::memory_order_acq_rel, std::memory_order_relaxed);
  }
  void lock() {
    if (!try_lock()) [[unlikely]]
      lock_slowly();
  }
  void unlock() {
    std::uintptr_t expected = self();
    if (!word_.compare_exchange_strong(expected, 0, std::memory_order_release, std::memory_order_relaxed)) [[unlikely]]
      unlock_slowly();
  }
  bool is_locked() const { return word_.load(std::memory_order_relaxed) != 0; }
  bool held_by_me() const { return (word_.load(std::memory_order_relaxed) & ~kFlags) == self(); }

 private:
  struct Waiter {
    sched::Thread* thread;
    lib::QueueNode<Waiter> node;
    bool handoff = false;
  };
  static constexpr std::uintptr_t kWaiters = 1, kFlags = 1;

  static std::uintptr_t self() { return reinterpret_cast<std::uintptr_t>(arch::current_thread()); }
  bool spin_while_owner_runs();
  void lock_slowly();
  void unlock_slowly();

  std::atomic<std::uintptr_t> word_{0};  // owner | kWaiters
  SpinIrq<Rank::wait_queue> lock_;       // guards waiters_ and the setting of kWaiters
  lib::Queue<Waiter, &Waiter::node> waiters_;
};

template <Rank R>
class HT_CAPABILITY("mutex") Mutex {
 public:
  static_assert(kind_of(R) == LockKind::mutex);
  constexpr Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() HT_ACQUIRE() {
    HT_MAY_SLEEP();
    lock_order_acquire(this, R, __builtin_return_address(0));
    core_.lock();
  }
  bool try_lock() HT_TRY_ACQUIRE(true) {
    if (!core_.try_lock()) return false;
    lock_order_acquire_try(this, R, __builtin_return_address(0));
    return true;
  }
  void unlock() HT_RELEASE() {
    core_.unlock();
    lock_order_release(this);
  }
  bool is_locked() const { return core_.is_locked(); }
  bool held_by_me() const { return core_.held_by_me(); }

 private:
  MutexCore core_;
};

}  // namespace k::sync

/// RwLock<R>: many readers or one writer, sleeping; waiters are served in order of arrival.
///
/// Invariants  a reader that arrives while anyone waits queues behind: no writer starves, and a thread must not take the
///             read side twice. `downgrade` turns the write side into the read side without a gap.
/// Lock order  R, a sleeping rank.
/// Context     task context, no spin lock held.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/lib/queue.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/spin/spin.h"

namespace k::sync {

class RwLockCore {
 public:
  constexpr RwLockCore() = default;
  void lock() {
    std::uint32_t expected = 0;
    if (!word_.compare_exchange_strong(expected, kWriter, std::memory_order_acquire, std::memory_order_relaxed))
        [[unlikely]]
      wait(Side::write);
  }
  bool try_lock() {
    std::uint32_t expected = 0;
    return word_.compare_exchange_strong(expected, kWriter, std::memory_order_acquire, std::memory_order_relaxed);
  }
  void unlock() {
    std::uint32_t expected = kWriter;
    if (!word_.compare_exchange_strong(expected, 0, std::memory_order_release, std::memory_order_relaxed)) [[unlikely]]
      release(kWriter);
  }
  void lock_shared() {
    if (!try_lock_shared()) [[unlikely]]
      wait(Side::read);
  }
  bool try_lock_shared() {
    std::uint32_t now = word_.load(std::memory_order_relaxed);
    while ((now & (kWriter | kWaiters)) == 0) {
      if (word_.compare_exchange_weak(now, now + kReader, std::memory_order_acquire, std::memory_order_relaxed))
        return true;
    }
    return false;
  }
  void unlock_shared() {
    const std::uint32_t before = word_.fetch_sub(kReader, std::memory_order_release);
    if (before == (kReader | kWaiters)) [[unlikely]]
      release(0);
  }
  void downgrade();
  bool is_write_locked() const { return (word_.load(std::memory_order_relaxed) & kWriter) != 0; }
  bool is_locked() const { return (word_.load(std::memory_order_relaxed) & ~kWaiters) != 0; }

 private:
  enum class Side : bool { read, write };
  struct Waiter {
    sched::Thread* thread;
    Side side;
    lib::QueueNode<Waiter> node;
    bool granted = false;
  };
  static constexpr std::uint32_t kWriter = 1, kWaiters = 2, kReader = 4;

  void wait(Side side);
  void release(std::uint32_t held);
  void grant();

  std::atomic<std::uint32_t> word_{0};
  SpinIrq<Rank::wait_queue> lock_;
  lib::Queue<Waiter, &Waiter::node> waiters_;
};

template <Rank R>
class HT_CAPABILITY("rwlock") RwLock {
 public:
  static_assert(kind_of(R) == LockKind::mutex);
  constexpr RwLock() = default;
  RwLock(const RwLock&) = delete;
  RwLock& operator=(const RwLock&) = delete;

  void lock() HT_ACQUIRE() {
    HT_MAY_SLEEP();
    lock_order_acquire(this, R, __builtin_return_address(0));
    core_.lock();
  }
  void unlock() HT_RELEASE() {
    core_.unlock();
    lock_order_release(this);
  }
  void lock_shared() HT_ACQUIRE_SHARED() {
    HT_MAY_SLEEP();
    lock_order_acquire(this, R, __builtin_return_address(0));
    core_.lock_shared();
  }
  bool try_lock_shared() HT_TRY_ACQUIRE_SHARED(true) {
    if (!core_.try_lock_shared()) return false;
    lock_order_acquire_try(this, R, __builtin_return_address(0));
    return true;
  }
  void unlock_shared() HT_RELEASE_SHARED() {
    core_.unlock_shared();
    lock_order_release(this);
  }
  void downgrade() { core_.downgrade(); }
  bool is_write_locked() const { return core_.is_write_locked(); }
  bool is_locked() const { return core_.is_locked(); }

 private:
  RwLockCore core_;
};

/// The read side for a scope.
template <class L>
class HT_SCOPED_CAPABILITY ReadHeld {
 public:
  explicit ReadHeld(L& lock) HT_ACQUIRE_SHARED(lock) : lock_(lock) { lock.lock_shared(); }
  ~ReadHeld() HT_RELEASE() { lock_.unlock_shared(); }
  ReadHeld(const ReadHeld&) = delete;
  ReadHeld& operator=(const ReadHeld&) = delete;

 private:
  L& lock_;
};
template <class L>
ReadHeld(L&) -> ReadHeld<L>;

}  // namespace k::sync

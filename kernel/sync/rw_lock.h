/// RwLock<R>: many readers or one writer, sleeping; waiters are served in order of arrival.
///
/// Readers count themselves in a line of their own CPU's, so that readers on different CPUs write nothing in common; a writer adds
/// the lines up.
/// Invariants  a reader that arrives while anyone waits queues behind: no writer starves, and a thread must not take the
///             read side twice. `downgrade` turns the write side into the read side without a gap.
///             A reader may leave on another CPU than it came on, so one line means nothing. The sum that a writer takes after it
///             shut the door is never too small: it has seen every reader come, since they came before, but perhaps not
///             go; who finds the door shut takes his count back from the line that he put it in.
/// Lock order  R, a sleeping rank.
/// Context     task context, no spin lock held.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "arch/include/arch/percpu.h"
#include "kernel/lib/queue.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/spin/spin.h"

namespace k::sync {

class RwLockCore {
 public:
  constexpr RwLockCore() = default;
  void lock() {
    std::uint32_t expected = 0;
    if (!word_.compare_exchange_strong(expected, kWriter) || has_readers()) [[unlikely]]
      wait_to_write(expected);
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
    std::atomic<std::int32_t>& own = line();
    own.fetch_add(1);
    // Sequentially consistent, as the writer's pair is: either this sees the writer, or that sees the reader.
    if (word_.load() == 0) [[likely]]
      return true;
    leave(own);
    return false;
  }
  void unlock_shared() { leave(line()); }
  void downgrade();
  bool is_write_locked() const { return (word_.load(std::memory_order_relaxed) & kWriter) != 0; }
  bool is_locked() const { return is_write_locked() || has_readers(); }  // a guess while threads come and go

 private:
  enum class Side : bool { read, write };
  struct Waiter {
    sched::Thread* thread;
    Side side;
    lib::QueueNode<Waiter> node;
    bool granted = false;
  };
  static constexpr std::uint32_t kWriter = 1, kWaiters = 2;
  /// More CPUs than this share lines: every address space has them.
  static constexpr unsigned kLines = 4;
  struct alignas(64) Line {
    std::atomic<std::int32_t> readers{0};
  };

  std::atomic<std::int32_t>& line() { return lines_[arch::cpu_id() % kLines].readers; }
  void leave(std::atomic<std::int32_t>& from) {
    from.fetch_sub(1);
    if ((word_.load() & kWaiters) != 0) [[unlikely]]
      release(0);
  }
  bool has_readers() const {
    std::int32_t sum = 0;
    for (const Line& l : lines_) sum += l.readers.load();
    return sum != 0;
  }
  void wait(Side side);
  void wait_to_write(std::uint32_t seen);
  void sleep_until_granted(Waiter& me) HT_RELEASE(lock_);
  void release(std::uint32_t held);
  void grant();

  std::array<Line, kLines> lines_;
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

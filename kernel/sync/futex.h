/// The futex core: threads waiting for a word of user memory to change.
///
/// Invariants  a key is a value: (space, address) when private, (object, offset) when shared, so no memory is pinned. Why no
///             wake-up is lost: a waiter (1) counts itself in the bucket, full fence, (2) loads the word under the bucket's lock,
///             (3) queues before unlocking. A waker's program (a) stores the word, (b) calls wake(), which passes a full fence
///             and (c) reads the count. If (2) missed (a), (c) sees (1), takes the lock and finds (3). Waiters are records on
///             their stacks; nothing allocates. A waiter's `bucket` says where it is queued, null once woken; requeue moves it.
/// Lock order  Rank::futex_bucket; two buckets in address order. The run queue inside.
/// Context     task context. The load functions run under the lock and must not fault: nothing (nullopt) means "fault the page in
///             and call again".
/// Errors      again (the word differs), fault (see above), interrupted, timedout; inval: a waiter of a priority-inheritance
///             futex (futex_pi.h) is on the same word.
/// Source      futex(2).
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "kernel/lib/queue.h"
#include "kernel/lib/result.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/futex_timeout.h"
#include "kernel/sync/spin/guarded.h"

namespace k::sync {

struct FutexKey {
  std::uint64_t object = 0;  // address space, or what is mapped
  std::uint64_t offset = 0;  // address, or byte in it
  bool operator==(const FutexKey&) const = default;
};

class FutexBucket;

struct FutexWaiter {
  /// requeue_pi: waits to be moved to a pi futex. The last two are PiFutexWaiters.
  enum class Kind : std::uint8_t { plain, pi, requeue_pi };

  FutexWaiter() = default;
  FutexWaiter(const FutexKey& k, std::uint32_t bits, sched::Thread& t, Kind what = Kind::plain)
      : key(k), bitset(bits), kind(what), thread(&t) {}
  FutexKey key;
  std::uint32_t bitset = ~0u;
  Kind kind = Kind::plain;
  sched::Thread* thread = nullptr;
  lib::QueueNode<FutexWaiter> node;
  std::atomic<FutexBucket*> bucket{nullptr};
};

class FutexBucket {
 public:
  Spin<Rank::futex_bucket> lock;
  std::atomic<std::uint32_t> waiters{0};  // also those about to queue
  lib::Queue<FutexWaiter, &FutexWaiter::node> queue;
};

inline constexpr std::uint32_t kFutexAnyBit = ~0u;

FutexBucket& futex_bucket(const FutexKey& key);

namespace detail {
/// Sleeps until `waiter` is taken off its bucket; takes it off itself on a signal or at the timeout.
Result<void> futex_sleep(FutexWaiter& waiter, const FutexTimeout& timeout);
/// Takes the waiter off wherever it is queued now. False when a waker was faster.
bool futex_unqueue(FutexWaiter& waiter);
/// Under the bucket's lock. From then on the waiter may return and its record be gone.
void futex_release(FutexBucket& bucket, FutexWaiter& waiter);
/// Under both locks.
void futex_move(FutexBucket& from, FutexBucket& to, FutexWaiter& waiter, const FutexKey& new_key);
Result<unsigned> futex_wake_locked(FutexBucket& bucket, const FutexKey& key, unsigned count, std::uint32_t bitset);
Result<unsigned> futex_move_locked(FutexBucket& from, FutexBucket& to, const FutexKey& key, const FutexKey& new_key,
                                   unsigned count);
void futex_lock_both(FutexBucket& a, FutexBucket& b) HT_NO_ANALYSIS;
void futex_unlock_both(FutexBucket& a, FutexBucket& b) HT_NO_ANALYSIS;
}  // namespace detail

/// Wakes up to `count` waiters on `key` whose bitset meets `bitset`; returns how many.
Result<unsigned> futex_wake(const FutexKey& key, unsigned count, std::uint32_t bitset = kFutexAnyBit);

/// Queues the waiter on its key if the word is `expected`; it then sleeps by itself. `load` gives the word or nothing.
template <class Load>
Result<void> futex_queue(FutexWaiter& waiter, std::uint32_t expected, Load load) {
  FutexBucket& bucket = futex_bucket(waiter.key);
  bucket.waiters.fetch_add(1, std::memory_order_seq_cst);
  LockHeld held{bucket.lock};
  const std::optional<std::uint32_t> seen = load();
  if (!seen || *seen != expected) {
    bucket.waiters.fetch_sub(1, std::memory_order_relaxed);
    return err(seen ? Errno::again : Errno::fault);
  }
  bucket.queue.push_back(waiter);
  waiter.bucket.store(&bucket, std::memory_order_relaxed);
  return {};
}

/// Sleeps while the word is `expected`.
template <class Load>
Result<void> futex_wait(const FutexKey& key, std::uint32_t expected, std::uint32_t bitset, const FutexTimeout& timeout,
                        Load load) {
  FutexWaiter self{key, bitset, sched::current()};
  TRY(futex_queue(self, expected, load));
  return detail::futex_sleep(self, timeout);
}

struct FutexRequeue {
  FutexKey from, to;
  unsigned wake, move;  // at most so many of each
};
struct FutexMoved {
  unsigned woken, moved;
};
/// Wakes some waiters of `from` and moves others to `to`, if `check()` (under both locks; true, false: AGAIN, nothing: FAULT) allows.
template <class Check>
Result<FutexMoved> futex_requeue(const FutexRequeue& request, Check check) {
  FutexBucket &from = futex_bucket(request.from), &to = futex_bucket(request.to);
  detail::futex_lock_both(from, to);
  const std::optional<bool> go = check();
  Result<unsigned> woken = 0u, moved = 0u;
  if (go.value_or(false)) {
    woken = detail::futex_wake_locked(from, request.from, request.wake, kFutexAnyBit);
    if (woken) moved = detail::futex_move_locked(from, to, request.from, request.to, request.move);
  }
  detail::futex_unlock_both(from, to);
  if (!go.value_or(false)) return err(go ? Errno::again : Errno::fault);
  return FutexMoved{TRY(woken), TRY(moved)};
}

struct FutexWakeOp {
  FutexKey first, second;
  unsigned wake_first, wake_second;
};
/// FUTEX_WAKE_OP: `change()` (under both locks) alters the second word and says whether its waiters are woken too, or nothing.
template <class Change>
Result<unsigned> futex_wake_op(const FutexWakeOp& request, Change change) {
  FutexBucket &first = futex_bucket(request.first), &second = futex_bucket(request.second);
  detail::futex_lock_both(first, second);
  const std::optional<bool> both = change();
  Result<unsigned> woken = 0u, more = 0u;
  if (both) woken = detail::futex_wake_locked(first, request.first, request.wake_first, kFutexAnyBit);
  if (woken && both.value_or(false))
    more = detail::futex_wake_locked(second, request.second, request.wake_second, kFutexAnyBit);
  detail::futex_unlock_both(first, second);
  if (!both) return err(Errno::fault);
  return TRY(woken) + TRY(more);
}

}  // namespace k::sync

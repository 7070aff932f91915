#include "kernel/sync/futex.h"

#include "kernel/sync/futex_sleep.h"

namespace k::sync {
namespace {

constexpr unsigned kBuckets = 1024;
struct alignas(64) PaddedBucket : FutexBucket {};
constinit PaddedBucket buckets[kBuckets];

}  // namespace

FutexBucket& futex_bucket(const FutexKey& key) {
  constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
  const std::uint64_t mixed = (key.object ^ (key.offset >> 2) * kOdd) * kOdd;
  return buckets[mixed >> 54];  // the top 10 bits
}

detail::FutexAlarm::FutexAlarm(sched::Thread& thread, const FutexTimeout& timeout)
    : timeout_(timeout), timer_(thread), clock_waiter_(thread) {
  if (timeout.clock() == FutexTimeout::Clock::realtime) time::clock_set_waiters().add(clock_waiter_);
}

detail::FutexAlarm::~FutexAlarm() {
  if (timeout_.clock() == FutexTimeout::Clock::realtime) time::clock_set_waiters().remove(clock_waiter_);
}

bool detail::futex_unqueue(FutexWaiter& waiter) {
  while (FutexBucket* const bucket = waiter.bucket.load(std::memory_order_acquire)) {
    LockHeld held{bucket->lock};
    if (waiter.bucket.load(std::memory_order_relaxed) != bucket) continue;  // requeued meanwhile
    bucket->queue.erase(waiter);
    bucket->waiters.fetch_sub(1, std::memory_order_relaxed);
    waiter.bucket.store(nullptr, std::memory_order_relaxed);
    return true;
  }
  return false;
}

/// The Thread outlives the record: preemption is off under the bucket's lock, and threads are freed by RCU.
void detail::futex_release(FutexBucket& bucket, FutexWaiter& waiter) {
  sched::Thread& thread = *waiter.thread;
  bucket.queue.erase(waiter);
  bucket.waiters.fetch_sub(1, std::memory_order_relaxed);
  waiter.bucket.store(nullptr, std::memory_order_seq_cst);
  sched::wake(thread);
}

void detail::futex_move(FutexBucket& from, FutexBucket& to, FutexWaiter& waiter, const FutexKey& new_key) {
  waiter.key = new_key;
  if (&from == &to) return;
  from.queue.erase(waiter);
  from.waiters.fetch_sub(1, std::memory_order_relaxed);
  to.waiters.fetch_add(1, std::memory_order_seq_cst);
  to.queue.push_back(waiter);
  waiter.bucket.store(&to, std::memory_order_release);
}

Result<void> detail::futex_sleep(FutexWaiter& waiter, const FutexTimeout& timeout) {
  const auto woken = [&] { return waiter.bucket.load(std::memory_order_seq_cst) == nullptr; };
  const Errno why = futex_sleep_until(*waiter.thread, timeout, woken);
  if (why == Errno{} || !futex_unqueue(waiter)) return {};
  return err(why);
}

Result<unsigned> detail::futex_wake_locked(FutexBucket& bucket, const FutexKey& key, unsigned count,
                                           std::uint32_t bitset) {
  unsigned woken = 0;
  for (FutexWaiter* w = bucket.queue.front(); w != nullptr && woken < count;) {
    FutexWaiter* const next = bucket.queue.next(*w);
    if (w->key == key) {
      if (w->kind != FutexWaiter::Kind::plain) return err(Errno::inval);
      if ((w->bitset & bitset) != 0) {
        futex_release(bucket, *w);
        ++woken;
      }
    }
    w = next;
  }
  return woken;
}

Result<unsigned> detail::futex_move_locked(FutexBucket& from, FutexBucket& to, const FutexKey& key,
                                           const FutexKey& new_key, unsigned count) {
  unsigned moved = 0;
  for (FutexWaiter* w = from.queue.front(); w != nullptr && moved < count;) {
    FutexWaiter* const next = from.queue.next(*w);
    if (w->key == key) {
      if (w->kind != FutexWaiter::Kind::plain) return err(Errno::inval);
      futex_move(from, to, *w, new_key);
      ++moved;
    }
    w = next;
  }
  return moved;
}

void detail::futex_lock_both(FutexBucket& a, FutexBucket& b) {
  FutexBucket &low = &a < &b ? a : b, &high = &a < &b ? b : a;
  low.lock.lock();
  if (&low != &high) high.lock.lock();
}

void detail::futex_unlock_both(FutexBucket& a, FutexBucket& b) {
  a.lock.unlock();
  if (&a != &b) b.lock.unlock();
}

Result<unsigned> futex_wake(const FutexKey& key, unsigned count, std::uint32_t bitset) {
  FutexBucket& bucket = futex_bucket(key);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (bucket.waiters.load(std::memory_order_relaxed) == 0) return 0u;
  LockHeld held{bucket.lock};
  return detail::futex_wake_locked(bucket, key, count, bitset);
}

}  // namespace k::sync

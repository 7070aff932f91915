#include "kernel/sync/futex.h"

#include "kernel/time/timer.h"

namespace k::sync {
namespace {

constexpr unsigned kBuckets = 1024;
struct alignas(64) PaddedBucket : FutexBucket {};
constinit PaddedBucket buckets[kBuckets];

class WakeTimer : public time::Timer {
 public:
  explicit WakeTimer(sched::Thread& thread) : Timer(fire), thread_(thread) {}
  ~WakeTimer() { cancel(); }

 private:
  static void fire(Timer& timer) { sched::wake(static_cast<WakeTimer&>(timer).thread_); }
  sched::Thread& thread_;
};

/// Takes the waiter off wherever it is queued now. False when a waker was faster.
bool unqueue(FutexWaiter& waiter) {
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

/// From the store on, the waiter may return and its record be gone. Its Thread is not: preemption is off under the bucket's
/// lock, and threads are freed by RCU.
void release(FutexBucket& bucket, FutexWaiter& waiter) {
  sched::Thread& thread = *waiter.thread;
  bucket.queue.erase(waiter);
  bucket.waiters.fetch_sub(1, std::memory_order_relaxed);
  waiter.bucket.store(nullptr, std::memory_order_seq_cst);
  sched::wake(thread);
}

}  // namespace

FutexBucket& futex_bucket(const FutexKey& key) {
  constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
  const std::uint64_t mixed = (key.object ^ (key.offset >> 2) * kOdd) * kOdd;
  return buckets[mixed >> 54];  // the top 10 bits
}

Result<void> detail::futex_sleep(FutexWaiter& waiter, Deadline deadline) {
  HT_MAY_SLEEP();
  WakeTimer timer{*waiter.thread};
  if (!deadline.is_never()) timer.arm(deadline);
  Errno why{};
  while (waiter.bucket.load(std::memory_order_acquire) != nullptr) {
    sched::prepare_to_sleep(sched::ThreadState::interruptible);
    if (waiter.bucket.load(std::memory_order_seq_cst) == nullptr) break;
    if (waiter.thread->signal_pending()) {
      why = Errno::interrupted;
      break;
    }
    if (deadline.passed()) {
      why = Errno::timedout;
      break;
    }
    sched::schedule();
  }
  sched::cancel_sleep();
  if (why == Errno{} || !unqueue(waiter)) return {};
  return err(why);
}

unsigned detail::futex_wake_locked(FutexBucket& bucket, const FutexKey& key, unsigned count, std::uint32_t bitset) {
  unsigned woken = 0;
  for (FutexWaiter* w = bucket.queue.front(); w != nullptr && woken < count;) {
    FutexWaiter* const next = bucket.queue.next(*w);
    if (w->key == key && (w->bitset & bitset) != 0) {
      release(bucket, *w);
      ++woken;
    }
    w = next;
  }
  return woken;
}

unsigned detail::futex_move_locked(FutexBucket& from, FutexBucket& to, const FutexKey& key, const FutexKey& new_key,
                                   unsigned count) {
  unsigned moved = 0;
  for (FutexWaiter* w = from.queue.front(); w != nullptr && moved < count;) {
    FutexWaiter* const next = from.queue.next(*w);
    if (w->key == key) {
      w->key = new_key;
      ++moved;
      if (&from != &to) {
        from.queue.erase(*w);
        from.waiters.fetch_sub(1, std::memory_order_relaxed);
        to.waiters.fetch_add(1, std::memory_order_seq_cst);
        to.queue.push_back(*w);
        w->bucket.store(&to, std::memory_order_release);
      }
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

unsigned futex_wake(const FutexKey& key, unsigned count, std::uint32_t bitset) {
  FutexBucket& bucket = futex_bucket(key);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (bucket.waiters.load(std::memory_order_relaxed) == 0) return 0;
  LockHeld held{bucket.lock};
  return detail::futex_wake_locked(bucket, key, count, bitset);
}

}  // namespace k::sync

// The waiting half of a priority-inheritance futex: until it is owned, given up, or inherited from a dead owner.
#include <linux/futex.h>

#include "kernel/sync/futex_pi.h"
#include "kernel/sync/futex_sleep.h"

namespace k::sync {
namespace {

/// Calls `action(bucket)` under the lock of the waiter's bucket; false when it was taken off before.
template <class Action>
bool in_bucket(FutexWaiter& waiter, Action action) {
  while (FutexBucket* const bucket = waiter.bucket.load(std::memory_order_acquire)) {
    LockHeld held{bucket->lock};
    if (waiter.bucket.load(std::memory_order_relaxed) != bucket) continue;
    action(*bucket);
    return true;
  }
  return false;
}

void unqueue(FutexBucket& bucket, PiFutexWaiter& waiter) {
  bucket.queue.erase(waiter);
  bucket.waiters.fetch_sub(1, std::memory_order_relaxed);
  waiter.bucket.store(nullptr, std::memory_order_relaxed);
  if (waiter.futex != nullptr) detail::pi_drop(*waiter.futex);
}

/// False when the futex became the waiter's own meanwhile.
bool leave_graph(PiFutexWaiter& waiter) {
  LockHeld graph{g_pi_graph};
  if (waiter.pi.lock == nullptr) return false;
  pi_unblock(waiter.pi);
  return true;
}

/// The new owner puts itself into a dead one's word. False when the page is not there.
bool take_over_word(PiFutexWaiter& waiter, PiWord& word) {
  for (auto seen = word.load(); seen;) {
    const auto found = word.exchange(*seen, FUTEX_OWNER_DIED | FUTEX_WAITERS | waiter.tid);
    if (found && *found == *seen) return true;
    seen = found;
  }
  return false;
}

Result<void> inherit(PiFutexWaiter& waiter, PiWord& word) {
  for (;;) {
    bool done = false;
    in_bucket(waiter, [&](FutexBucket& bucket) {
      if (!take_over_word(waiter, word)) return;
      {
        LockHeld graph{g_pi_graph};
        waiter.futex->inherited = false;
      }
      unqueue(bucket, waiter);
      done = true;
    });
    if (done) return {};
    if (const auto there = word.fault_in(); !there) {
      in_bucket(waiter, [&](FutexBucket& bucket) {
        {
          // The word is out of reach: the next waiter may have more luck.
          LockHeld graph{g_pi_graph};
          detail::pi_inherit(*waiter.futex);
        }
        unqueue(bucket, waiter);
      });
      return there;
    }
  }
}

}  // namespace

void detail::pi_inherit(PiFutex& futex) {
  if (futex.waiters.empty()) return pi_set_owner(futex, nullptr);
  PiFutexWaiter& next = static_cast<PiFutexWaiter::Place*>(futex.waiters.front())->of;
  sched::Thread& thread = *next.thread;
  pi_unblock(next.pi);
  futex.owner_tid = next.tid;
  futex.inherited = true;
  pi_set_owner(futex, &thread);
  next.inherited.store(true, std::memory_order_seq_cst);
  sched::wake(thread);
}

Result<void> detail::pi_sleep(PiFutexWaiter& waiter, PiWord& word, const FutexTimeout& timeout) {
  const Errno why = futex_sleep_until(*waiter.thread, timeout, [&] {
    return waiter.bucket.load(std::memory_order_seq_cst) == nullptr || waiter.inherited.load(std::memory_order_seq_cst);
  });
  Errno outcome{};
  bool owns = false;
  const bool queued = in_bucket(waiter, [&](FutexBucket& bucket) {
    if (waiter.kind == FutexWaiter::Kind::requeue_pi) {
      outcome = why;
    } else if (leave_graph(waiter)) {
      // Moved already, it cannot start again: the first word has changed.
      outcome = why == Errno::interrupted && waiter.moved ? Errno::again : why;
    } else {
      owns = true;
      return;
    }
    unqueue(bucket, waiter);
  });
  if (!queued) return {};
  if (owns) return inherit(waiter, word);
  return err(outcome);
}

}  // namespace k::sync

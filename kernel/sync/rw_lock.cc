// The slow paths of RwLockCore. While kWaiters is set, the word grows only here, under lock_.
#include "kernel/sync/rw_lock.h"

#include "kernel/sync/spin/guarded.h"

namespace k::sync {

void RwLockCore::wait(Side side) {
  Waiter me{&sched::current(), side, {}};
  lock_.lock();
  waiters_.push_back(me);
  word_.fetch_or(kWaiters);
  grant();
  while (!me.granted) {
    sched::prepare_to_sleep(sched::ThreadState::uninterruptible);
    lock_.unlock();
    sched::schedule();
    lock_.lock();
  }
  lock_.unlock();
}

/// Lets in, in order, whom the present holders allow.
void RwLockCore::grant() {
  for (Waiter* w = waiters_.front(); w != nullptr; w = waiters_.front()) {
    std::uint32_t word = word_.load(std::memory_order_relaxed);
    if (w->side == Side::read) {
      if ((word & kWriter) != 0) return;
      word_.fetch_add(kReader, std::memory_order_acquire);
    } else {
      word = kWaiters;
      if (!word_.compare_exchange_strong(word, kWaiters | kWriter, std::memory_order_acquire)) return;
    }
    waiters_.erase(*w);
    w->granted = true;
    sched::wake(*w->thread);
  }
  word_.fetch_and(~kWaiters, std::memory_order_relaxed);
}

void RwLockCore::release(std::uint32_t held_bits) {
  LockHeld held{lock_};
  word_.fetch_sub(held_bits, std::memory_order_release);
  grant();
}

void RwLockCore::downgrade() {
  const std::uint32_t before = word_.fetch_add(kReader - kWriter, std::memory_order_release);
  if ((before & kWaiters) == 0) return;
  LockHeld held{lock_};
  grant();
}

}  // namespace k::sync

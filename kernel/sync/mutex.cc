// The slow paths of MutexCore.
//
// No wake-up is lost: a waiter sets kWaiters and its state under lock_; from then on the owner's fast unlock fails, and the slow
// one needs lock_.
#include "kernel/sync/mutex.h"

#include "kernel/sync/spin/guarded.h"

namespace k::sync {

/// True when the lock was taken. The owner's Thread stays readable: preemption is off, and threads are freed by RCU.
bool MutexCore::spin_while_owner_runs() {
  if (arch::cpu_count() == 1) return false;
  PreemptOff off;
  while (!arch::need_resched()) {
    std::uintptr_t word = word_.load(std::memory_order_acquire);
    const auto* owner = reinterpret_cast<const sched::Thread*>(word & ~kFlags);
    if (owner == nullptr) {
      if (word_.compare_exchange_weak(word, self() | word, std::memory_order_acq_rel)) return true;
    } else if (!owner->is_on_cpu()) {
      return false;
    }
    arch::pause();
  }
  return false;
}

void MutexCore::lock_slowly() {
  if (spin_while_owner_runs()) return;
  Waiter me{&sched::current(), {}};
  lock_.lock();
  waiters_.push_back(me);
  std::uintptr_t word = word_.fetch_or(kWaiters) | kWaiters;
  while ((word & ~kFlags) != self()) {
    if ((word & ~kFlags) == 0) {
      if (word_.compare_exchange_strong(word, self() | kWaiters, std::memory_order_acq_rel)) break;
      continue;
    }
    sched::prepare_to_sleep(sched::ThreadState::uninterruptible);
    lock_.unlock();
    sched::schedule();
    lock_.lock();
    me.handoff = true;  // a second round means that a newcomer was faster: now it is this thread's turn
    word = word_.load(std::memory_order_acquire);
  }
  waiters_.erase(me);
  if (waiters_.empty()) word_.fetch_and(~kWaiters, std::memory_order_relaxed);
  lock_.unlock();
}

void MutexCore::unlock_slowly() {
  LockHeld held{lock_};
  Waiter* const next = waiters_.front();
  const std::uintptr_t owner = next != nullptr && next->handoff ? reinterpret_cast<std::uintptr_t>(next->thread) : 0;
  word_.store(owner | (next != nullptr ? kWaiters : 0), std::memory_order_release);
  if (next != nullptr) sched::wake(*next->thread);
}

}  // namespace k::sync

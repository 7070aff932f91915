#include "kernel/sync/pi.h"

#include <algorithm>

#include "kernel/sync/spin/guarded.h"

namespace k::sync {

constinit SpinIrq<Rank::pi_state> g_pi_graph;

namespace {

using sched::Priority;
using sched::Thread;

constexpr unsigned kLongestChain = 1024;

/// The fair class has no order among waiters: its levels are shares, not precedence.
int order_of(const Thread& thread) {
  return sched::is_realtime_priority(thread.priority()) ? thread.priority() : sched::kNiceZeroPriority;
}

void queue(PiWaiter& waiter, PiLock& lock) {
  waiter.order = order_of(*waiter.thread);
  PiWaiter* before = lock.waiters.front();
  while (before != nullptr && before->order <= waiter.order) before = lock.waiters.next(*before);
  lock.waiters.insert_before(before, waiter);
}

Priority inherited_by(const Thread& owner) {
  Priority best = sched::kNoPriority;
  for (const PiLock* lock = owner.pi.owned.front(); lock != nullptr; lock = owner.pi.owned.next(*lock)) {
    if (const PiWaiter* first = lock->waiters.front()) best = std::min(best, first->thread->priority());
  }
  return best;
}

/// What `thread` waits for next is told of its priority.
void requeue(PiWaiter& waiter) {
  if (waiter.order == order_of(*waiter.thread)) return;
  waiter.lock->waiters.erase(waiter);
  queue(waiter, *waiter.lock);
}

/// Lets `thread` and whom it waits for inherit anew.
void settle(Thread* thread) {
  for (unsigned i = 0; thread != nullptr && i < kLongestChain; ++i) {
    const Priority inherited = inherited_by(*thread);
    if (inherited == thread->inherited_priority()) return;
    sched::inherit_priority(*thread, inherited);
    PiWaiter* const waiting = thread->pi.waiting;
    if (waiting == nullptr) return;
    requeue(*waiting);
    thread = waiting->lock->owner;
  }
}

}  // namespace

bool pi_would_deadlock(const Thread& waiter, const PiLock& lock) {
  const Thread* owner = lock.owner;
  for (unsigned i = 0; i < kLongestChain; ++i) {
    if (owner == &waiter) return true;
    if (owner == nullptr || owner->pi.waiting == nullptr) return false;
    owner = owner->pi.waiting->lock->owner;
  }
  return true;
}

void pi_block(PiWaiter& waiter, PiLock& lock) {
  waiter.lock = &lock;
  waiter.thread->pi.waiting = &waiter;
  queue(waiter, lock);
  settle(lock.owner);
}

void pi_unblock(PiWaiter& waiter) {
  PiLock& lock = *waiter.lock;
  lock.waiters.erase(waiter);
  waiter.lock = nullptr;
  waiter.thread->pi.waiting = nullptr;
  settle(lock.owner);
}

void pi_set_owner(PiLock& lock, Thread* owner) {
  Thread* const before = lock.owner;
  if (before != nullptr) {
    before->pi.owned.erase(lock);
    before->pi.owned_count.fetch_sub(1, std::memory_order_relaxed);
  }
  lock.owner = owner;
  if (owner != nullptr) {
    owner->pi.owned.push_back(lock);
    owner->pi.owned_count.fetch_add(1, std::memory_order_seq_cst);
  }
  settle(before);
  settle(owner);
}

void pi_priority_changed(Thread& thread) {
  LockHeld graph{g_pi_graph};
  PiWaiter* const waiting = thread.pi.waiting;
  if (waiting == nullptr) return;
  requeue(*waiting);
  settle(waiting->lock->owner);
}

}  // namespace k::sync

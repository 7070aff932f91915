#include "kernel/sync/wait_queue.h"

#include "kernel/sync/rcu.h"
#include "kernel/time/timer.h"

namespace k::sync {
namespace {

class SleepTimer : public time::Timer {
 public:
  explicit SleepTimer(sched::Thread& thread) : Timer(fire), thread_(thread) {}
  ~SleepTimer() { cancel(); }

 private:
  static void fire(Timer& timer) { sched::wake(static_cast<SleepTimer&>(timer).thread_); }
  sched::Thread& thread_;
};

}  // namespace

void WaitQueue::prepare(Sleeper& self, sched::ThreadState how) {
  LockHeld held{lock_};
  if (!self.queued.load(std::memory_order_relaxed)) {
    self.queued.store(true, std::memory_order_relaxed);
    sleepers_.push_back(self);
    waiters_.store(waiters_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  sched::prepare_to_sleep(how);  // step (2), the fence
}

void WaitQueue::finish(Sleeper& self) {
  sched::cancel_sleep();
  // A waker clears `queued` as its last act on the record, so a clear flag means that no lock is needed to let it go.
  if (!self.queued.load(std::memory_order_acquire)) return;
  LockHeld held{lock_};
  if (!self.queued.load(std::memory_order_relaxed)) return;
  sleepers_.erase(self);
  waiters_.store(waiters_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
}

bool WaitQueue::is_interrupted(sched::ThreadState how) {
  const sched::Thread& self = sched::current();
  switch (how) {
    case sched::ThreadState::interruptible:
      return self.signal_pending();
    case sched::ThreadState::killable:
      return self.kill_pending();
    default:
      return false;
  }
}

bool WaitQueue::sleep(Deadline deadline) {
  if (deadline.is_never()) {
    sched::schedule();
    return true;
  }
  if (deadline.passed()) return false;
  SleepTimer timer{sched::current()};
  timer.arm(deadline);
  sched::schedule();
  return !deadline.passed();
}

void WaitQueue::wake_some(PollEvents events, unsigned sleepers, sched::WakeHint hint) {
  LockHeld held{lock_};
  if (!pollers_.empty()) call_waiters(events, sleepers != 1);
  for (; sleepers > 0; --sleepers) {
    Sleeper* const s = sleepers_.pop_front();
    if (s == nullptr) return;
    waiters_.store(waiters_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    sched::wake(s->thread, sched::kSleeping, hint);
    s->queued.store(false, std::memory_order_release);
  }
}

void WaitQueue::call_waiters(PollEvents events, bool all) {
  for (Waiter* w = pollers_.front(); w != nullptr;) {
    Waiter* const next = pollers_.next(*w);
    const bool asked = !(w->wanted_ & events).empty();
    const bool took = asked && w->callback_(*w, events);
    if (took && w->kind_ == Waiter::Kind::exclusive && !all) return;
    w = next;
  }
}

void WaitQueue::add(Waiter& waiter) {
  LockHeld held{lock_};
  if (waiter.kind_ == Waiter::Kind::exclusive) {
    pollers_.push_back(waiter);
  } else {
    pollers_.push_front(waiter);
  }
  waiter.queue_.store(this, std::memory_order_relaxed);
  waiters_.fetch_add(1, std::memory_order_seq_cst);  // the fence before the caller looks at its condition
}

void WaitQueue::remove(Waiter& waiter) {
  LockHeld held{lock_};
  if (waiter.queue_.load(std::memory_order_relaxed) != this) return;
  pollers_.erase(waiter);
  waiter.queue_.store(nullptr, std::memory_order_relaxed);
  waiters_.store(waiters_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
}

/// The read section keeps the queue's memory while its lock tells whether the waiter is still there.
void WaitQueue::release(Waiter& waiter) {
  const rcu::ReadGuard guard;
  if (WaitQueue* const queue = waiter.queue_.load(std::memory_order_acquire)) queue->remove(waiter);
}

void WaitQueue::detach_all() {
  LockHeld held{lock_};
  while (Waiter* const waiter = pollers_.pop_front()) {
    waiters_.store(waiters_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    waiter->queue_.store(nullptr, std::memory_order_release);
  }
}

}  // namespace k::sync

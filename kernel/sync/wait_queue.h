/// WaitQueue: threads and pollers waiting for a condition.
///
/// Invariants  why no wake-up is lost: a waiter (1) queues its record and sets its state, (2) passes a full fence, (3) tests
///             the predicate, (4) sleeps only if it is false. A waker (a) makes the predicate true, (b) passes a full
///             fence, (c) looks for records. If (3) missed (a), then (2) came before (b), so (c) finds the record of (1); and
///             a thread woken between (1) and (4) has state running, so (4) returns at once.
///             A record is the waiter's own, on its stack or in its object; nothing allocates. After remove() or the return
///             of a wait no waker touches it. wake_one() wakes one sleeper and every poller that asked for the events;
///             a sleeper that leaves by signal or deadline tests its predicate last, so it never swallows a wake-up.
/// Lock order  Rank::wait_queue; the run queue inside it. A predicate may take any lock that its caller may.
/// Context     wait_*: task context, no spin lock. wake_*: any but NMI.
/// Errors      interrupted (a signal is pending), timedout.
#pragma once

#include <atomic>

#include "kernel/lib/queue.h"
#include "kernel/lib/result.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/poll.h"
#include "kernel/sync/spin/guarded.h"
#include "kernel/time/deadline.h"

namespace k::sync {

class WaitQueue;

/// A callback in a queue: pollers, epoll items. Called with the queue's lock held and interrupts off.
class Waiter {
 public:
  /// True when an exclusive waiter took the event, which then reaches no other exclusive one.
  using Callback = bool (*)(Waiter& self, PollEvents events);
  enum class Kind : bool { shared, exclusive };

  Waiter(Callback callback, PollEvents wanted, Kind kind = Kind::shared)
      : callback_(callback), wanted_(wanted), kind_(kind) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  bool queued() const { return queue_.load(std::memory_order_relaxed) != nullptr; }
  void set_wanted(PollEvents wanted) { wanted_ = wanted; }

 private:
  friend class WaitQueue;
  lib::QueueNode<Waiter> node_;
  Callback callback_;
  PollEvents wanted_;
  Kind kind_;
  std::atomic<WaitQueue*> queue_{nullptr};
};

class WaitQueue {
 public:
  constexpr WaitQueue() = default;
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;

  /// Sleeps until `predicate()` is true. interrupted: a signal came first.
  template <class P>
  Result<void> wait_until(P&& predicate) {
    return wait(predicate, Deadline::never(), sched::ThreadState::interruptible);
  }
  template <class P>
  Result<void> wait_until(P&& predicate, Deadline deadline) {
    return wait(predicate, deadline, sched::ThreadState::interruptible);
  }
  /// interrupted: a fatal signal came first.
  template <class P>
  Result<void> wait_killable(P&& predicate) {
    return wait(predicate, Deadline::never(), sched::ThreadState::killable);
  }
  template <class P>
  void wait_uninterruptible(P&& predicate) {
    (void)wait(predicate, Deadline::never(), sched::ThreadState::uninterruptible);
  }
  /// False when the deadline came first.
  template <class P>
  bool wait_uninterruptible(P&& predicate, Deadline deadline) {
    return wait(predicate, deadline, sched::ThreadState::uninterruptible).has_value();
  }

  void wake_one(PollEvents events = kAnyEvent, sched::WakeHint hint = sched::WakeHint::none) {
    if (has_waiters()) wake_some(events, 1, hint);
  }
  void wake_all(PollEvents events = kAnyEvent, sched::WakeHint hint = sched::WakeHint::none) {
    if (has_waiters()) wake_some(events, ~0u, hint);
  }
  /// For wakers that can skip work when nobody waits; a full fence.
  bool has_waiters() const {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return waiters_.load(std::memory_order_relaxed) != 0;
  }

  void add(Waiter& waiter);
  /// After it returns, the callback is not running and will not run.
  void remove(Waiter& waiter);
  /// remove() from whatever queue it is in, which may have let it go by detach_all() meanwhile.
  static void release(Waiter& waiter);
  /// Lets every poller go: the queue's memory goes back a grace period from now, and no sleeper is left.
  void detach_all();

 private:
  struct Sleeper {
    explicit Sleeper(sched::Thread& t) : thread(t) {}
    sched::Thread& thread;
    lib::QueueNode<Sleeper> node;
    std::atomic<bool> queued{false};
  };
  using Lock = SpinIrq<Rank::wait_queue>;

  template <class P>
  Result<void> wait(P& predicate, Deadline deadline, sched::ThreadState how) {
    if (predicate()) return {};
    HT_MAY_SLEEP();
    Sleeper self{sched::current()};
    for (;;) {
      prepare(self, how);
      if (predicate()) break;
      if (is_interrupted(how)) return give_up(self, predicate, Errno::interrupted);
      if (!sleep(deadline)) return give_up(self, predicate, Errno::timedout);
    }
    finish(self);
    return {};
  }
  /// One last look, after which no wake-up can be meant for this thread.
  template <class P>
  Result<void> give_up(Sleeper& self, P& predicate, Errno why) {
    finish(self);
    if (predicate()) return {};
    return err(why);
  }
  void prepare(Sleeper& self, sched::ThreadState how);
  void finish(Sleeper& self);
  static bool is_interrupted(sched::ThreadState how);
  /// False when the deadline has passed.
  static bool sleep(Deadline deadline);
  void wake_some(PollEvents events, unsigned sleepers, sched::WakeHint hint);
  void call_waiters(PollEvents events, bool all);

  Lock lock_;
  std::atomic<std::uint32_t> waiters_{0};  // records in both lists
  lib::Queue<Sleeper, &Sleeper::node> sleepers_;
  lib::Queue<Waiter, &Waiter::node_> pollers_;  // the shared ones first
};

}  // namespace k::sync

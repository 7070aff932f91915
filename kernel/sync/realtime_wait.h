/// Waiting for a condition until a time on CLOCK_REALTIME, which may be set meanwhile.
///
/// Invariants  setting the clock wakes the waiter, which then measures again how far off the time is.
/// Context     as WaitQueue::wait_until.
/// Errors      interrupted, timedout.
/// Source      clock_settime(2) "NOTES", mq_receive(3).
#pragma once

#include "kernel/sync/wait_queue.h"
#include "kernel/time/clock.h"

namespace k::sync {

/// Wakes `queue` when CLOCK_REALTIME is set.
class ClockSetHook final : private Waiter {
 public:
  explicit ClockSetHook(WaitQueue& queue) : Waiter(&ClockSetHook::clock_set, kAnyEvent), queue_(queue) {
    time::clock_set_waiters().add(*this);
  }
  ~ClockSetHook() { time::clock_set_waiters().remove(*this); }

 private:
  static bool clock_set(Waiter& self, PollEvents) {
    static_cast<ClockSetHook&>(self).queue_.wake_all();
    return false;
  }
  WaitQueue& queue_;
};

template <class P>
Result<void> wait_until_realtime(WaitQueue& queue, P&& predicate, std::int64_t ns) {
  const ClockSetHook hook{queue};
  for (;;) {
    const std::uint64_t seen = time::clock_set_count();
    const auto due = [&] { return predicate() || time::clock_set_count() != seen; };
    const auto waited = queue.wait_until(due, time::realtime_deadline(ns));
    if (predicate()) return {};
    if (!waited) return waited;
  }
}

}  // namespace k::sync

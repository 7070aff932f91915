/// Sleeping of a futex waiter; between the futex files of this folder.
///
/// Context     task context, no lock.
#pragma once

#include "kernel/sync/futex_timeout.h"
#include "kernel/sync/wait_queue.h"
#include "kernel/time/timer.h"

namespace k::sync::detail {

/// Wakes `thread` at the timeout, and when CLOCK_REALTIME is set, for then the timeout may be another.
class FutexAlarm {
 public:
  FutexAlarm(sched::Thread& thread, const FutexTimeout& timeout);
  ~FutexAlarm();
  void arm() {
    if (!timeout_.is_never()) timer_.arm(timeout_.deadline());
  }

 private:
  struct WakeTimer : time::Timer {
    explicit WakeTimer(sched::Thread& t) : Timer(fire), thread(t) {}
    static void fire(Timer& timer) { sched::wake(static_cast<WakeTimer&>(timer).thread); }
    sched::Thread& thread;
  };
  struct ClockWaiter : Waiter {
    explicit ClockWaiter(sched::Thread& t) : Waiter(called, kAnyEvent), thread(t) {}
    static bool called(Waiter& self, PollEvents) {
      sched::wake(static_cast<ClockWaiter&>(self).thread);
      return false;
    }
    sched::Thread& thread;
  };
  const FutexTimeout& timeout_;
  WakeTimer timer_;
  ClockWaiter clock_waiter_;
};

/// Sleeps until done(), a signal or the timeout; says which of the latter, or Errno{}.
template <class Done>
Errno futex_sleep_until(sched::Thread& self, const FutexTimeout& timeout, Done done) {
  HT_MAY_SLEEP();
  FutexAlarm alarm{self, timeout};
  Errno why{};
  for (;;) {
    sched::prepare_to_sleep(sched::ThreadState::interruptible);
    if (done()) break;
    if (self.signal_pending()) {
      why = Errno::interrupted;
      break;
    }
    if (!timeout.is_never() && timeout.passed()) {
      why = Errno::timedout;
      break;
    }
    alarm.arm();
    sched::schedule();
  }
  sched::cancel_sleep();
  return why;
}

}  // namespace k::sync::detail

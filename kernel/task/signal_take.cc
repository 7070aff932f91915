#include "kernel/sync/wait_queue.h"
#include "kernel/task/signal_internal.h"

namespace k::task {
namespace {

/// Takes a waiting signal of `wanted`, or leaves the thread marked as waiting for them. number 0: there was none.
SignalInfo take_or_wait(Task& self, SignalSet wanted) {
  Locked signals{self.process().signals};
  SignalInfo taken;
  if (self.pending.set().any(wanted)) {
    taken = self.pending.take(wanted);
  } else if (signals->pending.set().any(wanted)) {
    taken = signals->pending.take(wanted);
  }
  self.waited = taken.number == 0 ? wanted : SignalSet{};
  recalculate_pending(self, *signals);
  return taken;
}

void stop_waiting(Task& self) {
  Locked signals{self.process().signals};
  self.waited = {};
  recalculate_pending(self, *signals);
}

}  // namespace

Result<SignalInfo> take_signal(Task& self, SignalSet wanted, time::Deadline deadline) {
  wanted = wanted.without(kUnblockable);
  SignalInfo taken = take_or_wait(self, wanted);
  if (taken.number != 0) return taken;
  sync::WaitQueue nobody_wakes;
  const auto ended = nobody_wakes.wait_until([] { return false; }, deadline);
  taken = take_or_wait(self, wanted);
  if (taken.number != 0) return taken;
  stop_waiting(self);
  return err(ended.error() == Errno::timedout ? Errno::again : Errno::interrupted);
}

}  // namespace k::task

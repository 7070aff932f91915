#include "kernel/sync/wait_queue.h"
#include "kernel/task/signal_internal.h"

namespace k::task {
namespace {

SignalInfo take_locked(Task& self, Process::Signals& signals, SignalSet wanted) {
  if (self.pending.set().any(wanted)) return self.pending.take(wanted);
  if (signals.pending.set().any(wanted)) return signals.pending.take(wanted);
  return {};
}

/// Takes a waiting signal of `wanted`, or leaves the thread marked as waiting for them. number 0: there was none.
SignalInfo take_or_wait(Task& self, SignalSet wanted) {
  Locked signals{self.process().signals};
  const SignalInfo taken = take_locked(self, *signals, wanted);
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

SignalInfo take_pending(Task& self, SignalSet wanted) {
  Locked signals{self.process().signals};
  const SignalInfo taken = take_locked(self, *signals, wanted);
  if (taken.number != 0) recalculate_pending(self, *signals);
  return taken;
}

bool has_pending(Task& self, SignalSet wanted) {
  Locked signals{self.process().signals};
  return (self.pending.set() | signals->pending.set()).any(wanted);
}

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

#include "kernel/task/signal_internal.h"

namespace k::task {
namespace {

/// Process-wide signals that `self` just blocked go to a thread that does not block them.
void retarget(Task& self, Process::Signals& signals, SignalSet newly_blocked) {
  SignalSet left = signals.pending.set() & newly_blocked;
  if (left.empty()) return;
  for (Task& thread : signals.threads) {
    if (&thread != &self && left.any(SignalSet{~thread.blocked.bits()})) kick(thread, sched::kSignalWakes);
  }
}

}  // namespace

void recalculate_pending(Task& thread, Process::Signals& signals) {
  const SignalSet waiting = thread.pending.set() | signals.pending.set();
  const bool pending = waiting.any(SignalSet{~thread.blocked.bits()} | thread.waited) || thread.must_park ||
                       thread.killed || signals.report_continued;
  if (pending) {
    thread.mark_signal_pending();
  } else {
    thread.clear_signal_pending();
  }
}

void set_blocked(Task& self, SignalSet blocked) {
  Locked signals{self.process().signals};
  blocked = blocked.without(kUnblockable);
  const SignalSet newly = blocked.without(self.blocked);
  self.blocked = blocked;
  if (!newly.empty()) retarget(self, *signals, newly);
  recalculate_pending(self, *signals);
}

void block_during_call(Task& self, SignalSet during) {
  self.saved_mask = self.blocked;
  self.has_saved_mask = true;
  set_blocked(self, during);
}

void unblock_after_call(Task& self) {
  self.has_saved_mask = false;
  set_blocked(self, self.saved_mask);
}

SignalSet pending_signals(Task& self) {
  Locked signals{self.process().signals};
  return (self.pending.set() | signals->pending.set()) & self.blocked;
}

}  // namespace k::task

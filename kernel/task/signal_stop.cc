// Job control: stopping and continuing a process.
#include "kernel/task/signal_internal.h"

namespace k::task {
namespace {

/// The last thread to park completes the stop. Under Process::signals.
bool one_less_to_stop(Process::Signals& signals) {
  if (signals.to_stop == 0 || --signals.to_stop > 0) return false;
  signals.stopped = true;
  return true;
}

SignalInfo child_info(Process& child, const Task* any_thread, int code, int status) {
  SignalInfo info = SignalInfo::from_kernel(SIGCHLD);
  info.code = code;
  info.fields.child.pid = child.id();
  info.fields.child.uid = any_thread != nullptr ? any_thread->creds().uid : 0;
  info.fields.child.status = status;
  return info;
}

}  // namespace

void begin_stop(Process::Signals& signals, int number) {
  if (signals.stopping != 0) return;
  signals.stopping = number;
  signals.to_stop = 0;
  for (Task& thread : signals.threads) {
    if (thread.killed) continue;
    thread.must_park = true;
    ++signals.to_stop;
    kick(thread, sched::kSignalWakes);
  }
}

bool leave_stop(Task& thread, Process::Signals& signals) {
  if (!thread.must_park) return false;
  thread.must_park = false;
  return one_less_to_stop(signals);
}

void continue_stopped(Process& process, Process::Signals& signals) {
  signals.pending.discard(kStopSignals);
  signals.stop_taken = false;
  const bool was_stopped = signals.stopped;
  const bool was_stopping = signals.stopping != 0;
  signals.stopping = 0;
  signals.to_stop = 0;
  signals.stopped = false;
  if (was_stopped || was_stopping) signals.report_continued = was_stopped;
  for (Task& thread : signals.threads) {
    thread.pending.discard(kStopSignals);
    thread.must_park = false;
    if (was_stopped || was_stopping) kick(thread, sched::StateSet{sched::ThreadState::stopped});
  }
  (void)process;
}

void park(Task& self) {
  Process& process = self.process();
  int completed = 0;
  {
    Locked signals{process.signals};
    if (!self.must_park) return;
    self.must_park = false;
    if (one_less_to_stop(*signals)) completed = signals->stopping;
  }
  if (completed != 0) report_to_parent(process, CLD_STOPPED, completed);
  for (;;) {
    sched::prepare_to_sleep(sched::ThreadState::stopped);
    bool stay;
    {
      Locked signals{process.signals};
      stay = signals->stopping != 0 && !self.killed;
    }
    if (!stay) break;
    sched::schedule();
  }
  sched::cancel_sleep();
}

void report_to_parent(Process& process, int code, int signal) {
  const Task& self = current();
  sync::LockHeld tree{g_task_tree};
  Process* parent = process.parent.load(std::memory_order_relaxed);
  if (parent == nullptr) return;
  process.report = code == CLD_STOPPED ? Process::Report::stopped : Process::Report::continued;
  process.stop_signal = signal;
  const SignalInfo info = child_info(process, &self, code, signal);  // reads credentials, whose lock comes first
  {
    Locked signals{parent->signals};
    const Action action = signals->dispositions()->get(SIGCHLD);
    if (!action.is_ignore() && !action.has(SA_NOCLDSTOP)) {
      (void)send_locked(*parent, *signals, nullptr, info);
    }
  }
  parent->child_events.wake_all();
}

}  // namespace k::task

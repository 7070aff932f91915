// Why no signal is lost: the sender adds it and sets the target's "signal pending" under Process::signals; the target looks
// under the same lock on every return to user mode with the bit set, and only the target clears the bit.
#include <linux/capability.h>

#include "arch/include/arch/interrupts.h"
#include "kernel/sync/rcu.h"
#include "kernel/task/lifecycle.h"
#include "kernel/task/signal.h"
#include "kernel/task/signal_internal.h"

namespace k::task {
namespace {

bool is_blocked(const Task& thread, int number) { return thread.blocked.has(number) && !thread.waited.has(number); }

/// Whether `number` would do nothing to the process if `thread` took it.
bool is_dropped(const Process& process, const Process::Signals& signals, const Task& thread, const SignalInfo& info) {
  const int number = info.number;
  if (thread.blocked.has(number) || thread.waited.has(number)) return false;
  if (is_protected_init(process, signals, number)) return true;
  return signals.dispositions()->is_ignored(number);
}

/// The thread that should take a process-wide signal: the first that does not block it.
Task* choose(Process::Signals& signals, int number) {
  for (Task& thread : signals.threads) {
    if (number == SIGKILL || !is_blocked(thread, number)) return &thread;
  }
  return nullptr;
}

/// A default action that ends the process needs no thread to take it: everybody leaves now.
bool ends_process(const Process& process, Process::Signals& signals, const Task& thread, int number) {
  if (signals.exiting || !signals.dispositions()->get(number).is_default()) return false;
  if (kIgnoredByDefault.has(number) || kStopSignals.has(number)) return false;
  if (is_protected_init(process, signals, number)) return false;
  return number == SIGKILL || (!thread.blocked.has(number) && !thread.waited.has(number));
}

void deliver_to(Process& process, Process::Signals& signals, Task& thread, int number) {
  if (ends_process(process, signals, thread, number)) return start_group_exit(signals, signalled_status(number));
  kick(thread, sched::kSignalWakes);
}

void find_taker(Process& process, Process::Signals& signals, Task* only, int number) {
  process.signal_readers.wake_all(sync::kReadable);
  Task* const taker = only != nullptr ? only : choose(signals, number);
  if (taker != nullptr && (number == SIGKILL || !is_blocked(*taker, number)))
    deliver_to(process, signals, *taker, number);
}

/// What a stop or continue signal does when it is sent, blocked or not. Source: POSIX 2.4.1, signal(7).
void apply_job_control(Process& process, Process::Signals& signals, int number) {
  if (kStopSignals.has(number)) {
    signals.pending.discard(SignalSet::of(SIGCONT));
    for (Task& thread : signals.threads) thread.pending.discard(SignalSet::of(SIGCONT));
  } else if (number == SIGCONT) {
    continue_stopped(process, signals);
  }
}

}  // namespace

bool is_protected_init(const Process& process, const Process::Signals& signals, int number) {
  return process.is_init() && !signals.init_may_die && signals.dispositions()->get(number).is_default();
}

void kick(Task& thread, sched::StateSet states) {
  if (thread.killed) {
    thread.mark_kill_pending();
  } else {
    thread.mark_signal_pending();
  }
  if (!sched::wake(thread, states) && thread.is_on_cpu() && &thread != &sched::current())
    arch::send_reschedule(thread.cpu());
}

Result<void> send_locked(Process& process, Process::Signals& signals, Task* only, const SignalInfo& info) {
  if (signals.threads.empty()) return {};
  const int number = info.number;
  apply_job_control(process, signals, number);
  Task& first = only != nullptr ? *only : signals.threads.front();
  if (is_dropped(process, signals, first, info)) return {};
  SignalQueue& queue = only != nullptr ? only->pending : signals.pending;
  if (queue.already_waits(number)) return {};
  TRY(queue.add(info, first.user(), process.limits.soft(RLIMIT_SIGPENDING)));
  find_taker(process, signals, only, number);
  return {};
}

RecordSent send_record_locked(Process& process, Process::Signals& signals, Task* only, QueuedSignal& record) {
  if (signals.threads.empty()) return RecordSent::nobody;
  const int number = record.info.number;
  apply_job_control(process, signals, number);
  if (is_dropped(process, signals, only != nullptr ? *only : signals.threads.front(), record.info))
    return RecordSent::ignored;
  if (record.queued) return RecordSent::waits_already;
  (only != nullptr ? only->pending : signals.pending).add_record(record);
  find_taker(process, signals, only, number);
  return RecordSent::queued;
}

Result<void> send_to_process(Process& process, const SignalInfo& info) {
  Locked signals{process.signals};
  return send_locked(process, *signals, nullptr, info);
}

Result<void> send_to_thread(Task& thread, const SignalInfo& info) {
  Locked signals{thread.process().signals};
  if (thread.left) return err(Errno::srch);
  return send_locked(thread.process(), *signals, &thread, info);
}

void send_to_group(ProcessGroup& group, const SignalInfo& info) {
  group.for_each([&](Process& process) { (void)send_to_process(process, info); });
}

void force_on_current(const SignalInfo& info) {
  Task& self = current();
  Locked signals{self.process().signals};
  const int number = info.number;
  const bool blocked = self.blocked.has(number);
  if (blocked || signals->dispositions()->is_ignored(number)) {
    signals->dispositions()->reset(number);
    self.blocked.remove(number);
  }
  if (signals->dispositions()->get(number).is_default()) signals->init_may_die = true;
  if (!self.pending.already_waits(number)) (void)self.pending.add(info, self.user(), RLIM64_INFINITY);
  self.mark_signal_pending();
}

void kill_process(Process& process) {
  Locked signals{process.signals};
  if (!signals->exiting) start_group_exit(*signals, signalled_status(SIGKILL));
}

void start_group_exit(Process::Signals& signals, int status) {
  signals.exiting = true;
  signals.group_status = status;
  signals.stopping = 0;
  signals.stopped = false;
  for (Task& thread : signals.threads) {
    thread.killed = true;
    thread.must_park = false;
    kick(thread, sched::kKillWakes);
  }
}

const Task* any_thread(Process& process) {
  Locked signals{process.signals};
  return signals->threads.empty() ? nullptr : &signals->threads.front();
}

bool may_signal(const Task& sender, Process& target, int number) {
  if (&target == &sender.process()) return true;
  RefOrNull<fs::Credentials> theirs;
  {
    const sync::rcu::ReadGuard reading;
    if (const Task* thread = any_thread(target)) theirs = thread->shared_credentials();
  }
  if (!theirs) return true;  // a zombie takes no harm
  const fs::Credentials& ours = sender.creds();
  if (ours.euid == theirs->uid || ours.euid == theirs->suid || ours.uid == theirs->uid || ours.uid == theirs->suid)
    return true;
  if (ours.has(CAP_KILL)) return true;
  if (number != SIGCONT) return false;
  sync::LockHeld tree{g_task_tree};
  return sender.process().group && target.group && &sender.process().group->session() == &target.group->session();
}

}  // namespace k::task

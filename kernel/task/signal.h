/// Sending, blocking and taking signals.
///
/// Invariants  whoever adds a signal that its target does not block sets the target's "signal pending" and wakes it; the
///             target takes signals only on its way to user mode or in sigtimedwait and friends. SIGKILL and other fatal
///             signals end the whole process at once.
/// Lock order  Process::signals.
/// Context     send_*: any; the rest: the thread itself.
/// Errors      send_*: EAGAIN for a real-time signal beyond RLIMIT_SIGPENDING.
/// Source      signal(7), kill(2), tgkill(2), sigqueue(3), sigprocmask(2), sigsuspend(2), sigtimedwait(2).
#pragma once

#include "kernel/sync/spin/guarded.h"
#include "kernel/task/process.h"
#include "kernel/task/process_group.h"
#include "kernel/task/signal_info.h"
#include "kernel/task/task.h"
#include "kernel/time/deadline.h"

namespace k::task {

/// To a process: any thread that does not block it takes it.
Result<void> send_to_process(Process& process, const SignalInfo& info);
Result<void> send_to_thread(Task& thread, const SignalInfo& info);
/// To every member; for the kernel's own signals (terminal, orphaned groups).
void send_to_group(ProcessGroup& group, const SignalInfo& info);
/// A fault of the running thread: cannot be blocked or ignored (both mean death).
void force_on_current(const SignalInfo& info);
/// Ends every thread of the process with SIGKILL, as the OOM killer does.
void kill_process(Process& process);

/// A thread of `process`, null when all have left. It stays while the caller's rcu::ReadGuard does; its own lock comes before
/// the signals', so look into it after this has returned.
const Task* any_thread(Process& process);
/// May `sender` signal `target` (kill(2), "permission")?
bool may_signal(const Task& sender, Process& target, int number);

/// Replaces the blocked set of the running thread.
void set_blocked(Task& self, SignalSet blocked);
/// Blocks `during` until the next return to user mode (sigsuspend, ppoll, pselect, epoll_pwait): the present mask comes back
/// after the handler, or at once when nothing was delivered.
void block_during_call(Task& self, SignalSet during);
/// The mask was installed with block_during_call and the call ended without interruption: put it back now.
void unblock_after_call(Task& self);

/// sigtimedwait(2): takes a signal of `wanted`, waiting until `deadline`. AGAIN at the deadline, INTERRUPTED by another one.
Result<SignalInfo> take_signal(Task& self, SignalSet wanted, time::Deadline deadline);
/// Takes a signal of `wanted` without waiting; number 0: none waits.
SignalInfo take_pending(Task& self, SignalSet wanted);
bool has_pending(Task& self, SignalSet wanted);
/// What sigpending(2) reports.
SignalSet pending_signals(Task& self);

/// Sets or clears the thread's "signal pending" by what waits for it. Under Process::signals.
void recalculate_pending(Task& thread, Process::Signals& signals);

/// Whether `stack_pointer` lies on the alternate stack of sigaltstack(2).
bool on_alternate_stack(const Task& self, std::uint64_t stack_pointer);

/// The running thread received a fatal signal (or its process is exiting).
inline bool must_die(const Task& self) { return self.killed; }

}  // namespace k::task

/// Between the files of the signal code; nobody else includes it.
/// Lock order  every function that takes Process::Signals is called under Process::signals.
#pragma once

#include "kernel/sched/sched.h"
#include "kernel/task/signal.h"

namespace k::task {

/// Sends to `only`, or to the process when it is null.
Result<void> send_locked(Process& process, Process::Signals& signals, Task* only, const SignalInfo& info);
enum class RecordSent : std::uint8_t { queued, waits_already, ignored, nobody };
/// As send_locked, with a record that belongs to somebody.
RecordSent send_record_locked(Process& process, Process::Signals& signals, Task* only, QueuedSignal& record);
/// Makes `thread` look at its signals: sets the bit, wakes it from `states`, interrupts it when it runs on another CPU.
void kick(Task& thread, sched::StateSet states);
/// The first process does not get signals whose default action it left in place, unless they are forced.
bool is_protected_init(const Process& process, const Process::Signals& signals, int number);

// Job control stops (signal_stop.cc).
/// The running thread took stop signal `number`: all threads of the process are to park.
void begin_stop(Process::Signals& signals, int number);
/// SIGCONT: ends a stop and the signals that would begin one.
void continue_stopped(Process& process, Process::Signals& signals);
/// A thread that leaves while the process is stopping will not park any more. True when that completed the stop.
bool leave_stop(Task& thread, Process::Signals& signals);
/// Parks the running thread until the process goes on. Called without the lock.
void park(Task& self);
/// Tells the parent that the process stopped or went on. Called without the lock.
void report_to_parent(Process& process, int code, int signal);

}  // namespace k::task

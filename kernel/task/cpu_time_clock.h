/// A CPU-time clock: what one thread, or one process, has used.
///
/// Context     task context; read_locked under Process::signals of `process`.
/// Errors      find: INVAL (no such clock, or a thread of another process). read: SRCH once its owner has ended.
/// Source      clock_getcpuclockid(3), timer_create(2); the numbers: Linux's <linux/posix-timers.h>.
#pragma once

#include "kernel/task/process.h"

namespace k::task {

class CpuTimeClock {
 public:
  /// `clock` is CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID or a number made from a process's or thread's.
  static Result<CpuTimeClock> find(Task& self, int clock);

  /// A number of a device's clock: it has neither sleeps nor timers.
  static constexpr bool is_dynamic(int clock) { return clock < 0 && (clock & 7) == 3; }

  Result<std::uint64_t> read() const;
  /// 0 once its owner has ended.
  std::uint64_t read_locked(const Process::Signals& signals) const;
  Process& process() const { return *process_; }
  /// Whether what `thread` uses counts.
  bool counts(const Task& thread) const { return !thread_ || thread_.get() == thread.pid.get(); }

 private:
  enum class Mode : unsigned { user_and_system, user, total };  // the numbers' lowest bits
  CpuTimeClock(Ref<Process> process, RefOrNull<Pid> thread, Mode mode)
      : process_(std::move(process)), thread_(std::move(thread)), mode_(mode) {}
  std::uint64_t select(const Usage& usage) const;
  static Result<CpuTimeClock> find_thread(Task& self, pid_t number, Mode mode);
  static Result<CpuTimeClock> find_process(Task& self, pid_t number, Mode mode);

  Ref<Process> process_;
  RefOrNull<Pid> thread_;  // null: the whole process
  Mode mode_;
};

}  // namespace k::task

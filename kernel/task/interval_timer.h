/// The interval timers of a process: ITIMER_REAL (and alarm(2)), ITIMER_VIRTUAL, ITIMER_PROF; RLIMIT_CPU.
///
/// Invariants  ITIMER_REAL runs on CLOCK_MONOTONIC; an expiry sends the signal and rearms by the interval. The CPU-time timers are
///             checked at the scheduler's samples of running threads.
/// Lock order  Process::signals for the fields; the timers' callbacks take it.
/// Context     set, get: task context.
/// Errors      none.
/// Source      setitimer(2), alarm(2), getrlimit(2).
#pragma once

#include <cstdint>

#include "kernel/sched/thread.h"
#include "kernel/time/timer.h"

namespace k::task {

class Process;

struct TimerSetting {
  std::uint64_t left_ns = 0;  // 0: disarmed
  std::uint64_t interval_ns = 0;
};

enum class CpuClock : bool { user, all };

class IntervalTimers {
 public:
  explicit IntervalTimers(Process& owner);
  /// ITIMER_REAL; returns the former setting.
  TimerSetting set_real(TimerSetting setting);
  TimerSetting real() const;
  /// ITIMER_VIRTUAL (user) and ITIMER_PROF (all).
  TimerSetting set_cpu(CpuClock clock, TimerSetting setting);
  TimerSetting cpu(CpuClock clock) const;
  /// The process has ended. Task context, without locks.
  void cancel() { real_.cancel(); }

  /// kernel/init calls it once: looks at the timers of the thread that runs whenever the scheduler takes a sample.
  static void start_sampling();

 private:
  struct Real : time::Timer {
    explicit Real(Process& p) : Timer(&expire), owner(p) {}
    Process& owner;
    std::uint64_t interval_ns = 0;
  };
  struct Cpu {
    std::uint64_t expires_ns = 0;  // of consumed CPU time; 0: disarmed
    std::uint64_t interval_ns = 0;
  };
  static void expire(time::Timer& timer);
  static void sample(sched::Thread& running);
  void check(Cpu& timer, std::uint64_t used_ns, int signal);
  void check_limit(std::uint64_t used_ns);
  TimerSetting read(const Cpu& timer, std::uint64_t used_ns) const;

  Process& owner_;
  Real real_;
  Cpu user_, all_;
  std::uint64_t cpu_limit_warned_s_ = 0;
};

}  // namespace k::task

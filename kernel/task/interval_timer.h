/// The interval timers of a process: ITIMER_REAL (and alarm(2)), ITIMER_VIRTUAL, ITIMER_PROF.
///
/// Invariants  ITIMER_REAL runs on CLOCK_MONOTONIC; an expiry sends the signal and rearms by the interval.
/// Lock order  Process::signals for the fields; the timer's callback takes it.
/// Context     task context; the callback runs in interrupt context.
/// Source      setitimer(2), alarm(2).
#pragma once

#include <cstdint>

#include "kernel/time/timer.h"

namespace k::task {

class Process;

struct IntervalTimers {
  struct CpuTimer {
    std::uint64_t expires_ns = 0;  // of consumed CPU time; 0: disarmed
    std::uint64_t interval_ns = 0;
  };
  explicit IntervalTimers(Process& owner);
  Process& owner;
  time::Timer real;
  std::uint64_t real_interval_ns = 0;
  CpuTimer virtual_time, profiling;
};

}  // namespace k::task

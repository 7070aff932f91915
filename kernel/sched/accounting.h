/// CPU time: who used it, and in which mode.
///
/// Each thread's total is exact (charged at every switch). Its split into user and system time comes from samples: while a
/// user thread runs, the CPU takes a timer interrupt every kSampleNs and counts the mode it interrupted. Exact entry and exit
/// stamps would cost every system call two clock readings; samples cost a busy CPU 100 interrupts a second and an idle one none.
///
/// Context     interrupts off.
#pragma once

#include <cstdint>

#include "kernel/sched/run_queue.h"

namespace k::sched {

inline constexpr std::uint64_t kSampleNs = 10'000'000;  // a tick of times(2)

/// Called by the timer interrupt: counts a sample for the running thread.
void take_sample(RunQueue& rq);

}  // namespace k::sched

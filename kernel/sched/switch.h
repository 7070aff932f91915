/// Inside the scheduler: leaving the CPU, and who may have it next.
///
/// Context     as stated; kernel/sched only.
#pragma once

#include "kernel/sched/run_queue.h"
#include "kernel/sched/sched.h"

namespace k::sched {

enum class Leave : std::uint8_t {
  sleep,    // by itself: sleeps if its state says so
  yield,    // by itself, stays runnable
  preempt,  // stays runnable whatever its state says
};

/// Gives the CPU up. Returns when the thread runs again. Preemption count 0; interrupts on or off, as before on return.
void leave_cpu(Leave how);
/// The arriving thread's first act: releases the run queue, finishes off the thread that left.
void finish_switch();
/// Asks `rq`'s CPU to look for a better thread, by interrupt where needed. Under its lock; interrupts off.
void request_reschedule(RunQueue& rq);
/// Puts a runnable, unqueued thread onto the best CPU that it may use. No lock held, interrupts off.
void place(Thread& thread, WakeHint hint);
/// Takes a thread from another CPU's queue. `rq` is this CPU's, locked, and has none.
void steal_into(RunQueue& rq, std::uint64_t now);
/// A set bit: the CPU idles.
CpuMask idle_cpus();
void mark_idle(unsigned cpu, bool is_idle);
/// Makes one idle CPU look for threads to steal.
void wake_an_idle_cpu();
/// Address-space switch (kernel/sched/space.cc).
void switch_space(Thread& next);
/// A stack that is no longer run on goes back to the cache (kernel/sched/stack.cc).
Result<void*> take_stack();
void give_back_stack(void* top);

}  // namespace k::sched

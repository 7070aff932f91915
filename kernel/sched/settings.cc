// Policy, nice and affinity of a thread that may run, wait or sleep.
#include "arch/include/arch/interrupts.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/switch.h"
#include "kernel/sync/spin/preempt.h"

namespace k::sched {
namespace {

/// Changes `thread` by `change` while it is in no class queue.
template <class Change>
void requeue_with(Thread& thread, Change change) {
  {
    arch::IrqOff off;
    RunQueue& home = lock_home(thread);
    const std::uint64_t now = time::monotonic_ns();
    const bool running = home.current == &thread;
    const bool waiting = thread.run.queued && !running;
    if (waiting) home.remove(thread, now);
    if (running) {
      home.charge(now);
      home.put_to_sleep(thread, now);
    }
    change(thread.run);
    if (waiting || running) home.enqueue_as(thread, running, now);
    if (thread.run.queued) request_reschedule(home);
    home.unlock();
  }
  sync::preempt_check();
}

/// What the thread is scheduled by: the better of its own priority and what it inherits. Source: futex(2), "Priority-inheritance".
void apply(RunState& run) {
  const RunState::Own& own = run.own;
  run.policy = own.policy;
  run.nice = own.nice;
  run.rt_priority = own.rt_priority;
  if (run.inherited < priority_of(own.policy, own.rt_priority, own.nice)) {
    const bool realtime = is_realtime_priority(run.inherited);
    run.policy = realtime ? Policy::fifo : Policy::other;
    if (realtime) run.rt_priority = static_cast<std::uint8_t>(kMaxRtPriority - run.inherited);
    if (!realtime) run.nice = static_cast<std::int8_t>(run.inherited - kNiceZeroPriority);
  }
  run.rt.priority = run.rt_priority;
  run.fair.set_weight(weight_of(run.policy, run.nice));
}

}  // namespace

void inherit_priority(Thread& thread, Priority from_waiters) {
  requeue_with(thread, [&](RunState& run) {
    run.inherited = from_waiters;
    apply(run);
  });
}

Result<void> set_policy(Thread& thread, Policy policy, int rt_priority) {
  const bool ok =
      is_realtime(policy) ? rt_priority >= kMinRtPriority && rt_priority <= kMaxRtPriority : rt_priority == 0;
  if (!ok) return err(Errno::inval);
  requeue_with(thread, [&](RunState& run) {
    run.own.policy = policy;
    run.own.rt_priority = static_cast<std::uint8_t>(rt_priority);
    run.rt.slice_left_ns = kRrSliceNs;
    apply(run);
  });
  return {};
}

void set_nice(Thread& thread, int nice) {
  requeue_with(thread, [&](RunState& run) {
    run.own.nice = static_cast<std::int8_t>(nice);
    apply(run);
  });
}

Result<void> set_affinity(Thread& thread, CpuMask allowed) {
  if ((allowed & CpuMask::online()).empty()) return err(Errno::inval);
  {
    arch::IrqOff off;
    RunQueue& home = lock_home(thread);
    thread.run.affinity.store(allowed.bits(), std::memory_order_relaxed);
    const bool here = allowed.has(home.cpu);
    if (home.current == &thread && !here) request_reschedule(home);
    const bool move = thread.run.queued && home.current != &thread && !here;
    if (move) {
      home.remove(thread, time::monotonic_ns());
      thread.run.moving = true;
    }
    home.unlock();
    if (move) place(thread, WakeHint::none);
  }
  sync::preempt_check();
  // A running thread leaves its CPU as soon as that CPU takes the interrupt.
  while (thread.is_on_cpu() && !thread.affinity().has(thread.cpu()) && &thread != &current()) arch::pause();
  return {};
}

std::uint64_t slice_ns(const Thread& thread) {
  switch (thread.policy()) {
    case Policy::fifo:
      return 0;
    case Policy::rr:
      return kRrSliceNs;
    default:
      return FairQueue::kSliceNs;
  }
}

}  // namespace k::sched

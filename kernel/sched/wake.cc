// Waking threads and choosing their CPU.
#include "arch/include/arch/interrupts.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/switch.h"
#include "kernel/sync/spin/preempt.h"
#include "kernel/time/event.h"

namespace k::sched {
namespace {

/// Is the waker about to leave this CPU to the woken thread? What it did after its last wake-ups says so; a hint says that
/// such code usually does.
bool waker_leaves(const RunQueue& here, WakeHint hint) {
  if (arch::this_cpu_block().irq_depth != 0 || here.current == here.idle || here.waiting() != 0) return false;
  return here.current->run.leaves_after_wake >= (hint == WakeHint::sync ? 1 : 2);
}

unsigned choose_cpu(const Thread& thread, WakeHint hint) {
  const unsigned before = thread.cpu();
  const unsigned here = arch::cpu_id();
  const CpuMask allowed = thread.affinity() & CpuMask::online();
  const CpuMask idle = allowed & idle_cpus();
  // Another address space is another working set: changing to it costs more than a wake-up on a CPU that has nothing to do.
  const bool pays_to_stay = idle.empty() || thread.space == current().space;
  if (allowed.has(here) && pays_to_stay && waker_leaves(this_run_queue(), hint)) return here;
  if (idle.has(before)) return before;
  if (idle.has(here)) return here;
  if (!idle.empty()) return idle.lowest();
  if (!allowed.has(before)) return allowed.has(here) ? here : allowed.lowest();
  // Everybody is busy: the cache decides, unless one of the two queues is clearly shorter.
  const bool shorter_here = allowed.has(here) && run_queue_of(here).runnable() + 1 < run_queue_of(before).runnable();
  return shorter_here ? here : before;
}

/// Queues on a locked run queue and lets the CPU know.
void queue_on(RunQueue& rq, Thread& thread) {
  const std::uint64_t now = time::monotonic_ns();
  rq.enqueue(thread, now);
  if (arch::this_cpu_block().irq_depth == 0) current().run.last_wake_ns = now;
  if (rq.should_preempt(thread)) {
    request_reschedule(rq);
  } else if (rq.cpu == arch::cpu_id()) {
    time::want_event(rq.next_event(now));
  } else if (rq.waiting() == 1) {
    // The running thread now has company: its CPU must arm a timer for its slice.
    arch::send_reschedule(rq.cpu);
  }
}

/// Queues a thread that is on no queue, its home locked, where it belongs; unlocks. A move is made known under the old home's
/// lock: who changes the thread on its way takes the new one's.
void place_from(RunQueue& home, Thread& thread, WakeHint hint) {
  RunQueue* rq = &home;
  unsigned target = arch::cpu_count() == 1 ? home.cpu : choose_cpu(thread, hint);
  while (rq->cpu != target) {
    thread.run.cpu.store(target, std::memory_order_relaxed);
    rq->unlock();
    rq = &lock_home(thread);
    target = thread.affinity().has(rq->cpu) ? rq->cpu : choose_cpu(thread, hint);
  }
  if (rq != &home && thread.notify_on_move) thread.add_exit_work(arch::ExitWork::notify);
  queue_on(*rq, thread);
  rq->unlock();
}

}  // namespace

void place(Thread& thread, WakeHint hint) { place_from(lock_home(thread), thread, hint); }

bool wake(Thread& thread, StateSet states, WakeHint hint) {
  const auto asleep = [&] { return (thread.state_word.load(std::memory_order_relaxed) & states.bits()) != 0; };
  if (!asleep()) return false;
  const std::uint64_t interrupts = arch::interrupts_save();
  RunQueue& home = lock_home(thread);
  bool woken = asleep();
  if (woken) {
    thread.state_word.store(0, std::memory_order_relaxed);
    if (thread.run.queued || thread.run.moving) {
      home.unlock();  // it has not left its CPU yet, or goes to another: leave_cpu will find it running
    } else {
      place_from(home, thread, hint);
    }
  } else {
    home.unlock();
  }
  arch::interrupts_restore(interrupts);
  sync::preempt_check();
  return woken;
}

void wake_new(Thread& thread) {
  const std::uint64_t interrupts = arch::interrupts_save();
  thread.state_word.store(0, std::memory_order_relaxed);
  place(thread, WakeHint::none);
  arch::interrupts_restore(interrupts);
  sync::preempt_check();
}

void request_reschedule(RunQueue& rq) {
  if (rq.cpu == arch::cpu_id()) {
    arch::set_need_resched();
    rq.current->add_exit_work(arch::ExitWork::reschedule);
    return;
  }
  if (rq.current != rq.idle) return arch::send_reschedule(rq.cpu);
  // An idle CPU that still looks for work sees the queue by itself (kernel/sched/idle.cc).
  std::atomic_thread_fence(std::memory_order_seq_cst);
  IdleState expected = IdleState::halted;
  if (rq.idle_state.compare_exchange_strong(expected, IdleState::looking)) arch::send_reschedule(rq.cpu);
}

}  // namespace k::sched

// Where interrupts and preemption reach the scheduler, and how a CPU's first code becomes a thread.
#include "kernel/sync/spin/preempt.h"
#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/upcalls.h"
#include "kernel/lib/format.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/switch.h"
#include "kernel/sync/rcu.h"

namespace k::sched {
namespace {

HT_PER_CPU(Thread, idle_threads);

/// The code that runs on this CPU now becomes its idle thread.
void adopt_cpu() {
  Thread& idle = this_cpu(idle_threads);
  RunQueue& rq = this_run_queue();
  const unsigned cpu = arch::cpu_id();
  char name[Thread::kNameSize];
  idle.set_name({name, lib::format_to(name, "idle/{}", cpu)});
  idle.state_word.store(0, std::memory_order_relaxed);
  idle.attach_entities();
  idle.run.policy = idle.run.own.policy = Policy::idle;
  idle.run.cpu.store(cpu, std::memory_order_relaxed);
  idle.run.on_cpu.store(true, std::memory_order_relaxed);
  // The time before counts as idle, for it is nobody's.
  idle.run.runtime_ns = idle.run.run_start_ns = time::monotonic_ns();
  rq.cpu = cpu;
  rq.idle = rq.current = &idle;
  arch::CpuBlock& block = arch::this_cpu_block();
  block.current_thread = &idle;
  idle.stack_canary = block.stack_canary;
#if defined(HT_DEBUG)
  block.held_locks = &idle.held_locks;
#endif
}

}  // namespace

void start_boot_cpu() { adopt_cpu(); }
void start_secondary_cpu() { adopt_cpu(); }

void reschedule_on_return() {
  // Interrupts are off; the loop ends in a state in which nothing is due.
  do {
    leave_cpu(Leave::preempt);
  } while (arch::need_resched());
}

}  // namespace k::sched

extern "C" void ht_preempt_now() {
  while (k::arch::preempt_due()) k::sched::leave_cpu(k::sched::Leave::preempt);
}

namespace k::arch {

void ht_preempt_from_irq() { sched::leave_cpu(sched::Leave::preempt); }

void ht_on_reschedule_ipi() {
  // Preemption on means that the interrupted code is no RCU reader.
  if (arch::preempt_count() == 0) sync::rcu::quiescent();
  sched::current().add_exit_work(ExitWork::reschedule);
}

}  // namespace k::arch

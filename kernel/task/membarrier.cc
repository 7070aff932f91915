#include "kernel/task/membarrier.h"

#include "arch/include/arch/cpu.h"
#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/page_table.h"
#include "kernel/sync/rcu.h"
#include "kernel/task/task.h"

namespace k::task {
namespace {

void fence(void*) { std::atomic_thread_fence(std::memory_order_seq_cst); }

void restart_sequence(void*) {
  sched::Thread& running = sched::current();
  if (running.notify_on_move) running.add_exit_work(arch::ExitWork::notify);
}

}  // namespace

void barrier_on_own_cpus(Task& self, BarrierKind kind, int cpu) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  sched::CpuMask cpus{self.address_space().binding().cpus.load()};
  if (cpu != kEveryCpu) {
    if (static_cast<unsigned>(cpu) >= arch::cpu_count()) return;
    cpus = cpus & sched::CpuMask::of(static_cast<unsigned>(cpu));
  }
  // The return from the interrupt serialises the others; this CPU does it by reloading its page table.
  arch::call_on_cpus(cpus.bits(), kind == BarrierKind::restart_sequences ? restart_sequence : fence, nullptr);
  if (kind == BarrierKind::serialize) {
    const arch::IrqOff off;
    arch::tlb_flush_all();
  }
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

void barrier_by_grace_period() {
  if (arch::cpu_count() > 1) sync::rcu::synchronize();
}

void barrier_on_all_cpus() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  arch::call_on_cpus(sched::CpuMask::online().bits(), fence, nullptr);
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

}  // namespace k::task

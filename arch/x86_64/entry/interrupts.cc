// Hardware interrupts: the timer, messages between CPUs, devices.
#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/percpu.h"
#include "arch/include/arch/upcalls.h"
#include "arch/x86_64/apic/local_apic.h"
#include "arch/x86_64/entry/idt.h"
#include "arch/x86_64/smp/call.h"

namespace k::arch {
namespace {

constexpr std::uint64_t kInterruptFlag = 1u << 9;

HT_PER_CPU(IrqCounters, g_irq_counters);

void handle(unsigned vector) {
  IrqCounters& counters = this_cpu(g_irq_counters);
  if (vector == kTimerVector) {
    ++counters.timer;
    apic::end_of_interrupt();
    ht_on_timer();
  } else if (vector == kRescheduleVector) {
    ++counters.reschedule;
    apic::end_of_interrupt();
    set_need_resched();
    ht_on_reschedule_ipi();
  } else if (vector == kCallVector) {
    ++counters.call;
    apic::end_of_interrupt();
    run_call();
  } else if (vector >= kFirstDevice && vector <= kLastDevice) {
    ++counters.device;
    ht_on_device_irq(vector);
  } else {
    ++counters.spurious;
  }
}

}  // namespace

IrqCounters irq_counters(unsigned cpu) { return on_cpu(g_irq_counters, cpu); }
void irq_acknowledge() { apic::end_of_interrupt(); }

extern "C" void ht_user_interrupt(std::uint64_t vector, UserRegs*, std::uint64_t) {
  CpuBlock& cpu = this_cpu_block();
  ++cpu.irq_depth;
  cpu.from_user = 1;
  handle(static_cast<unsigned>(vector));
  cpu.from_user = 0;
  --cpu.irq_depth;
}

extern "C" void ht_kernel_interrupt(std::uint64_t vector, UserRegs* regs, std::uint64_t) {
  ++this_cpu_block().irq_depth;
  handle(static_cast<unsigned>(vector));
  CpuBlock& cpu = this_cpu_block();
  if (--cpu.irq_depth == 0 && cpu.preempt_count == 0 && (regs->rflags & kInterruptFlag) != 0) ht_preempt_from_irq();
}

}  // namespace k::arch

/// Device interrupts, inter-processor interrupts, the one-shot timer, and starting CPUs.
///
/// Context     irq_* setup: task context at boot or driver probe. send_*: any context.
/// Errors      NODEV when no controller serves the line, NOSPC when vectors run out.
/// Source      Intel SDM volume 3 chapter 11 (APIC); ACPI 6.4 section 5.2.12 (MADT); 82093AA IO-APIC datasheet.
#pragma once

#include <cstdint>

#include "kernel/lib/result.h"

namespace k::arch {

/// Routes the legacy/ACPI global system interrupt `gsi` (ISA overrides already applied for gsi < 16 via `isa`) to a free
/// vector of CPU `cpu`, masked. Returns the vector, the value that ht_on_device_irq receives.
Result<unsigned> irq_route_isa(unsigned isa_irq, unsigned cpu);
Result<unsigned> irq_route_gsi(unsigned gsi, unsigned cpu);
void irq_mask(unsigned vector);
void irq_unmask(unsigned vector);
/// End of interrupt for the current one; called by kernel/irq once per ht_on_device_irq.
void irq_acknowledge();

/// Makes `cpu` run ht_on_reschedule_ipi.
void send_reschedule(unsigned cpu);
/// Runs `function(argument)` on every CPU in `cpu_mask` (bit = CPU id; this CPU is skipped) with interrupts off, and waits for all.
/// Called with interrupts on or off; never with a SpinIrq lock held that the function takes.
void call_on_cpus(std::uint64_t cpu_mask, void (*function)(void*), void* argument);

/// Arms this CPU's one-shot timer for TSC value `deadline_cycles` (0 disarms). Interrupts off.
void timer_arm(std::uint64_t deadline_cycles);
/// TSC frequency, calibrated at boot against HPET or the PM timer (CPUID leaf 15H when the CPU tells).
std::uint64_t cycles_per_second();
/// Wall clock at boot from the RTC (seconds since the epoch, UTC).
std::int64_t rtc_seconds();

/// Starts all secondary CPUs that ACPI lists; each ends in ht_secondary_main. Returns how many are online in all.
unsigned start_secondary_cpus();

/// Interrupt counters for /proc/interrupts and the tickless test.
struct IrqCounters {
  std::uint64_t timer, reschedule, call, device, spurious;
};
IrqCounters irq_counters(unsigned cpu);

}  // namespace k::arch

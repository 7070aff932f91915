/// The local APIC of the running CPU, through MMIO (xAPIC) or MSRs (x2APIC).
///
/// Invariants  x2APIC whenever the CPU has it; all CPUs use the same mode.
/// Context     any; writes of a destination and command in xAPIC mode need interrupts off (send_ipi takes care).
/// Source      Intel SDM volume 3, chapter 11.
#pragma once

#include <cstdint>

#include "kernel/lib/types.h"

namespace k::arch::apic {

/// Register numbers: byte offset in xAPIC mode divided by 16, the x2APIC MSR less 0x800.
enum class Reg : std::uint32_t {
  id = 0x02,
  version = 0x03,
  task_priority = 0x08,
  eoi = 0x0b,
  spurious = 0x0f,
  command = 0x30,
  command_high = 0x31,
  lvt_timer = 0x32,
  lvt_lint0 = 0x35,
  lvt_lint1 = 0x36,
  lvt_error = 0x37,
  timer_initial = 0x38,
  timer_current = 0x39,
  timer_divide = 0x3e,
};

/// Finds and maps the registers. Boot CPU, once.
void init(PhysAddr base);
/// Enables the running CPU's APIC, all local vectors masked.
void enable();

std::uint32_t read(Reg reg);
void write(Reg reg, std::uint32_t value);
std::uint32_t id();
/// The highest id that send_ipi reaches: xAPIC mode has eight bits, all ones meaning everybody.
std::uint32_t highest_id();
void end_of_interrupt();

enum class Delivery : std::uint32_t { fixed = 0, nmi = 4, init = 5, startup = 6 };
/// Sends to one CPU, by APIC id.
void send_ipi(std::uint32_t destination, Delivery delivery, std::uint8_t vector);

}  // namespace k::arch::apic

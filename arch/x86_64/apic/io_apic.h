/// I/O APICs: from interrupt lines to vectors. arch/include/arch/interrupts.h has what others call.
///
/// Source      82093AA I/O APIC datasheet, 3.
#pragma once

namespace k::arch::apic {

/// Maps the I/O APICs that ACPI lists, every line masked.
void init_io_apics();
/// Masks the two legacy 8259 controllers and moves their vectors out of the exceptions' way.
void disable_pic();

}  // namespace k::arch::apic

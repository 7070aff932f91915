/// How fast the time-stamp counter and the local APIC timer run.
#pragma once

namespace k::arch::time {

/// Sets cycles_per_second() and the APIC timer's frequency. Boot CPU, interrupts off, local APIC enabled.
void calibrate();

}  // namespace k::arch::time

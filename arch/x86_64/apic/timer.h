/// The local APIC's one-shot timer; arch::timer_arm is what others call.
#pragma once

#include <cstdint>

namespace k::arch::apic {

/// Prepares the running CPU's timer, disarmed.
void enable_timer();
/// Ticks of the local APIC timer per second, when TSC-deadline mode is absent.
void set_timer_frequency(std::uint64_t ticks_per_second, std::uint64_t cycles_per_second);

/// For calibration: counts down from the maximum without interrupts; how many ticks went by.
void start_counting();
std::uint32_t ticks_counted();

}  // namespace k::arch::apic

/// The clocks: monotonic from the TSC, real time as an offset to it.
///
/// Invariants  monotonic_ns never goes back, on any CPU; boot time equals monotonic time (there is no suspend). The vDSO page
///             holds the same numbers, so user code and the system call agree.
/// Context     readers: any. set_realtime: task context.
/// Source      clock_gettime(2), vdso(7).
#pragma once

#include <cstdint>

#include "kernel/time/deadline.h"

namespace k::sync {
class WaitQueue;
}

namespace k::time {

/// Starts the clocks: boot CPU, after the TSC is calibrated. Real time comes from the RTC.
void init_clock();

/// CLOCK_REALTIME in nanoseconds since the epoch.
std::int64_t realtime_ns();
/// CLOCK_REALTIME minus CLOCK_MONOTONIC.
std::int64_t realtime_offset_ns();
/// Sets CLOCK_REALTIME, then wakes clock_set_waiters().
void set_realtime(std::int64_t ns);
/// How often it was set, and who wants to know: sleepers and timers on absolute CLOCK_REALTIME.
std::uint64_t clock_set_count();
sync::WaitQueue& clock_set_waiters();
/// Boot, once: `hook` is called after CLOCK_REALTIME was set, in task context.
void on_clock_set(void (*hook)());
std::uint64_t boottime_ns();
/// Seconds since the epoch at boot, /proc/stat's btime.
std::int64_t boot_epoch_seconds();

/// The monotonic deadline that stands for `ns` on CLOCK_REALTIME as it is set now.
Deadline realtime_deadline(std::int64_t ns);

std::uint64_t cycles_to_ns(std::uint64_t cycles);
/// Saturates.
std::uint64_t ns_to_cycles(std::uint64_t ns);
/// TSC value at which monotonic_ns() reaches `ns`.
std::uint64_t monotonic_to_cycles(std::uint64_t ns);

}  // namespace k::time

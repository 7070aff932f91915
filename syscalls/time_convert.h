/// struct timespec and struct timeval from user space, checked, and back.
/// Errors      INVAL: negative seconds, or a fraction that is none.
/// Source      clock_gettime(2), nanosleep(2).
#pragma once

#include <linux/time.h>
#include <linux/time_types.h>

#include <cstdint>

#include "kernel/lib/result.h"
#include "kernel/time/deadline.h"

namespace k::sys {

inline constexpr std::uint64_t kMaxTimeSeconds = 9'000'000'000;  // in nanoseconds it still fits in 63 bits

/// Longer times than the clock can count are cut: nobody sees their end.
template <class Seconds, class Fraction>
Result<std::uint64_t> time_to_ns(Seconds seconds, Fraction fraction, std::uint64_t per_second) {
  if (seconds < 0 || fraction < 0 || static_cast<std::uint64_t>(fraction) >= per_second) return err(Errno::inval);
  const auto whole = static_cast<std::uint64_t>(seconds);
  if (whole >= kMaxTimeSeconds) return kMaxTimeSeconds * time::kNsPerSecond;
  return whole * time::kNsPerSecond + static_cast<std::uint64_t>(fraction) * (time::kNsPerSecond / per_second);
}
inline Result<std::uint64_t> to_ns(const uapi::__kernel_timespec& t) {
  return time_to_ns(t.tv_sec, t.tv_nsec, time::kNsPerSecond);
}
inline Result<std::uint64_t> to_ns(const uapi::__kernel_old_timeval& t) {
  return time_to_ns(t.tv_sec, t.tv_usec, 1'000'000);
}

inline uapi::__kernel_timespec timespec_of(std::uint64_t ns) {
  return {static_cast<long long>(ns / time::kNsPerSecond), static_cast<long long>(ns % time::kNsPerSecond)};
}

}  // namespace k::sys

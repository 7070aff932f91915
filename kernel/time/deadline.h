/// Deadline: an absolute point on CLOCK_MONOTONIC, or never.
///
/// Invariants  a duration too long for the clock is `never`, not an overflow.
/// Context     any.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace k::time {

inline constexpr std::uint64_t kNsPerSecond = 1'000'000'000;

/// Nanoseconds since boot; kernel/time/clock.h has the other clocks.
std::uint64_t monotonic_ns();

class Deadline {
 public:
  static constexpr Deadline never() { return Deadline{kNever}; }
  static constexpr Deadline at(std::uint64_t monotonic) { return Deadline{monotonic}; }
  static Deadline after(std::uint64_t ns) {
    const std::uint64_t now = monotonic_ns();
    return ns >= kNever - now ? never() : Deadline{now + ns};
  }

  constexpr bool is_never() const { return ns_ == kNever; }
  constexpr std::uint64_t ns() const { return ns_; }
  bool passed() const { return !is_never() && monotonic_ns() >= ns_; }
  /// What is left, 0 when passed: for nanosleep's and select's remaining time.
  std::uint64_t remaining_ns() const {
    const std::uint64_t now = monotonic_ns();
    return now >= ns_ ? 0 : ns_ - now;
  }
  constexpr auto operator<=>(const Deadline&) const = default;

 private:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
  constexpr explicit Deadline(std::uint64_t ns) : ns_(ns) {}
  std::uint64_t ns_;
};

}  // namespace k::time

namespace k {
using time::Deadline;
}  // namespace k

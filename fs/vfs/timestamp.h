/// Timestamp: a file time in one 64-bit word, so that it is read and written without a lock.
///
/// Invariants  34 bits of seconds from 1901-12-13 on (ext4's own range, up to 2446), 30 bits of nanoseconds; order of the
///             words is order in time. Values beyond the range are clamped, as Linux clamps to what a file system stores.
/// Source      inode(7), utimensat(2).
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>

namespace k::fs {

class Timestamp {
 public:
  static constexpr std::int64_t kMinSeconds = -(std::int64_t{1} << 31);
  static constexpr std::int64_t kMaxSeconds = (std::int64_t{1} << 34) - 1 + kMinSeconds;

  constexpr Timestamp() = default;
  static constexpr Timestamp of(std::int64_t seconds, std::uint32_t nanoseconds) {
    if (seconds > kMaxSeconds || seconds < kMinSeconds) nanoseconds = 0;
    const auto biased = static_cast<std::uint64_t>(std::clamp(seconds, kMinSeconds, kMaxSeconds) - kMinSeconds);
    return Timestamp{biased << 30 | nanoseconds};
  }
  static constexpr Timestamp of_ns(std::uint64_t since_epoch) {
    return of(static_cast<std::int64_t>(since_epoch / 1'000'000'000),
              static_cast<std::uint32_t>(since_epoch % 1'000'000'000));
  }
  constexpr std::int64_t seconds() const { return static_cast<std::int64_t>(word_ >> 30) + kMinSeconds; }
  constexpr std::uint32_t nanoseconds() const { return word_ & ((1u << 30) - 1); }
  constexpr auto operator<=>(const Timestamp&) const = default;

  /// The running clock's time (CLOCK_REALTIME).
  static Timestamp now();

 private:
  constexpr explicit Timestamp(std::uint64_t word) : word_(word) {}
  std::uint64_t word_ = static_cast<std::uint64_t>(-kMinSeconds) << 30;
};
static_assert(sizeof(Timestamp) == 8);

}  // namespace k::fs

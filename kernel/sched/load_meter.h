/// LoadMeter: how many threads were runnable, integrated over time, so that load averages need no tick.
///
/// Invariants  the integral is exact up to the last change; a reader adds the rest. Changes under the run queue's lock.
/// Source      getloadavg(3); proc(5), /proc/loadavg.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace k::sched {

class LoadMeter {
 public:
  /// The number changes from `count` to something else at `now`.
  void note(unsigned count, std::uint64_t now) {
    const std::uint64_t since = since_.load(std::memory_order_relaxed);
    integral_.store(integral_.load(std::memory_order_relaxed) + count * (now - since), std::memory_order_relaxed);
    since_.store(now, std::memory_order_relaxed);
  }
  /// Thread-nanoseconds until `now`, with `count` the present number. Off by one change when read during it.
  std::uint64_t read(unsigned count, std::uint64_t now) const {
    const std::uint64_t since = since_.load(std::memory_order_relaxed);
    return integral_.load(std::memory_order_relaxed) + (now > since ? count * (now - since) : 0);
  }

 private:
  std::atomic<std::uint64_t> integral_{0}, since_{0};
};

/// Exponentially decaying averages over 1, 5 and 15 minutes, fed whenever somebody looks.
class LoadAverage {
 public:
  static constexpr unsigned kShift = 16;  // SI_LOAD_SHIFT
  /// `integral`: thread-nanoseconds since boot.
  void update(std::uint64_t integral, std::uint64_t now);
  const std::array<std::uint64_t, 3>& values() const { return values_; }

 private:
  std::array<std::uint64_t, 3> values_{};
  std::uint64_t last_integral_ = 0, last_ns_ = 0;
};

}  // namespace k::sched

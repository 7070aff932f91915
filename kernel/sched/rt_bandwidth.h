/// RtBandwidth: what real-time threads of one CPU may take of each second while others wait for it.
///
/// Invariants  what one period leaves, or had too much because nobody else was there, counts in no other.
/// Context     pure; the run queue's lock guards it.
/// Source      sched(7), "Limiting the CPU usage of real-time and deadline processes".
#pragma once

#include <cstdint>

namespace k::sched {

class RtBandwidth {
 public:
  static constexpr std::uint64_t kPeriodNs = 1'000'000'000;
  static constexpr std::uint64_t kRuntimeNs = 950'000'000;

  /// Begins the period of `now`, if that is another.
  void renew(std::uint64_t now) {
    if (now < period_end_ns_) return;
    period_end_ns_ = now - now % kPeriodNs + kPeriodNs;
    used_ns_ = 0;
  }
  void charge(std::uint64_t now, std::uint64_t ran_ns) {
    renew(now);
    used_ns_ += ran_ns;
  }
  bool exhausted() const { return used_ns_ >= kRuntimeNs; }
  /// When that next changes, with a real-time thread running on from `now`.
  std::uint64_t next_change(std::uint64_t now) const {
    return exhausted() ? period_end_ns_ : now + (kRuntimeNs - used_ns_);
  }
  std::uint64_t period_end_ns() const { return period_end_ns_; }

 private:
  std::uint64_t period_end_ns_ = kPeriodNs;
  std::uint64_t used_ns_ = 0;
};

}  // namespace k::sched

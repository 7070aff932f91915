/// When a futex wait ends: never, or at a time on one of the two clocks.
///
/// Invariants  a time on CLOCK_REALTIME follows that clock when it is set: deadline() is to be asked again then.
/// Context     any.
/// Source      futex(2), FUTEX_CLOCK_REALTIME.
#pragma once

#include "kernel/time/clock.h"
#include "kernel/time/deadline.h"

namespace k::sync {

class FutexTimeout {
 public:
  enum class Clock : bool { monotonic, realtime };

  static constexpr FutexTimeout never() { return FutexTimeout{Clock::monotonic, Deadline::never().ns()}; }
  static constexpr FutexTimeout at(Clock clock, std::uint64_t ns) { return FutexTimeout{clock, ns}; }
  // NOLINTNEXTLINE(google-explicit-constructor): a deadline is a timeout
  constexpr FutexTimeout(Deadline deadline) : FutexTimeout(Clock::monotonic, deadline.ns()) {}

  bool is_never() const { return clock_ == Clock::monotonic && ns_ == Deadline::never().ns(); }
  Clock clock() const { return clock_; }
  std::uint64_t ns() const { return ns_; }
  bool passed() const {
    if (clock_ == Clock::realtime) return time::realtime_ns() >= static_cast<std::int64_t>(ns_);
    return Deadline::at(ns_).passed();
  }
  /// As the clocks stand to each other now.
  Deadline deadline() const {
    return clock_ == Clock::realtime ? time::realtime_deadline(static_cast<std::int64_t>(ns_)) : Deadline::at(ns_);
  }

 private:
  constexpr FutexTimeout(Clock clock, std::uint64_t ns) : clock_(clock), ns_(ns) {}
  Clock clock_;
  std::uint64_t ns_;
};

}  // namespace k::sync

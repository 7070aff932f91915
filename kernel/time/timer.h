/// One-shot timers on CLOCK_MONOTONIC.
///
/// Invariants  a Timer is queued on the CPU that armed it, at most once. The hardware timer is armed for the earliest
///             deadline of the CPU only; an idle CPU without timers takes no timer interrupt. After cancel() returns, the
///             callback neither runs nor will run, though it may have armed the timer again while cancel() waited for it.
/// Lock order  Rank::timer_queue; the callback runs without it.
/// Context     arm, cancel: any but the timer's own callback may cancel (it may arm again). Callback: interrupt context.
/// Errors      none: arming never allocates.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/lib/treap.h"
#include "kernel/time/deadline.h"

namespace k::time {

class TimerQueue;

class Timer {
 public:
  using Callback = void (*)(Timer&);
  constexpr explicit Timer(Callback callback) : callback_(callback) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// (Re)arms; `never` cancels.
  void arm(Deadline deadline);
  /// True when it was queued. Waits for a callback that is running on another CPU.
  bool cancel();
  bool armed() const { return queue_.load(std::memory_order_relaxed) != nullptr; }
#if defined(HT_HOST)
  /// test/unit/support/host_threads.cc: there is no interrupt to do it.
  static void fire_on_host(Timer& timer);
#endif
  /// Of the last arm().
  Deadline deadline() const { return Deadline::at(expires_); }

 private:
  friend class TimerQueue;
  lib::TreapNode<Timer> node_;
  std::uint64_t expires_ = 0;
  std::atomic<TimerQueue*> queue_{nullptr};  // that it is queued on
  std::atomic<std::uint32_t> running_{0};    // callbacks; two when it was armed on another CPU while one ran
  std::atomic<std::uint32_t> armings_{0};    // how often it was queued
  Callback callback_;
};

}  // namespace k::time

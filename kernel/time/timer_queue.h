/// TimerQueue: the timers of one CPU, by expiry.
///
/// Lock order  Rank::timer_queue, not held while a callback runs.
/// Context     interrupts off; cancel: as Timer's.
#pragma once

#include <cstdint>

#include "arch/include/arch/percpu.h"
#include "kernel/lib/treap.h"
#include "kernel/sync/spin/spin.h"
#include "kernel/time/timer.h"

namespace k::time {

class TimerQueue {
 public:
  void insert(Timer& timer, std::uint64_t expires);
  /// True when it was queued here.
  bool erase(Timer& timer);
  /// Timer::cancel, wherever it is queued.
  static bool cancel(Timer& timer);
  /// Runs what has expired at `now`; returns when the next one does.
  std::uint64_t expire(std::uint64_t now);

 private:
  struct Traits {
    static lib::TreapNode<Timer>& node(Timer& t) { return t.node_; }
    static bool less(const Timer& a, const Timer& b) { return a.expires_ < b.expires_; }
    static void update(Timer&) {}
  };
  sync::SpinIrq<sync::Rank::timer_queue> lock_;
  lib::Treap<Timer, Traits> tree_;
};

}  // namespace k::time

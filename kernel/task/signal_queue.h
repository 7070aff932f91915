/// Signals that wait to be delivered, of one thread or of a whole process.
///
/// Invariants  a bit in `set_` means that at least one instance waits; a standard signal (below 32) waits at most once, a
///             real-time signal as often as it was sent, in order. A standard signal whose record could not be allocated
///             is kept as the bit alone and delivered as from the kernel.
/// Lock order  Process::signals.
/// Errors      EAGAIN: a real-time signal met the limit or no memory.
/// Source      signal(7), sigqueue(3).
#pragma once

#include "kernel/lib/list.h"
#include "kernel/lib/result.h"
#include "kernel/task/signal_info.h"
#include "kernel/task/signal_set.h"
#include "mm/phys/slab.h"

namespace k::task {

/// One waiting instance.
struct QueuedSignal : mm::SlabAllocated<QueuedSignal> {
  explicit QueuedSignal(const SignalInfo& i) : info(i) {}
  lib::ListNode node;
  SignalInfo info;
};

class SignalQueue {
 public:
  SignalQueue() = default;
  SignalQueue(const SignalQueue&) = delete;
  ~SignalQueue() { clear(); }

  SignalSet set() const { return set_; }
  /// Whether sending `number` again would change nothing.
  bool already_waits(int number) const { return !is_realtime(number) && set_.has(number); }
  Result<void> add(const SignalInfo& info);
  /// Takes the next instance out of `wanted`; the intersection is not empty.
  SignalInfo take(SignalSet wanted);
  /// The number that take would return: synchronous signals first, then the lowest.
  static int next(SignalSet waiting) {
    const SignalSet first = waiting & kSynchronous;
    return (first.empty() ? waiting : first).lowest();
  }
  void discard(SignalSet numbers);
  void clear() { discard(SignalSet{~std::uint64_t{0}}); }
  std::size_t queued() const { return queued_; }

 private:
  SignalSet set_;
  std::size_t queued_ = 0;
  lib::List<QueuedSignal, &QueuedSignal::node> list_;
};

}  // namespace k::task

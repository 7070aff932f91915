/// Signals that wait to be delivered, of one thread or of a whole process.
///
/// Invariants  a bit in `set_` means that at least one instance waits; a standard signal (below 32) waits at most once
///             (and once for each POSIX timer), a real-time signal as often as it was sent, in order. A standard signal whose record could not be allocated
///             is kept as the bit alone and delivered as from kill(2) without a sender.
/// Lock order  Process::signals.
/// Errors      EAGAIN: a signal from sigqueue(3) or a timer met the limit or no memory.
/// Source      signal(7), sigqueue(3).
#pragma once

#include "kernel/lib/list.h"
#include "kernel/lib/result.h"
#include "kernel/task/signal_info.h"
#include "kernel/task/signal_set.h"
#include "kernel/task/user.h"
#include "mm/phys/slab.h"

namespace k::task {

/// One waiting instance, counted on the receiving user. It is deleted when it leaves the queue, unless it belongs to somebody (a
/// POSIX timer has one for all its life), who is then told.
struct QueuedSignal : mm::SlabAllocated<QueuedSignal> {
  enum class Left : bool { taken, discarded };
  /// What is told; it may change what the taker gets. Under Process::signals of the queue.
  using Owner = void (*)(QueuedSignal& record, Left how, SignalInfo& info);

  QueuedSignal(const SignalInfo& i, Ref<User> u, Owner o = nullptr) : info(i), user(std::move(u)), owner(o) {
    user->queued_signals.fetch_add(1, std::memory_order_relaxed);
  }
  ~QueuedSignal() { stop_counting(); }
  /// For records whose memory stays longer than they do.
  void stop_counting() {
    if (std::exchange(counted, false)) user->queued_signals.fetch_sub(1, std::memory_order_relaxed);
  }
  lib::ListNode node;
  SignalInfo info;
  Ref<User> user;
  const Owner owner;
  bool queued = false;
  bool counted = true;
};

class SignalQueue {
 public:
  SignalQueue() = default;
  SignalQueue(const SignalQueue&) = delete;
  ~SignalQueue() { clear(); }

  SignalSet set() const { return set_; }
  /// Whether sending `number` again would change nothing.
  bool already_waits(int number) const { return !is_realtime(number) && set_.has(number); }
  /// `limit` is RLIMIT_SIGPENDING of the receiver, whose user is `user`.
  Result<void> add(const SignalInfo& info, User& user, std::uint64_t limit);
  /// One that belongs to somebody and does not wait anywhere. Cannot fail; a standard signal may then wait more than once.
  void add_record(QueuedSignal& record);
  /// Takes the next instance out of `wanted`; the intersection is not empty.
  SignalInfo take(SignalSet wanted);
  /// The number that take would return: synchronous signals first, then the lowest.
  static int next(SignalSet waiting) {
    const SignalSet first = waiting & kSynchronous;
    return (first.empty() ? waiting : first).lowest();
  }
  void discard(SignalSet numbers);
  /// exec: what POSIX timers sent goes with them.
  void discard_records();
  void clear() { discard(SignalSet{~std::uint64_t{0}}); }
  std::size_t queued() const { return queued_; }

 private:
  using List = lib::List<QueuedSignal, &QueuedSignal::node>;
  List::iterator remove(List::iterator at, QueuedSignal::Left how, SignalInfo& info);
  template <class Condition>
  void discard_if(Condition unwanted);

  SignalSet set_;
  std::size_t queued_ = 0;
  List list_;
};

}  // namespace k::task

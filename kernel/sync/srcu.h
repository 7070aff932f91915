/// Srcu<R>: readers that may sleep and write no common line; synchronize() waits for those that are inside.
///
/// A reader counts itself in its CPU's line, in the counter of the current phase, and leaves the counter that it came into, on
/// whatever CPU it is then.
/// Invariants  when synchronize() returns, every reader that came before the call is gone, and every one that comes, or came
///             while it ran, sees what was written before the call. Readers that keep coming do not delay it: they count
///             in the other phase.
///             A reader that looked at the phase before it changed may count itself late, in the old one: the next
///             synchronize() waits for that counter first. Whoever is late sees what was written before.
/// Lock order  R, a sleeping rank, for readers: they hold up whoever synchronizes.
/// Context     task context, no spin lock held. Callers of synchronize() exclude each other.
/// Source      the scheme of sleepable RCU, Documentation/RCU/whatisRCU.rst.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "arch/include/arch/percpu.h"
#include "kernel/sync/spin/lock_order.h"
#include "kernel/sync/wait_queue.h"

namespace k::sync {

class SrcuCore {
 public:
  using Counter = std::atomic<std::uint32_t>;

  Counter& read_lock() {
    Counter& counter = lines_[arch::cpu_id() % kLines].readers[phase_.load(std::memory_order_relaxed)];
    // Sequentially consistent, as the flip of the phase is: either that sees this reader, or this one what came before it.
    counter.fetch_add(1);
    return counter;
  }
  void read_unlock(Counter& counter) {
    if (counter.fetch_sub(1) == 1 && waiting_.load()) [[unlikely]]
      gone_.wake_all();
  }
  void synchronize();

 private:
  /// More CPUs than this share lines: every address space has them.
  static constexpr unsigned kLines = 4;
  struct alignas(64) Line {
    std::array<Counter, 2> readers{};
  };

  void wait_for_readers(unsigned phase);

  std::array<Line, kLines> lines_;
  std::atomic<unsigned> phase_{0};
  std::atomic<bool> waiting_{false};
  WaitQueue gone_;
};

template <Rank R>
class Srcu {
 public:
  static_assert(kind_of(R) == LockKind::mutex);
  Srcu() = default;
  Srcu(const Srcu&) = delete;
  Srcu& operator=(const Srcu&) = delete;

  SrcuCore::Counter& read_lock() {
    HT_MAY_SLEEP();
    lock_order_acquire(this, R, __builtin_return_address(0));
    return core_.read_lock();
  }
  void read_unlock(SrcuCore::Counter& counter) {
    core_.read_unlock(counter);
    lock_order_release(this);
  }
  void synchronize() { core_.synchronize(); }

 private:
  SrcuCore core_;
};

/// A reader, for a scope.
template <class S>
class SrcuHeld {
 public:
  explicit SrcuHeld(S& srcu) : srcu_(srcu), counter_(srcu.read_lock()) {}
  ~SrcuHeld() { srcu_.read_unlock(counter_); }
  SrcuHeld(const SrcuHeld&) = delete;
  SrcuHeld& operator=(const SrcuHeld&) = delete;

 private:
  S& srcu_;
  SrcuCore::Counter& counter_;
};

}  // namespace k::sync

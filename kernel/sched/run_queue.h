/// RunQueue: the runnable threads of one CPU, and what runs there.
///
/// Invariants  real-time threads before fair ones before the idle thread, but for RtBandwidth's share of the fair ones. `current` is not in a class queue but counts in
///             `runnable` (unless it is the idle thread). The lock is held across a context switch: taken by the thread
///             that leaves, released by the one that arrives (finish_switch).
/// Lock order  Rank::run_queue. Two of them: the second by try_lock only.
/// Context     interrupts off.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/lib/relaxed.h"
#include "kernel/sched/fair_queue.h"
#include "kernel/sched/load_meter.h"
#include "kernel/sched/rt_bandwidth.h"
#include "kernel/sched/rt_queue.h"
#include "kernel/sched/thread.h"
#include "kernel/sync/spin/spin.h"

namespace k::sched {

/// How deep a CPU without work is asleep: decides whether waking it takes an interrupt.
enum class IdleState : std::uint8_t { busy, looking, halted };

/// Where the CPU's time went, by samples (kernel/sched/accounting.h).
struct CpuSamples {
  std::uint32_t user = 0, nice = 0, system = 0;
};

class RunQueue {
 public:
  // -- The lock. Bare, because it changes hands at a switch.
  void lock() { lock_.lock(); }
  bool try_lock() { return lock_.try_lock(); }
  void unlock() { lock_.unlock(); }

  // -- Queueing, under the lock
  /// Makes a thread that is not queued runnable here.
  void enqueue(Thread& thread, std::uint64_t now);
  /// As enqueue, for a thread whose policy or weight changed; `running`: it is the current one and stays out of the class queue.
  void enqueue_as(Thread& thread, bool running, std::uint64_t now);
  /// Takes a queued thread that is not running out, to move it.
  void remove(Thread& thread, std::uint64_t now);
  /// The running thread goes back among the queued ones, or leaves to sleep.
  void put_back(Thread& current);
  void put_to_sleep(Thread& current, std::uint64_t now);
  /// The thread to run next, out of its class queue; the idle thread when there is none.
  Thread& take_next();
  /// For yield: `current` gave way, and runs on only if nobody else can.
  Thread& take_next_but(Thread& current);
  /// Accounts the time since the last call to the running thread. True when its slice is used up.
  bool charge(std::uint64_t now);
  /// Whether a real-time thread that had to give way to the fair ones may run again.
  bool realtime_due(std::uint64_t now);
  /// Whether `woken`, just queued here, should run instead of the current thread.
  bool should_preempt(const Thread& woken) const;
  /// A queued thread that `cpu` may run, best first; null when none.
  Thread* find_movable(unsigned cpu) const;
  /// When the current thread must be looked at again if nothing else happens; never for the idle thread.
  std::uint64_t next_event(std::uint64_t now);

  unsigned runnable() const { return runnable_.load(std::memory_order_relaxed); }
  unsigned waiting() const { return runnable() - (current != idle ? 1 : 0); }

  lib::Relaxed<Thread*> current;  // a CPU that looks whom to steal from does not lock each queue
  Thread* idle = nullptr;
  Thread* previous = nullptr;   // during a switch: who leaves
  Thread* pushed = nullptr;     // leaves for another CPU (affinity)
  Thread* tls_owner = nullptr;  // whose user-mode segment bases the registers hold
  unsigned cpu = 0;
  std::atomic<IdleState> idle_state{IdleState::busy};
  std::uint64_t next_sample_ns = 0;
  CpuSamples samples;
  std::atomic<std::uint64_t> switches{0};
  LoadMeter load;

 private:
  void count(int change, std::uint64_t now);
  bool realtime_first() const { return !rt_.empty() && (!rt_bandwidth_.exhausted() || fair_.empty()); }

  sync::BareLock lock_;
  std::atomic<unsigned> runnable_{0};
  FairQueue fair_;
  RtQueue rt_;
  RtBandwidth rt_bandwidth_;
};

HT_PER_CPU_DECLARE(RunQueue, run_queues);
inline RunQueue& this_run_queue() { return this_cpu(run_queues); }
inline RunQueue& run_queue_of(unsigned cpu) { return on_cpu(run_queues, cpu); }

/// Locks the queue that `thread` belongs to. Interrupts off.
RunQueue& lock_home(const Thread& thread);

}  // namespace k::sched

/// RunState: the part of a Thread that only kernel/sched touches.
///
/// Invariants  changes under the run-queue lock of the CPU that `cpu` names, except where a comment says otherwise.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/sched/fair_entity.h"
#include "kernel/sched/priority.h"
#include "kernel/sched/rt_queue.h"

namespace k::sched {

struct RunState {
  FairEntity fair;
  RtEntity rt;
  std::atomic<std::uint32_t> cpu{0};  // whose run queue it is or was last on
  std::atomic<bool> on_cpu{false};    // its stack is in use
  bool queued = false;                // runnable: queued or running
  bool moving = false;                // runnable, between two queues: who took it out of one puts it into the other
  // What it is scheduled by: its own settings, or what it inherits from those who wait for it.
  Policy policy = Policy::other;
  std::int8_t nice = 0;
  std::uint8_t rt_priority = 0;
  struct Own {
    Policy policy = Policy::other;
    std::int8_t nice = 0;
    std::uint8_t rt_priority = 0;
  } own;
  Priority inherited = kNoPriority;
  std::atomic<std::uint64_t> affinity{~std::uint64_t{0}};

  // Does this thread sleep soon after waking another? A 2-bit counter (0 no .. 3 yes), by the thread itself.
  std::uint8_t leaves_after_wake = 1;
  std::uint64_t last_wake_ns = 0;
  std::uint8_t last_cpu = 0xff;  // whose registers it used last, in user mode

  // Accounting. `runtime_ns` is exact up to `run_start_ns`; samples split it into user and system time.
  std::uint64_t runtime_ns = 0;
  std::uint64_t run_start_ns = 0;
  std::uint64_t picked_ns = 0;  // when it was last switched to
  std::uint32_t user_samples = 0, system_samples = 0;
  std::uint64_t told_user_ns = 0, told_system_ns = 0;  // what cpu_time last said: neither may shrink
  std::uint64_t voluntary_switches = 0, involuntary_switches = 0;
  std::uint64_t start_ns = 0;

  // A new thread starts here.
  void (*entry)(void*) = nullptr;
  void* argument = nullptr;
  // An exiting one ends here.
  void (*exit_hook)(class Thread&) = nullptr;
};

}  // namespace k::sched

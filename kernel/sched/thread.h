/// Thread: what the scheduler runs. kernel/task's Task derives from it; kernel threads are plain Threads.
///
/// Invariants  `exit_work` is the first member (entry code tests it at offset 0 of CpuBlock::current_thread). The fields under
///             "scheduler" belong to kernel/sched and change only under the run-queue lock of the CPU that `cpu` names.
///             A Thread is freed after an RCU grace period, so holders of rcu::ReadGuard may look at it.
/// Lock order  Rank::run_queue.
/// Context     any; see each member.
/// Errors      init: NOMEM.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "arch/include/arch/context.h"
#include "arch/include/arch/upcalls.h"
#include "kernel/lib/list.h"
#include "kernel/lib/result.h"
#include "kernel/sched/cpu_mask.h"
#include "kernel/sched/fair_entity.h"
#include "kernel/sched/policy.h"
#include "kernel/sched/space_binding.h"
#include "kernel/sync/spin/lock_order.h"

namespace k::mm {
class AddressSpace;
}

namespace k::sched {

/// Single bits, so that a wake-up names the states it ends.
enum class ThreadState : std::uint32_t {
  running = 0,  // running or runnable
  interruptible = 1,
  uninterruptible = 2,
  killable = 4,  // ended by a fatal signal only
  stopped = 8,
  traced = 16,
  fresh = 32,  // before wake_new
  dead = 64,
};

class Thread {
 public:
  static constexpr std::size_t kNameSize = 16;  // with the NUL: comm of proc(5)

  Thread() = default;
  ~Thread();
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  /// Gives the thread a name and a stack on which `entry(argument)` runs once wake_new() is called; `entry` ends in
  /// exit_current(). Policy, nice and affinity come from the current thread.
  Result<void> init(std::string_view name, void (*entry)(void*), void* argument);

  // -- Work before returning to user mode: arch::ExitWork bits.
  std::atomic<std::uint32_t> exit_work{0};

  void add_exit_work(arch::ExitWork work) { exit_work.fetch_or(static_cast<std::uint32_t>(work)); }
  void remove_exit_work(arch::ExitWork work) { exit_work.fetch_and(~static_cast<std::uint32_t>(work)); }
  bool has_exit_work(arch::ExitWork work) const {
    return (exit_work.load(std::memory_order_relaxed) & static_cast<std::uint32_t>(work)) != 0;
  }
  /// The signal bit. Setting it does not wake: call wake() after it.
  void mark_signal_pending() { add_exit_work(arch::ExitWork::signal); }
  void clear_signal_pending() { remove_exit_work(arch::ExitWork::signal); }
  bool signal_pending() const { return has_exit_work(arch::ExitWork::signal); }

  // -- What a switch carries over; `fpu`, `space`, `binding` are set by kernel/task, null for kernel threads.
  arch::Context context;
  arch::FpuState* fpu = nullptr;
  arch::UserTls tls;  // live in the registers while running: arch::save_tls first
  mm::AddressSpace* space = nullptr;
  SpaceBinding* binding = nullptr;
  bool is_user = false;           // enters user mode: TLS and FPU are switched
  bool notify_on_move = false;    // rseq(2): ExitWork::notify after a preemption or migration

  void* stack_top() const { return stack_top_; }
  arch::UserRegs* user_regs() const { return arch::user_regs_of(stack_top_); }

  // -- Identity
  std::string_view name() const { return name_; }
  /// Cut to 15 bytes. A reader on another CPU may see a mix of old and new bytes, as with Linux's comm.
  void set_name(std::string_view name);

  // -- State
  ThreadState state() const { return static_cast<ThreadState>(state_.load(std::memory_order_relaxed)); }
  /// proc(5)'s letter: R S D T t X.
  char state_letter() const;
  bool is_on_cpu() const { return on_cpu_.load(std::memory_order_relaxed); }
  unsigned cpu() const { return cpu_.load(std::memory_order_relaxed); }

  // -- Policy, set through sched.h
  Policy policy() const { return policy_; }
  int nice() const { return nice_; }
  int rt_priority() const { return rt_priority_; }
  CpuMask affinity() const { return CpuMask{affinity_.load(std::memory_order_relaxed)}; }
  bool reset_on_fork = false;  // SCHED_RESET_ON_FORK

  // -- Accounting
  std::uint64_t voluntary_switches() const { return voluntary_switches_; }
  std::uint64_t involuntary_switches() const { return involuntary_switches_; }
  std::uint64_t start_ns() const { return start_ns_; }

  sync::HeldLocks held_locks;

 private:
  friend class RunQueue;
  friend struct ThreadAccess;  // kernel/sched's own files
  struct RtNode;

  std::atomic<std::uint32_t> state_{static_cast<std::uint32_t>(ThreadState::fresh)};
  void* stack_top_ = nullptr;
  char name_[kNameSize] = {};

  // Scheduler.
  FairEntity fair_;
  lib::ListNode rt_node_;
  std::atomic<std::uint32_t> cpu_{0};
  std::atomic<bool> on_cpu_{false};
  bool queued_ = false;  // runnable, the running thread included
  Policy policy_ = Policy::other;
  std::int8_t nice_ = 0;
  std::uint8_t rt_priority_ = 0;
  std::uint8_t sleeps_after_wake_ = 1;  // 2-bit predictor: does this thread sleep right after waking another?
  std::uint64_t last_wake_cycles_ = 0;  // when it last woke another
  std::uint64_t slice_left_ns_ = 0;     // RR
  std::atomic<std::uint64_t> affinity_{~std::uint64_t{0}};

  // Accounting, in nanoseconds of CPU time and in samples (kernel/sched/accounting.h).
  std::atomic<std::uint64_t> runtime_ns_{0};
  std::uint64_t run_start_ns_ = 0;
  std::atomic<std::uint32_t> user_samples_{0}, system_samples_{0};
  std::uint64_t voluntary_switches_ = 0, involuntary_switches_ = 0;
  std::uint64_t start_ns_ = 0;
};

}  // namespace k::sched

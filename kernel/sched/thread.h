/// Thread: what the scheduler runs. kernel/task's Task derives from it; kernel threads are plain Threads.
///
/// Invariants  `exit_work` is the first member (entry code tests it at offset 0 of CpuBlock::current_thread). A Thread is freed after an RCU grace period, so holders of rcu::ReadGuard may look at it.
/// Lock order  Rank::run_queue.
/// Context     any; see each member.
/// Errors      init: NOMEM.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "arch/include/arch/context.h"
#include "arch/include/arch/upcalls.h"
#include "kernel/lib/result.h"
#include "kernel/sched/cpu_mask.h"
#include "kernel/sched/pi_links.h"
#include "kernel/sched/policy.h"
#include "kernel/sched/priority.h"
#include "kernel/sched/run_state.h"
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
  /// A fatal signal: also ends killable waits. Never taken back.
  void mark_kill_pending() {
    kill_pending_.store(true, std::memory_order_relaxed);
    mark_signal_pending();
  }
  bool kill_pending() const { return kill_pending_.load(std::memory_order_relaxed); }

  // -- What a switch carries over; `fpu`, `space`, `binding` are set by kernel/task, null for kernel threads.
  arch::Context context;
  arch::FpuState* fpu = nullptr;
  arch::UserTls tls;  // live in the registers while running: arch::save_tls first
  mm::AddressSpace* space = nullptr;
  SpaceBinding* binding = nullptr;
  bool is_user = false;         // enters user mode: TLS and FPU are switched
  bool notify_on_move = false;  // rseq(2): ExitWork::notify after a preemption or migration

  void* stack_top() const { return stack_top_; }
  arch::UserRegs* user_regs() const { return arch::user_regs_of(stack_top_); }

  // -- Identity
  std::string_view name() const { return name_; }
  /// Cut to 15 bytes. A reader on another CPU may see a mix of old and new bytes, as with Linux's comm.
  void set_name(std::string_view name);

  // -- State
  ThreadState state() const { return static_cast<ThreadState>(state_word.load(std::memory_order_relaxed)); }
  /// proc(5)'s letter: R S D T t X.
  char state_letter() const;
  bool is_on_cpu() const { return run.on_cpu.load(std::memory_order_relaxed); }
  unsigned cpu() const { return run.cpu.load(std::memory_order_relaxed); }

  // -- Policy, set through sched.h: the thread's own settings
  Policy policy() const { return run.own.policy; }
  int nice() const { return run.own.nice; }
  int rt_priority() const { return run.own.rt_priority; }
  /// What it is scheduled by now.
  Priority priority() const { return priority_of(run.policy, run.rt_priority, run.nice); }
  Priority inherited_priority() const { return run.inherited; }
  CpuMask affinity() const { return CpuMask{run.affinity.load(std::memory_order_relaxed)}; }
  bool reset_on_fork = false;  // SCHED_RESET_ON_FORK

  PiLinks pi;

  // -- Accounting
  std::uint64_t voluntary_switches() const { return run.voluntary_switches; }
  std::uint64_t involuntary_switches() const { return run.involuntary_switches; }
  std::uint64_t start_ns() const { return run.start_ns; }
  std::uint64_t minor_faults = 0, major_faults = 0;  // page faults repaired; by the thread itself

  // -- kernel/sched only
  std::atomic<std::uint32_t> state_word{static_cast<std::uint32_t>(ThreadState::fresh)};
  RunState run;
  void attach_entities() { run.fair.thread = run.rt.thread = this; }
  std::uint64_t stack_canary = 0;  // of the stack protector: a secret per thread
#if defined(HT_DEBUG)
  std::uint32_t fail_nth = 0;  // kernel/lib/fault_injection.h; 0: off; by the thread itself
  sync::HeldLocks held_locks;
#endif

 private:
  void inherit_policy();

  std::atomic<bool> kill_pending_{false};
  void* stack_top_ = nullptr;
  char name_[kNameSize] = {};
};

}  // namespace k::sched

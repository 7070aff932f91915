/// The scheduler's interface.
///
/// Invariants  a wake-up between prepare_to_sleep() and schedule() is never lost: it makes schedule() return at once.
///             Threads switch with preemption count 0 and no spin lock held.
/// Lock order  Rank::run_queue is inside wait_queue and timer_queue.
/// Context     wake: any but NMI. schedule, yield, exit_current: task context.
/// Errors      INVAL (bad policy or priority, empty affinity), NOMEM. Permission checks are the caller's.
/// Source      sched(7); docs/way-of-a-wake-up.md.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "kernel/lib/flags.h"
#include "kernel/lib/result.h"
#include "kernel/sched/thread.h"
#include "kernel/time/deadline.h"

namespace k::sched {

inline Thread& current() { return *static_cast<Thread*>(arch::current_thread()); }

// -- Sleeping and waking. Everything but kernel/sync uses WaitQueue instead.

/// From here on the next schedule() sleeps, unless a wake-up comes first. A full fence: the caller tests its condition after it.
void prepare_to_sleep(ThreadState how);
/// The condition came true before schedule(): stay runnable.
void cancel_sleep();
/// Gives the CPU up: sleeps if prepared, else lets others run.
void schedule();
/// sched_yield(2).
void yield();

using StateSet = lib::EnumSet<ThreadState>;
/// What wait queues wake.
inline constexpr StateSet kSleeping =
    StateSet{ThreadState::interruptible} | ThreadState::uninterruptible | ThreadState::killable;
/// What a signal wakes; a fatal one wakes killable, stopped and traced threads too.
inline constexpr StateSet kSignalWakes = StateSet{ThreadState::interruptible};
inline constexpr StateSet kKillWakes =
    kSignalWakes | ThreadState::killable | ThreadState::stopped | ThreadState::traced;

/// `sync`: the waker is about to sleep, so the woken thread may take over its CPU.
enum class WakeHint : bool { none, sync };
/// Makes `thread` runnable if it is in one of `states`; true if it was.
bool wake(Thread& thread, StateSet states = kSleeping, WakeHint hint = WakeHint::none);

// -- Life
/// Starts a thread that was init()ed.
void wake_new(Thread& thread);
/// Runs after the thread's last switch, on whatever stack comes next: interrupts off, no lock held; must not sleep.
/// Typically drops the reference that the running thread held on itself.
using ExitHook = void (*)(Thread& dead);
[[noreturn]] void exit_current(ExitHook hook);
/// A kernel thread; it may return from `function` to end. Freed by the scheduler.
Result<Thread*> spawn_kernel_thread(std::string_view name, void (*function)(void*), void* argument);

// -- Policy
Result<void> set_policy(Thread& thread, Policy policy, int rt_priority);
void set_nice(Thread& thread, int nice);
/// Priority inheritance: `thread` runs at least at the priority of those who wait for it; kNoPriority ends that.
void inherit_priority(Thread& thread, Priority from_waiters);
/// Moves the thread off a CPU that is no longer allowed before it returns (to user mode, if running). INVAL: no online CPU left.
Result<void> set_affinity(Thread& thread, CpuMask allowed);
/// sched_rr_get_interval(2).
std::uint64_t slice_ns(const Thread& thread);

// -- CPUs
/// Makes the boot CPU's running code a thread (the later idle thread) so that current() works. Needs no allocator.
void start_boot_cpu();
/// First call of ht_secondary_main.
void start_secondary_cpu();
/// Turns the caller (boot code or a secondary CPU) into the idle loop.
[[noreturn]] void run_idle();
/// ht_on_return_to_user calls this when ExitWork::reschedule is set: interrupts off before and after.
void reschedule_on_return();

// -- Accounting
struct CpuTime {
  std::uint64_t user_ns = 0, system_ns = 0;
  std::uint64_t total() const { return user_ns + system_ns; }
};
/// Exact total, split by samples; includes the run in progress.
CpuTime cpu_time(const Thread& thread);
/// Exact total only: CLOCK_THREAD_CPUTIME_ID.
std::uint64_t cpu_time_ns(const Thread& thread);
/// The scheduler's part of the timer interrupt: samples, slices. Returns when it wants the next one. Interrupts off.
std::uint64_t on_timer(std::uint64_t now);
/// Called in interrupt context about every 10 ms of CPU time of a user thread: CPU-time timers and limits of kernel/task.
void on_cpu_time_sample(void (*hook)(Thread& running));

struct CpuCounters {
  std::uint64_t user_ns, nice_ns, system_ns, idle_ns, switches;
};
CpuCounters cpu_counters(unsigned cpu);
/// Runnable threads, /proc/loadavg's and /proc/stat's.
unsigned runnable_count();
/// 1, 5 and 15 minutes, in units of 1/65536 (SI_LOAD_SHIFT of sysinfo(2)).
std::array<std::uint64_t, 3> load_average();

}  // namespace k::sched

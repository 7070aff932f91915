// Leaving the CPU. docs/way-of-a-wake-up.md follows one switch through this file.
#include "kernel/sched/switch.h"

#include "arch/include/arch/context.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/spin/spin.h"
#include "kernel/time/event.h"

namespace k::sched {
namespace {

/// A thread that sleeps within this time of a wake-up could as well have handed its CPU over.
constexpr std::uint64_t kSoonNs = 50'000;

void learn_from_sleep(RunState& run, std::uint64_t now) {
  if (run.last_wake_ns == 0) return;
  const bool soon = now - run.last_wake_ns < kSoonNs;
  run.last_wake_ns = 0;
  if (soon && run.leaves_after_wake < 3) ++run.leaves_after_wake;
  if (!soon && run.leaves_after_wake > 0) --run.leaves_after_wake;
}

/// Files the leaving thread where it belongs and returns the one to run next.
Thread& choose(RunQueue& rq, Thread& leaving, Leave how, std::uint64_t now) {
  const bool sleeps = how == Leave::sleep && leaving.state() != ThreadState::running;
  if (&leaving == rq.idle) {
    if (rq.runnable() == 0) steal_into(rq, now);
    return rq.take_next();
  }
  if (sleeps) {
    ++leaving.run.voluntary_switches;
    learn_from_sleep(leaving.run, now);
    rq.put_to_sleep(leaving, now);
  } else if (!leaving.affinity().has(rq.cpu)) [[unlikely]] {
    rq.put_to_sleep(leaving, now);
    leaving.run.moving = true;
    rq.pushed = &leaving;
  } else if (how == Leave::yield) {
    return rq.take_next_but(leaving);
  } else {
    rq.put_back(leaving);
  }
  if (rq.runnable() == 0) [[unlikely]]
    steal_into(rq, now);
  return rq.take_next();
}

/// What belongs to user mode in the registers. A thread that comes back to the CPU on which it ran last, with only kernel
/// threads in between, finds its registers as they were.
void switch_user_state(RunQueue& rq, Thread& from, Thread& to) {
  if (from.is_user) {
    if (arch::this_cpu_block().fpu_owner == from.fpu) arch::fpu_switch_out(from.fpu);
    arch::save_tls(from.tls);
    rq.tls_owner = &from;
  }
  if (!to.is_user) return;
  if (rq.tls_owner != &to || to.run.last_cpu != rq.cpu) arch::load_tls(to.tls);
  if (arch::this_cpu_block().fpu_owner != to.fpu || to.run.last_cpu != rq.cpu)
    to.add_exit_work(arch::ExitWork::load_fpu);
  to.run.last_cpu = static_cast<std::uint8_t>(rq.cpu);
}

void switch_to(RunQueue& rq, Thread& from, Thread& to, std::uint64_t now) {
  rq.switches.store(rq.switches.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  rq.previous = &from;
  rq.current = &to;
  to.run.on_cpu.store(true, std::memory_order_relaxed);
  to.run.run_start_ns = to.run.picked_ns = now;
  time::want_event(rq.next_event(now));
  switch_space(to);
  switch_user_state(rq, from, to);
  arch::CpuBlock& block = arch::this_cpu_block();
  block.current_thread = &to;
  block.stack_canary = to.stack_canary;
#if defined(HT_DEBUG)
  block.held_locks = &to.held_locks;
#endif
  arch::set_kernel_stack(to.stack_top());
  arch::ht_switch_context(&from.context, &to.context);
  finish_switch();
}

/// Does another thread run amid the user code of `leaving`? A system call is no part of a critical section (rseq(2)), the sleep of
/// a page fault may be.
bool leaves_user_code(const Thread& leaving, Leave how) {
  return how == Leave::preempt || leaving.user_regs()->orig_rax == ~std::uint64_t{0};
}

}  // namespace

void finish_switch() {
  RunQueue& rq = this_run_queue();
  Thread& left = *rq.previous;
  Thread* const pushed = rq.pushed;
  rq.pushed = nullptr;
  const bool died = left.state() == ThreadState::dead;
  left.run.on_cpu.store(false, std::memory_order_release);
  rq.unlock();
  if (pushed != nullptr) [[unlikely]]
    place(*pushed, WakeHint::none);
  if (died) [[unlikely]] {
    give_back_stack(left.stack_top());
    left.run.exit_hook(left);
  }
}

void leave_cpu(Leave how) {
  HT_ASSERT(arch::preempt_count() == 0);
  const std::uint64_t interrupts = arch::interrupts_save();
  RunQueue& rq = this_run_queue();
  sync::rcu::quiescent();
  rq.lock();
  Thread& leaving = *rq.current;
  const std::uint64_t now = time::monotonic_ns();
  rq.charge(now);
  arch::clear_need_resched();
  if (leaving.has_exit_work(arch::ExitWork::reschedule)) leaving.remove_exit_work(arch::ExitWork::reschedule);
  Thread& next = choose(rq, leaving, how, now);
  if (&next == &leaving) {
    time::want_event(rq.next_event(now));
    rq.unlock();
  } else {
    if (how == Leave::preempt) ++leaving.run.involuntary_switches;
    if (leaving.notify_on_move && leaves_user_code(leaving, how)) leaving.add_exit_work(arch::ExitWork::notify);
    switch_to(rq, leaving, next, now);
  }
  arch::interrupts_restore(interrupts);
}

void schedule() {
  HT_MAY_SLEEP();
  leave_cpu(Leave::sleep);
}

void yield() { leave_cpu(Leave::yield); }

void prepare_to_sleep(ThreadState how) {
  current().state_word.store(static_cast<std::uint32_t>(how), std::memory_order_seq_cst);
}
void cancel_sleep() { current().state_word.store(0, std::memory_order_relaxed); }

}  // namespace k::sched

// The way back to user mode with work to do: stops, death, signal handlers, and what becomes of an interrupted call.
#include "arch/include/arch/signal_frame.h"

#include <asm/unistd_64.h>
#include <linux/signal.h>

#include "kernel/task/lifecycle.h"
#include "kernel/task/rseq.h"
#include "kernel/task/signal_internal.h"

namespace k::task {
namespace {

/// What the thread has to do about its signals, decided under the lock and done without it.
struct Decision {
  enum class Kind : std::uint8_t { none, again, die, park, stop, report_continued, handle } kind = Kind::none;
  int number = 0;
  SignalInfo info;
  Action action;
};

SignalInfo take_next(Task& self, Process::Signals& signals, SignalSet deliverable) {
  const SignalSet own = self.pending.set() & deliverable;
  return own.empty() ? signals.pending.take(deliverable) : self.pending.take(deliverable);
}

/// What to do with a signal just taken; a one-shot handler is used up.
Action take_action(Process::Signals& signals, int number) {
  const auto actions = signals.dispositions();
  const Action action = actions->get(number);
  if (action.handler > 1 && action.has(SA_RESETHAND)) actions->reset(number);
  return action;
}

/// The default action of a signal just taken.
Decision default_action(Process& process, Process::Signals& signals, int number) {
  if (kIgnoredByDefault.has(number) || is_protected_init(process, signals, number)) return {Decision::Kind::again};
  if (kStopSignals.has(number)) {
    signals.stop_taken = true;
    return {Decision::Kind::stop, number};
  }
  start_group_exit(signals, signalled_status(number));
  return {Decision::Kind::die};
}

Decision decide(Task& self) {
  Process& process = self.process();
  Locked signals{process.signals};
  if (self.killed) return {Decision::Kind::die};
  if (self.must_park) return {Decision::Kind::park};
  if (signals->report_continued) {
    signals->report_continued = false;
    return {Decision::Kind::report_continued};
  }
  const SignalSet deliverable = (self.pending.set() | signals->pending.set()).without(self.blocked);
  if (deliverable.empty()) {
    recalculate_pending(self, *signals);
    return {};
  }
  const SignalInfo info = take_next(self, *signals, deliverable);
  const Action action = take_action(*signals, info.number);
  if (action.is_ignore()) return {Decision::Kind::again};
  if (action.is_default()) return default_action(process, *signals, info.number);
  recalculate_pending(self, *signals);
  return {Decision::Kind::handle, info.number, info, action};
}

/// SIGSTOP always stops; the terminal's stop signals do not stop a group that nobody could continue.
void stop(Task& self, int number) {
  Process& process = self.process();
  if (number != SIGSTOP) {
    sync::LockHeld tree{g_task_tree};
    if (is_orphaned(*process.group, nullptr)) return;
  }
  Locked signals{process.signals};
  if (signals->stop_taken && !signals->exiting) begin_stop(*signals, number);
}

/// Runs the call again from its syscall instruction. Source: Intel SDM, SYSCALL is two bytes long.
void run_again(arch::UserRegs& regs, std::uint64_t number) {
  regs.rax = number;
  regs.rip -= 2;
}

/// No handler runs: every interruptible call but Restart::never continues.
void resume_call(Task& self, arch::UserRegs& regs) {
  if (!self.was_interrupted) return;
  self.was_interrupted = false;
  if (self.interrupted_policy == Restart::never) return;
  run_again(regs, self.interrupted_policy == Restart::block ? __NR_restart_syscall : regs.orig_rax);
}

void resume_after_handler(Task& self, arch::UserRegs& regs, const Action& action) {
  if (!self.was_interrupted) return;
  self.was_interrupted = false;
  const Restart policy = self.interrupted_policy;
  if (policy == Restart::always || (policy == Restart::sa_restart && action.has(SA_RESTART)))
    run_again(regs, regs.orig_rax);
}

bool contains(const uapi::stack_t& stack, std::uint64_t address) {
  const auto base = reinterpret_cast<std::uint64_t>(stack.ss_sp);
  return address > base && address - base <= stack.ss_size;
}

arch::SignalDelivery describe(const Task& self, const arch::UserRegs& regs, const Decision& d,
                              const uapi::siginfo_t& info, SignalSet mask) {
  arch::SignalDelivery delivery{};
  delivery.info = &info;
  delivery.handler = d.action.handler;
  delivery.restorer = d.action.restorer;
  delivery.flags = d.action.flags;
  delivery.mask = mask.bits();
  delivery.alt_stack = self.alt_stack;
  delivery.stack = regs.rsp;
  const bool has_alternate = self.alt_stack.ss_size != 0 && (self.alt_stack.ss_flags & SS_DISABLE) == 0;
  delivery.on_alt_stack = d.action.has(SA_ONSTACK) && has_alternate && !on_alternate_stack(self, regs.rsp);
  if (delivery.on_alt_stack)
    delivery.stack = reinterpret_cast<std::uint64_t>(self.alt_stack.ss_sp) + self.alt_stack.ss_size;
  delivery.vector = self.trap_vector;
  delivery.error_code = self.trap_error;
  delivery.fault_address = self.trap_address;
  return delivery;
}

/// The frame could not be written: SIGSEGV, which ends the process when it was the one being delivered.
void frame_failed(Task& self, int number) {
  if (number == SIGSEGV) {
    Locked signals{self.process().signals};
    signals->dispositions()->reset(SIGSEGV);
  }
  force_on_current(SignalInfo::from_kernel(SIGSEGV));
}

void run_handler(Task& self, arch::UserRegs& regs, const Decision& d) {
  resume_after_handler(self, regs, d.action);
  abort_rseq_for_signal(self, regs);
  const SignalSet mask = self.has_saved_mask ? self.saved_mask : self.blocked;
  self.has_saved_mask = false;
  const uapi::siginfo_t info = d.info.to_user();
  const arch::SignalDelivery delivery = describe(self, regs, d, info, mask);
  if (!arch::push_signal_frame(regs, self.fpu, delivery)) return frame_failed(self, d.number);
  if ((self.alt_stack.ss_flags & static_cast<int>(SS_AUTODISARM)) != 0)
    self.alt_stack = uapi::stack_t{.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
  SignalSet blocked = self.blocked | SignalSet{d.action.mask};
  if (!d.action.has(SA_NODEFER)) blocked.add(d.number);
  set_blocked(self, blocked);
}

/// Acts on one signal. False when there is nothing left to act on.
bool act(Task& self, arch::UserRegs& regs) {
  const Decision d = decide(self);
  switch (d.kind) {
    case Decision::Kind::none:
      return false;
    case Decision::Kind::again:
      return true;
    case Decision::Kind::die:
      exit_thread(self.process().signals.unguarded().group_status);
    case Decision::Kind::park:
      park(self);
      return true;
    case Decision::Kind::stop:
      stop(self, d.number);
      return true;
    case Decision::Kind::report_continued:
      report_to_parent(self.process(), CLD_CONTINUED, SIGCONT);
      return true;
    case Decision::Kind::handle:
      run_handler(self, regs, d);
      return false;
  }
  return false;
}

void deliver(Task& self, arch::UserRegs& regs) {
  while (act(self, regs)) {
  }
  // When a handler was set up these have no effect any more.
  resume_call(self, regs);
  if (self.has_saved_mask) {
    self.has_saved_mask = false;
    set_blocked(self, self.saved_mask);
  }
}

}  // namespace

bool on_alternate_stack(const Task& self, std::uint64_t stack_pointer) {
  if ((self.alt_stack.ss_flags & static_cast<int>(SS_AUTODISARM)) != 0) return false;
  return contains(self.alt_stack, stack_pointer);
}

}  // namespace k::task

namespace k::arch {

namespace {

/// Reschedules and delivers until neither is due. Out of line: after most switches only the FPU's state is to be loaded.
[[gnu::noinline]] void settle(task::Task& self, UserRegs& regs) {
  const auto signal = static_cast<std::uint32_t>(ExitWork::signal);
  const auto reschedule = static_cast<std::uint32_t>(ExitWork::reschedule);
  const auto notify = static_cast<std::uint32_t>(ExitWork::notify);
  for (;;) {
    const std::uint32_t work = self.exit_work.load(std::memory_order_relaxed);
    if ((work & reschedule) != 0) {
      sched::reschedule_on_return();
    } else if ((work & signal) != 0) {
      interrupts_enable();
      task::deliver(self, regs);
      interrupts_disable();
    } else if ((work & notify) != 0) {
      self.remove_exit_work(ExitWork::notify);
      interrupts_enable();
      task::resume_rseq(self, regs);
      interrupts_disable();
    } else {
      return;
    }
  }
}

}  // namespace

extern "C" void ht_on_return_to_user(UserRegs* regs) {
  task::Task& self = task::current();
  const auto settled = static_cast<std::uint32_t>(ExitWork::load_fpu);
  if ((self.exit_work.load(std::memory_order_relaxed) & ~settled) != 0) settle(self, *regs);
  if (self.has_exit_work(ExitWork::load_fpu)) {
    self.remove_exit_work(ExitWork::load_fpu);
    fpu_return_to_user(self.fpu);
  }
}

/// A fault of user code. Source: sigaction(2), "The uapi::siginfo_t argument".
extern "C" void ht_on_user_trap(UserRegs*, const UserTrap* trap) {
  task::Task& self = task::current();
  self.trap_vector = trap->vector;
  self.trap_error = trap->error_code;
  self.trap_address = trap->address;
  task::force_on_current(task::SignalInfo::fault(trap->signal, trap->code, trap->address));
}

}  // namespace k::arch

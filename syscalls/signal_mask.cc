#include <linux/signal.h>

#include "arch/include/arch/signal_frame.h"
#include "kernel/sync/wait_queue.h"
#include "kernel/task/signal.h"
#include "syscalls/calls_signal.h"

namespace k::sys {
namespace {

using task::SignalSet;

constexpr std::size_t kSetSize = 8;
constexpr std::size_t kMinStack = 2048;  // MINSIGSTKSZ

Result<SignalSet> combine(SignalSet now, int how, SignalSet set) {
  switch (how) {
    case SIG_BLOCK:
      return now | set;
    case SIG_UNBLOCK:
      return now.without(set);
    case SIG_SETMASK:
      return set;
    default:
      return err(Errno::inval);
  }
}

/// No handler and no wake-up but a signal ends it.
Result<void> wait_for_signal() {
  sync::WaitQueue nobody_wakes;
  return nobody_wakes.wait_until([] { return false; });
}

Result<void> write_stack(UserAddr to, const uapi::stack_t& stack) {
  // Field by field: stack_t has padding.
  TRY((UserOut<std::uint64_t>{to}.write(reinterpret_cast<std::uint64_t>(stack.ss_sp))));
  TRY((UserOut<std::uint64_t>{to + 8}.write(static_cast<std::uint32_t>(stack.ss_flags))));
  return UserOut<std::uint64_t>{to + 16}.write(stack.ss_size);
}

Result<void> set_stack(Task& self, const uapi::stack_t& wanted, bool running_on_it) {
  if (running_on_it) return err(Errno::perm);
  const int mode = wanted.ss_flags & ~static_cast<int>(SS_FLAG_BITS);
  if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0) return err(Errno::inval);
  if (mode == SS_DISABLE) {
    self.alt_stack = uapi::stack_t{.ss_sp = nullptr, .ss_flags = wanted.ss_flags, .ss_size = 0};
    return {};
  }
  if (wanted.ss_size < kMinStack) return err(Errno::nomem);
  self.alt_stack = wanted;
  return {};
}

}  // namespace

Result<void> rt_sigprocmask(Task& self, int how, UserIn<std::uint64_t> set, UserOut<std::uint64_t> former,
                            std::size_t set_size) {
  if (set_size != kSetSize) return err(Errno::inval);
  const SignalSet before = self.blocked;
  if (!set.is_null()) {
    const SignalSet given{TRY(set.read())};
    task::set_blocked(self, TRY(combine(before, how, given)));
  }
  if (!former.is_null()) TRY(former.write(before.bits()));
  return {};
}

Result<void> rt_sigpending(Task& self, UserAddr set, std::size_t set_size) {
  if (set_size > kSetSize) return err(Errno::inval);
  const std::uint64_t bits = task::pending_signals(self).bits();
  if (arch::copy_to_user(set, &bits, set_size) != 0) return err(Errno::fault);
  return {};
}

Result<void> rt_sigsuspend(Task& self, UserIn<std::uint64_t> set, std::size_t set_size) {
  if (set_size != kSetSize) return err(Errno::inval);
  task::block_during_call(self, SignalSet{TRY(set.read())});
  return wait_for_signal();
}

Result<void> pause(Task&) { return wait_for_signal(); }

Result<int> rt_sigtimedwait(Task& self, UserIn<std::uint64_t> set, UserAddr info,
                            UserIn<uapi::__kernel_timespec> timeout, std::size_t set_size) {
  if (set_size != kSetSize) return err(Errno::inval);
  const SignalSet wanted{TRY(set.read())};
  Deadline deadline = Deadline::never();
  if (!timeout.is_null()) {
    const auto t = TRY(timeout.read());
    if (t.tv_sec < 0 || t.tv_nsec < 0 || t.tv_nsec >= 1'000'000'000) return err(Errno::inval);
    constexpr long long kLongest = 9'000'000'000;  // seconds that fit in 64 bits of nanoseconds
    const auto seconds = static_cast<std::uint64_t>(t.tv_sec < kLongest ? t.tv_sec : kLongest);
    deadline = Deadline::after(seconds * time::kNsPerSecond + static_cast<std::uint64_t>(t.tv_nsec));
  }
  const task::SignalInfo taken = TRY(task::take_signal(self, wanted, deadline));
  if (info.value != 0) {
    const uapi::siginfo_t full = taken.to_user();
    if (arch::copy_to_user(info, &full, sizeof full) != 0) return err(Errno::fault);
  }
  return taken.number;
}

Result<void> sigaltstack(Task& self, UserIn<uapi::stack_t> stack, UserAddr former) {
  const bool on_it = task::on_alternate_stack(self, self.regs().rsp);
  uapi::stack_t before = self.alt_stack;
  before.ss_flags = (before.ss_flags & static_cast<int>(SS_FLAG_BITS)) | (before.ss_size == 0 ? SS_DISABLE
                                                                          : on_it             ? SS_ONSTACK
                                                                                              : 0);
  if (!stack.is_null()) TRY(set_stack(self, TRY(stack.read()), on_it));
  if (former.value != 0) TRY(write_stack(former, before));
  return {};
}

std::int64_t rt_sigreturn(Task& self) {
  const auto restored = arch::pop_signal_frame(self.regs(), self.fpu);
  if (!restored) {
    task::force_on_current(task::SignalInfo::from_kernel(SIGSEGV));
    return 0;
  }
  task::set_blocked(self, SignalSet{restored->mask});
  // Errors are ignored, as in Linux: the frame may name a stack that is no longer acceptable.
  (void)set_stack(self, restored->alt_stack, task::on_alternate_stack(self, self.regs().rsp));
  return static_cast<std::int64_t>(self.regs().rax);
}

Result<std::int64_t> restart_syscall(Task& self) {
  if (self.restart_block.resume == nullptr) return err(Errno::intr);
  return self.restart_block.resume(self, self.restart_block);
}

}  // namespace k::sys

#include <cstring>

#include "arch/include/arch/memory.h"
#include "arch/include/arch/signal_frame.h"
#include "arch/include/arch/user_access.h"
#include "arch/x86_64/cpu/asm.h"
#include "arch/x86_64/cpu/features.h"
#include "arch/x86_64/fpu/user_state.h"
#include "arch/x86_64/signal/frame_layout.h"

namespace k::arch {
namespace {

constexpr std::uint64_t kRedZone = 128;  // System V ABI, 3.2.2
constexpr std::uint64_t kDirection = 1 << 10, kTrap = 1 << 8, kResume = 1 << 16;

uapi::sigcontext save_registers(const UserRegs& regs, const SignalDelivery& delivery, std::uint64_t fp_state) {
  uapi::sigcontext c{};
  c.r8 = regs.r8;
  c.r9 = regs.r9;
  c.r10 = regs.r10;
  c.r11 = regs.r11;
  c.r12 = regs.r12;
  c.r13 = regs.r13;
  c.r14 = regs.r14;
  c.r15 = regs.r15;
  c.rdi = regs.rdi;
  c.rsi = regs.rsi;
  c.rbp = regs.rbp;
  c.rbx = regs.rbx;
  c.rdx = regs.rdx;
  c.rax = regs.rax;
  c.rcx = regs.rcx;
  c.rsp = regs.rsp;
  c.rip = regs.rip;
  c.eflags = regs.rflags;
  c.cs = static_cast<std::uint16_t>(regs.cs);
  c.ss = static_cast<std::uint16_t>(regs.ss);
  c.err = delivery.error_code;
  c.trapno = delivery.vector;
  c.oldmask = delivery.mask;
  c.cr2 = delivery.fault_address;
  c.fpstate = reinterpret_cast<decltype(c.fpstate)>(fp_state);
  return c;
}

uapi::ucontext context_of(const UserRegs& regs, const SignalDelivery& delivery, std::uint64_t fp_state) {
  uapi::ucontext context{};
  context.uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS | (g_features.xsave ? UC_FP_XSTATE : 0);
  context.uc_stack = delivery.alt_stack;
  context.uc_mcontext = save_registers(regs, delivery, fp_state);
  std::memcpy(&context.uc_sigmask, &delivery.mask, sizeof context.uc_sigmask);
  return context;
}

}  // namespace

Result<void> push_signal_frame(UserRegs& regs, FpuState* fpu, const SignalDelivery& delivery) {
  // x86-64 has no return trampoline of its own, and a handler outside user memory could not be returned to.
  if ((delivery.flags & SA_RESTORER) == 0 || delivery.handler >= kUserEnd) return err(Errno::fault);
  const std::uint64_t top = delivery.on_alt_stack ? delivery.stack : delivery.stack - kRedZone;
  const std::uint64_t fp_state = (top - fpu_frame_bytes()) & ~std::uint64_t{63};
  const UserAddr frame{frame_below(fp_state)};

  struct Head {
    std::uint64_t return_address;
    uapi::ucontext context;
  } const head{delivery.restorer, context_of(regs, delivery, fp_state)};
  static_assert(sizeof head == offsetof(SignalFrame, info));
  if (copy_to_user(frame, &head, sizeof head) != 0) return err(Errno::fault);
  if (copy_to_user(frame + sizeof head, delivery.info, sizeof *delivery.info) != 0) return err(Errno::fault);
  if (!save_fpu_to_user(*fpu, UserAddr{fp_state})) return err(Errno::fault);

  regs.rdi = static_cast<std::uint64_t>(delivery.info->si_signo);
  regs.rsi = frame.value + offsetof(SignalFrame, info);
  regs.rdx = frame.value + offsetof(SignalFrame, context);
  regs.rax = 0;
  regs.rip = delivery.handler;
  regs.rsp = frame.value;
  regs.rflags &= ~(kDirection | kTrap | kResume);
  regs.cs = USER_CS;
  regs.ss = USER_DS;
  return {};
}

}  // namespace k::arch

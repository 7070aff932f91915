#include <cstring>

#include "arch/include/arch/memory.h"
#include "arch/include/arch/signal_frame.h"
#include "arch/include/arch/user_access.h"
#include "arch/x86_64/cpu/asm.h"
#include "arch/x86_64/fpu/user_state.h"
#include "arch/x86_64/signal/frame_layout.h"

namespace k::arch {
namespace {

/// Flags that a program may set for itself: CF PF AF ZF SF TF DF OF RF AC.
constexpr std::uint64_t kUserFlags = 0x5'0dd5;

void restore_registers(UserRegs& regs, const uapi::sigcontext& c) {
  regs.r8 = c.r8;
  regs.r9 = c.r9;
  regs.r10 = c.r10;
  regs.r11 = c.r11;
  regs.r12 = c.r12;
  regs.r13 = c.r13;
  regs.r14 = c.r14;
  regs.r15 = c.r15;
  regs.rdi = c.rdi;
  regs.rsi = c.rsi;
  regs.rbp = c.rbp;
  regs.rbx = c.rbx;
  regs.rdx = c.rdx;
  regs.rax = c.rax;
  regs.rcx = c.rcx;
  regs.rsp = c.rsp;
  regs.rip = c.rip;
  regs.rflags = (regs.rflags & ~kUserFlags) | (c.eflags & kUserFlags);
  regs.cs = USER_CS;
  regs.ss = USER_DS;
  regs.orig_rax = ~std::uint64_t{0};
}

}  // namespace

Result<RestoredFrame> pop_signal_frame(UserRegs& regs, FpuState* fpu) {
  // The handler's return popped the return address: the ucontext is what rsp points at.
  uapi::ucontext context;
  if (copy_from_user(&context, UserAddr{regs.rsp}, sizeof context) != 0) return err(Errno::fault);
  const uapi::sigcontext& c = context.uc_mcontext;
  // Returning there would fault in the kernel.
  if (c.rip >= kUserEnd) return err(Errno::fault);
  if (!load_fpu_from_user(*fpu, UserAddr{reinterpret_cast<std::uint64_t>(c.fpstate)})) return err(Errno::fault);
  restore_registers(regs, c);

  RestoredFrame restored{.mask = 0, .alt_stack = context.uc_stack};
  std::memcpy(&restored.mask, &context.uc_sigmask, sizeof restored.mask);
  return restored;
}

}  // namespace k::arch

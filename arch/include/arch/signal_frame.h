/// The signal frame on the user stack: struct rt_sigframe of the x86-64 ABI.
///
/// Invariants  layout as Linux's (siginfo, ucontext with uc_flags, FP state with the XSAVE extension and magic numbers), so
///             that unwinders, libcs and debuggers read it. What a frame brings back is validated: segment selectors and
///             privileged flag bits never come from user memory.
/// Context     task context, interrupts on; copies to and from user memory.
/// Errors      FAULT: the frame could not be written or read; the caller sends SIGSEGV.
/// Source      sigreturn(2), <asm/sigcontext.h>, <asm/ucontext.h>.
#pragma once

#include <asm/siginfo.h>
#include <asm/signal.h>

#include "arch/include/arch/context.h"

namespace k::arch {

struct SignalDelivery {
  const uapi::siginfo_t* info;
  std::uint64_t handler, restorer;
  unsigned long flags;      // SA_*
  std::uint64_t mask;       // to be restored by sigreturn
  uapi::stack_t alt_stack;  // saved in uc_stack
  std::uint64_t stack;      // where to start: the user rsp (red zone not yet skipped) or the top of the alternate stack
  bool on_alt_stack;        // `stack` is the top of the alternate stack
  unsigned vector;          // trapno and error code, as UserTrap had them
  std::uint64_t error_code, fault_address;
};

/// Pushes a frame and points `regs` at the handler.
Result<void> push_signal_frame(UserRegs& regs, FpuState* fpu, const SignalDelivery& delivery);

struct RestoredFrame {
  std::uint64_t mask;
  uapi::stack_t alt_stack;
};
/// Pops the frame that rt_sigreturn(2) finds at the user stack pointer into `regs` and `fpu`.
Result<RestoredFrame> pop_signal_frame(UserRegs& regs, FpuState* fpu);

}  // namespace k::arch

// Exceptions other than page faults: signals for programs, panics for the kernel.
#include <asm/siginfo.h>
#include <asm/signal.h>

#include "arch/include/arch/cpu.h"
#include "arch/include/arch/upcalls.h"
#include "arch/x86_64/cpu/control.h"
#include "arch/x86_64/entry/ex_table.h"
#include "arch/x86_64/entry/idt.h"
#include "arch/x86_64/fpu/exception.h"
#include "arch/x86_64/smp/stop.h"

namespace k::arch {
namespace {

/// Source: signal(7), sigaction(2); the codes are what Linux sends.
UserTrap trap_of(unsigned vector, std::uint64_t error, const UserRegs& regs) {
  const auto trap = [&](int signal, int code, std::uint64_t address) {
    return UserTrap{.signal = signal, .code = code, .address = address, .vector = vector, .error_code = error};
  };
  switch (vector) {
    case kDivideError:
      return trap(SIGFPE, FPE_INTDIV, regs.rip);
    case kDebug:
      return trap(SIGTRAP, TRAP_TRACE, regs.rip);
    case kBreakpoint:
      return trap(SIGTRAP, SI_KERNEL, 0);
    case kInvalidOpcode:
      return trap(SIGILL, ILL_ILLOPN, regs.rip);
    case kSegmentNotPresent:
    case kStackFault:
      return trap(SIGBUS, SI_KERNEL, 0);
    case kFloatingPoint:
    case kSimdFloatingPoint:
      return trap(SIGFPE, fpu_exception_code(vector), regs.rip);
    case kAlignmentCheck:
      return trap(SIGBUS, BUS_ADRALN, 0);
    default:
      return trap(SIGSEGV, SI_KERNEL, 0);
  }
}

}  // namespace

extern "C" void ht_user_exception(std::uint64_t vector, UserRegs* regs, std::uint64_t error) {
  const UserTrap trap = trap_of(static_cast<unsigned>(vector), error, *regs);
  interrupts_enable();
  ht_on_user_trap(regs, &trap);
}

extern "C" void ht_kernel_exception(std::uint64_t vector, UserRegs* regs, std::uint64_t error) {
  if (const std::uint64_t fixup = find_fixup(regs->rip); fixup != 0) {  // #GP on a non-canonical address
    regs->rip = fixup;
    return;
  }
  ht_kernel_fault(regs, static_cast<unsigned>(vector), error, 0);
}

extern "C" void ht_own_stack_exception(std::uint64_t vector, UserRegs* regs, std::uint64_t error) {
  if (vector == kNmi && stop_if_asked()) return;
  ht_kernel_fault(regs, static_cast<unsigned>(vector), error, vector == kDoubleFault ? read_cr2() : 0);
}

}  // namespace k::arch

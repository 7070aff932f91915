// #PF: the page fault of a program, or of a user copy.
#include "arch/include/arch/memory.h"
#include "arch/include/arch/percpu.h"
#include "arch/include/arch/upcalls.h"
#include "arch/x86_64/cpu/control.h"
#include "arch/x86_64/cpu/features.h"
#include "arch/x86_64/entry/ex_table.h"
#include "arch/x86_64/entry/idt.h"

#include <asm/siginfo.h>
#include <asm/signal.h>

namespace k::arch {
namespace {

constexpr std::uint64_t kAlignmentCheckFlag = 1u << 18, kInterruptFlag = 1u << 9;
constexpr std::uint64_t kLowerHalfEnd = std::uint64_t{1} << 47;

/// Out of line: the path that is taken needs no frame.
[[gnu::noinline, gnu::cold]] void raise_signal(UserRegs* regs, FaultResult result, std::uint64_t address,
                                               std::uint64_t error) {
  const bool bus = result == FaultResult::no_page;
  const int code = bus ? BUS_ADRERR : result == FaultResult::not_mapped ? SEGV_MAPERR : SEGV_ACCERR;
  const UserTrap trap{
      .signal = bus ? SIGBUS : SIGSEGV, .code = code, .address = address, .vector = kPageFault, .error_code = error};
  ht_on_user_trap(regs, &trap);
}

/// SMAP closes user memory to all code but the user copies, which hold AC set.
bool is_user_copy(const UserRegs& regs, std::uint64_t address) {
  return address < kLowerHalfEnd && (!g_features.smap || (regs.rflags & kAlignmentCheckFlag) != 0);
}

bool may_sleep(const UserRegs& regs) {
  return this_cpu_block().nofault_depth == 0 && preempt_count() == 0 && (regs.rflags & kInterruptFlag) != 0;
}

}  // namespace

extern "C" void ht_user_page_fault(std::uint64_t, UserRegs* regs, std::uint64_t error) {
  const std::uint64_t address = read_cr2();
  interrupts_enable();
  // A canonical address above user memory is not mm/vm's: it has no area there.
  const FaultResult result =
      address < kUserEnd ? ht_on_page_fault(address, FaultAccess{error}) : FaultResult::not_mapped;
  if (result != FaultResult::resolved) [[unlikely]]
    raise_signal(regs, result, address, error);
}

extern "C" void ht_kernel_page_fault(std::uint64_t, UserRegs* regs, std::uint64_t error) {
  const std::uint64_t address = read_cr2();
  if (is_user_copy(*regs, address)) {
    if (address < kUserEnd && may_sleep(*regs)) {
      interrupts_enable();
      const FaultResult result = ht_on_page_fault(address, FaultAccess{error});
      interrupts_disable();
      if (result == FaultResult::resolved) [[likely]]
        return;
    }
    if (const std::uint64_t fixup = find_fixup(regs->rip); fixup != 0) {
      regs->rip = fixup;
      return;
    }
  }
  ht_kernel_fault(regs, kPageFault, error, address);
}

}  // namespace k::arch

#include "arch/include/arch/context.h"

#include "arch/include/arch/memory.h"
#include "arch/include/arch/percpu.h"
#include "arch/x86_64/cpu/asm.h"
#include "arch/x86_64/cpu/cpu_area.h"

extern "C" {
[[noreturn]] void ht_enter_user_mode(k::arch::UserRegs* regs);
void ht_thread_start();
}

namespace k::arch {
namespace {

/// What ht_switch_context pops.
struct SwitchFrame {
  std::uint64_t r15, r14, r13, r12, rbx, rbp, rip;
};

constexpr std::uint64_t kInterruptFlag = 0x200, kAlwaysOne = 2;

}  // namespace

void init_context(Context& context, void* stack_top, void (*entry)(void*), void* argument) {
  // Below the frame of user registers, which a user thread fills before it starts.
  auto* frame = reinterpret_cast<SwitchFrame*>(reinterpret_cast<char*>(user_regs_of(stack_top)) - 8) - 1;
  *frame = {};
  frame->r12 = reinterpret_cast<std::uint64_t>(entry);
  frame->r13 = reinterpret_cast<std::uint64_t>(argument);
  frame->rip = reinterpret_cast<std::uint64_t>(&ht_thread_start);
  context.stack_pointer = reinterpret_cast<std::uint64_t>(frame);
}

void set_kernel_stack(void* stack_top) {
  CpuBlock& cpu = this_cpu_block();
  cpu.kernel_stack_top = reinterpret_cast<std::uint64_t>(stack_top);
  CpuArea::of(cpu).tss.rsp0 = cpu.kernel_stack_top;
}

void enter_user_mode(UserRegs* regs) { ht_enter_user_mode(regs); }

UserRegs fresh_user_regs(std::uint64_t entry, std::uint64_t stack) {
  UserRegs regs{};
  // An entry point that is no user address must fault in user mode, not in IRET.
  regs.rip = entry < kUserEnd ? entry : 0;
  regs.rsp = stack;
  regs.cs = USER_CS;
  regs.ss = USER_DS;
  regs.rflags = kInterruptFlag | kAlwaysOne;
  regs.orig_rax = ~std::uint64_t{0};
  return regs;
}

}  // namespace k::arch

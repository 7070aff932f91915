/// The user register frame at the top of a kernel stack, as entry code pushes it.
///
/// Invariants  the layout is Linux's struct pt_regs (ptrace(2), <asm/ptrace.h>): entry.S and signal frames rely on it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace k::arch {

struct UserRegs {
  std::uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
  std::uint64_t orig_rax;  // the system call number, or -1 for an exception or interrupt
  std::uint64_t rip, cs, rflags, rsp, ss;

  std::uint64_t syscall_number() const { return orig_rax; }
  std::uint64_t syscall_arg(unsigned i) const {
    const std::uint64_t args[] = {rdi, rsi, rdx, r10, r8, r9};
    return args[i];
  }
  void set_return(std::int64_t value) { rax = static_cast<std::uint64_t>(value); }
  std::uint64_t stack_pointer() const { return rsp; }
  std::uint64_t instruction_pointer() const { return rip; }
};
static_assert(sizeof(UserRegs) == 168);

/// Registers of a fresh program: everything zero but the entry point, the stack, user segments and interrupts on.
UserRegs fresh_user_regs(std::uint64_t entry, std::uint64_t stack);

}  // namespace k::arch

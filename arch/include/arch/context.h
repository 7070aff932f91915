/// Kernel stacks' contexts, the FPU, and what changes with the running thread.
///
/// Invariants  a Context is valid while its thread is not running. FPU registers belong to the thread named in
///             CpuBlock::fpu_owner; they are saved at a switch only when the outgoing thread has used them since they were
///             loaded, and loaded on the way back to user mode only when they are not already there.
/// Context     switch_context: interrupts disabled, run queue lock rules are kernel/sched's.
/// Errors      FpuState::create: ENOMEM.
#pragma once

#include <cstdint>
#include <span>

#include "arch/include/arch/user_regs.h"
#include "kernel/lib/result.h"

namespace k::arch {

struct Context {
  std::uint64_t stack_pointer = 0;
};

inline constexpr std::size_t kKernelStackSize = 16384;  // plus one guard page below

/// Makes `context` start at entry(argument) on the stack that ends at `stack_top`; entry never returns.
void init_context(Context& context, void* stack_top, void (*entry)(void*), void* argument);
/// Saves the running context into `from` and continues `to`. Returns when something switches back to `from`.
extern "C" void ht_switch_context(Context* from, const Context* to);

/// Called by kernel/sched after choosing `stack_top` to run next: TSS.rsp0, CpuBlock::kernel_stack_top.
void set_kernel_stack(void* stack_top);

/// The frame of user registers at the top of a kernel stack.
inline UserRegs* user_regs_of(void* stack_top) {
  return reinterpret_cast<UserRegs*>(static_cast<char*>(stack_top) - sizeof(UserRegs));
}
/// First kernel-side function of a user thread: drops to user mode with the registers at the stack's top.
[[noreturn]] void enter_user_mode(UserRegs* regs);

/// The thread pointer and the other per-thread user state outside UserRegs (FS and GS base).
struct UserTls {
  std::uint64_t fs_base = 0;
  std::uint64_t gs_base = 0;
};
/// Reads the running thread's live values into `tls` (user code may have changed them with wrfsbase); loads them from `tls`, whose
/// values must be user addresses (arch_prctl and clone check that). Interrupts off.
void save_tls(UserTls& tls);
void load_tls(const UserTls& tls);

/// Extended (XSAVE) state of one user thread; the size comes from CPUID.
class FpuState;
struct FpuDeleter {
  void operator()(FpuState* state) const;
};
/// Allocated state holding the initial values; size from fpu_state_size().
Result<FpuState*> fpu_create();
void fpu_destroy(FpuState* state);
std::size_t fpu_state_size();
/// Copies the running thread's live state into `to` (fork), saving registers first when they hold it.
void fpu_clone(FpuState* to, FpuState* from);
/// The running thread's state back to initial values (exec); sets ExitWork::load_fpu.
void fpu_reset(FpuState* state);
/// Switch hooks: fpu_switch_out saves when the registers hold `state`; fpu_return_to_user loads when they do not. Whoever switches to
/// a thread sets its ExitWork::load_fpu unless it is sure that this CPU still holds its state.
void fpu_switch_out(FpuState* state);
void fpu_return_to_user(FpuState* state);
/// Forgets that registers hold `state`, on this CPU (before it is changed in memory or freed).
void fpu_forget(FpuState* state);

}  // namespace k::arch

/// What arch calls in higher layers. arch declares, the named layer defines; nothing here is called by others.
///
/// Context     each function states its own.
#pragma once

#include <cstdint>

#include "arch/include/arch/user_regs.h"
#include "kernel/lib/types.h"

namespace k::arch {

/// Why a page fault happened. Source: Intel SDM volume 3, 4.7 (page-fault error code).
class FaultAccess {
 public:
  static constexpr std::uint32_t kPresent = 1, kWrite = 2, kUser = 4, kFetch = 16;
  constexpr explicit FaultAccess(std::uint64_t error_code) : bits_(static_cast<std::uint32_t>(error_code)) {}
  constexpr bool present() const { return (bits_ & kPresent) != 0; }
  constexpr bool write() const { return (bits_ & kWrite) != 0; }
  constexpr bool user() const { return (bits_ & kUser) != 0; }
  constexpr bool fetch() const { return (bits_ & kFetch) != 0; }

 private:
  std::uint32_t bits_;
};

/// What ht_on_page_fault found. In kernel mode anything but `resolved` ends the user copy; in user mode it is a signal:
/// not_mapped SIGSEGV/SEGV_MAPERR, not_permitted SIGSEGV/SEGV_ACCERR, no_page SIGBUS/BUS_ADRERR.
enum class FaultResult : std::uint8_t { resolved, not_mapped, not_permitted, no_page };

/// A fault that is a user program's (or a user copy's): `signal`, `code`, `address` as in siginfo (sigaction(2)).
struct UserTrap {
  int signal, code;
  std::uint64_t address;
  unsigned vector;
  std::uint64_t error_code;
};

extern "C" {
/// syscalls/: interrupts on; `regs` is the frame at the top of the current kernel stack.
void ht_on_syscall(UserRegs* regs);
/// kernel/task: on the way to user mode with interrupts off, called only when ht_exit_work says that there is work
/// (reschedule, signals). Returns with interrupts off.
void ht_on_return_to_user(UserRegs* regs);
/// mm/vm: `resolved` when the page is now there and the access may be retried. Called with interrupts on in task context when
/// the fault may sleep; with FaultAccess::user false it is a user copy.
FaultResult ht_on_page_fault(std::uint64_t address, FaultAccess access);
/// kernel/task: queues the signal for the current thread (after ht_on_page_fault said no in user mode, or for #DE, #UD ...).
void ht_on_user_trap(UserRegs* regs, const UserTrap* trap);
/// kernel/time: the one-shot timer of this CPU fired; interrupts off.
void ht_on_timer();
/// kernel/sched: a reschedule IPI arrived; interrupts off (need_resched is already set).
void ht_on_reschedule_ipi();
/// kernel/sched: an interrupt is about to return to preemptible kernel code with need_resched set; interrupts off.
void ht_preempt_from_irq();
/// kernel/irq: device interrupt `vector` of this CPU; interrupts off.
void ht_on_device_irq(unsigned vector);
/// kernel/init: first C++ code on the boot CPU (stack set, per-CPU block set, paging final) and on a secondary CPU.
[[noreturn]] void ht_kernel_main();
[[noreturn]] void ht_secondary_main();
/// kernel/log: an exception in kernel mode that nothing handles.
[[noreturn]] void ht_kernel_fault(const UserRegs* regs, unsigned vector, std::uint64_t error_code,
                                  std::uint64_t address);
}

/// Per-CPU word that entry code tests before returning to user mode: non-zero means "call ht_on_return_to_user".
/// kernel/sched and kernel/task set bits in the *thread*; the thread's word is reachable at a fixed offset:
/// sched::Thread begins with `std::atomic<std::uint32_t> exit_work`.
enum class ExitWork : std::uint32_t { reschedule = 1, signal = 2, trace = 4, notify = 8, load_fpu = 16 };

}  // namespace k::arch

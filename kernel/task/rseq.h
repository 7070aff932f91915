/// Restartable sequences: critical sections of user code that begin anew when the thread was preempted, moved or signalled.
///
/// Invariants  the area's CPU number is right whenever user code runs: the scheduler asks for notify work at a move or preemption
///             (Thread::notify_on_move), and the way back to user mode does it before anything else can run there.
/// Context     the thread itself, task context; the user copies may sleep.
/// Errors      an area or a descriptor that is broken: the thread gets SIGSEGV.
/// Source      Linux's include/uapi/linux/rseq.h; rseq(2) of librseq.
#pragma once

#include "kernel/task/task.h"

namespace k::task {

/// The whole of struct rseq as Linux 6.1 has it.
inline constexpr std::uint32_t kRseqSize = 32;

void set_rseq(Task& self, UserAddr area, std::uint32_t signature);
/// Linux leaves an area that is no longer registered with no CPU. FAULT.
Result<void> reset_rseq_area(UserAddr area);
/// notify work: aborts a critical section, then writes the CPU number.
void resume_rseq(Task& self, arch::UserRegs& regs);
/// Before a signal handler runs: the handler may use the area itself.
void abort_rseq_for_signal(Task& self, arch::UserRegs& regs);

}  // namespace k::task

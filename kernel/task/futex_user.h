/// Futexes of user memory: keys, and what a thread owes to futexes when it leaves.
///
/// Invariants  a private futex is (space, address); a shared one in a shared mapping is (content, byte), so that processes meet;
///             in private memory a shared futex is (space, address) too, but never equal to a private one.
/// Context     task context; looking a shared futex up takes the space's lock.
/// Errors      FAULT: nothing is mapped there. INVAL: not aligned.
/// Source      futex(2); get_robust_list(2); Linux's Documentation/locking/robust-futex-ABI.rst.
#pragma once

#include "kernel/sync/futex.h"
#include "kernel/task/task.h"

namespace k::task {

enum class FutexScope : bool { process_private, shared };

Result<sync::FutexKey> futex_key(const mm::AddressSpace& space, UserAddr word, FutexScope scope);
/// The word at `address`, for the load functions of kernel/sync/futex.h: never faults, nothing when it would.
std::optional<std::uint32_t> load_futex_word(UserAddr address);
/// Replaces `expected`, without a fault; the value found, or nothing.
std::optional<std::uint32_t> exchange_futex_word(UserAddr address, std::uint32_t expected, std::uint32_t desired);
/// Makes the page of `address` present, for the retry after a load that would have faulted. FAULT when it cannot be.
Result<void> fault_futex_word_in(UserAddr address);
Result<void> fault_futex_word_in_for_writing(UserAddr address);

/// Wakes one waiter on `word`, as FUTEX_WAKE without FUTEX_PRIVATE_FLAG does: what leaves may be in memory of several processes.
void wake_futex(const Task& self, UserAddr word);
/// The thread leaves, or starts another program: marks the futexes of its robust list FUTEX_OWNER_DIED and wakes a waiter of each,
/// hands the priority-inheritance futexes that it owns to their first waiters. `then`: what it is from now on.
void give_up_futexes(Task& self, sched::PiStage then);

}  // namespace k::task

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
/// Makes the page of `address` present, for the retry after a load that would have faulted. FAULT when it cannot be.
Result<void> fault_futex_word_in(UserAddr address);

/// Wakes one waiter on `word`, private or shared.
void wake_futex(const Task& self, UserAddr word);
/// Marks the futexes of the thread's robust list FUTEX_OWNER_DIED and wakes a waiter of each.
void release_robust_list(Task& self);

}  // namespace k::task

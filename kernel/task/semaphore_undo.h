/// The semaphore adjustments of a process (SEM_UNDO), which CLONE_SYSVSEM shares.
/// Context     the thread itself, task context. Errors: NOMEM.
/// Source      semop(2), clone(2).
#pragma once

#include "ipc/sysv/undo_list.h"
#include "kernel/task/task.h"

namespace k::task {

/// The running thread's list; made at first use.
Result<ipc::sysv::UndoList*> semaphore_undos(Task& self);
/// clone(2) with CLONE_SYSVSEM: both use one list.
Result<void> share_semaphore_undos(Task& parent, Task& child);
/// The thread exits: when it was the list's last user, everything is given back.
void leave_semaphores(Task& self);

}  // namespace k::task

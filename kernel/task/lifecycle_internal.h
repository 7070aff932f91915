/// Between exit and wait; nobody else includes it.
/// Lock order  every function here is called under g_task_tree.
#pragma once

#include "kernel/task/lifecycle.h"

namespace k::task {

/// Takes an ended process out of the tree: nothing finds it any more. Its last reference is returned, to be dropped after the lock.
Ref<Process> unlink_ended(Process& process);
/// What a process used, with its ended threads but without its children.
Usage usage_of(const Process& process);
/// Tells the parent that `process` has ended. True when nobody will wait for it (SIGCHLD ignored, SA_NOCLDWAIT).
bool report_end(Process& process, Process& parent);

}  // namespace k::task

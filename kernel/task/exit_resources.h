/// What a thread leaves behind in user memory when it exits or executes another program.
/// Context     the thread itself, task context.
/// Source      set_tid_address(2), get_robust_list(2), vfork(2).
#pragma once

#include "kernel/task/signal_info.h"
#include "kernel/task/task.h"

namespace k::task {

class Process;

/// clear_child_tid and the waiting vfork parent; then drops the address space. The futexes were given up before (futex_user.h).
void leave_memory(Task& self);
void clear_child_tid(Task& self);
void finish_vfork(Task& self);
/// SIGCHLD's (or the exit signal's) details of an ended process. Under g_task_tree.
SignalInfo end_info(const Process& process);

}  // namespace k::task

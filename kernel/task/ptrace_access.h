/// Whether a thread may look into another process.
///
/// Invariants  what is looked at is taken before the credentials that are judged: exec publishes in the opposite order, so a program
///             with more rights is never judged by the credentials of the one before it.
/// Context     task context.
/// Errors      PERM (procfs answers ACCES for it), SRCH.
/// Source      ptrace(2), "Ptrace access mode checking".
#pragma once

#include "ipc/sysv/undo_list.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"

namespace k::task {

/// Which of the caller's identities counts: that for files (PTRACE_MODE_FSCREDS) or the real one (PTRACE_MODE_REALCREDS).
enum class CallerIds : bool { file_system, real };

bool may_look_into(const Task& self, const Process& target, const fs::Credentials& theirs, CallerIds ids);

/// What system calls on other threads want of one; null when it has exited or, for `space`, has none.
struct ThreadView {
  Ref<Process> process;
  RefOrNull<mm::AddressSpace> space;
  RefOrNull<fs::FdTable> fds;
  RefOrNull<fs::FsContext> fs_context;
  RefOrNull<ipc::sysv::UndoList> semaphore_undos;
};
/// The thread `number`, or the process of that number whose first thread has left. SRCH: there is none; PERM.
Result<ThreadView> view_thread(const Task& self, pid_t number, CallerIds ids);
/// A thread of `process`.
Result<ThreadView> view_process(const Task& self, Process& process, CallerIds ids);

}  // namespace k::task

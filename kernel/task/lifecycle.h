/// The life of processes and threads: fork, exit, wait.
///
/// Invariants  a child becomes visible (pid table, parent's children, group) only when nothing can fail any more.
/// Lock order  g_task_tree, then ProcessGroup members, then Process::signals.
/// Context     task context.
/// Errors      as clone(2), wait(2).
/// Source      fork(2), vfork(2), clone(2), _exit(2), exit_group(2), wait(2), waitid(2).
#pragma once

#include <linux/sched.h>

#include "kernel/lib/flags.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "mm/user/user_ptr.h"

namespace k::task {

/// The arguments of clone3(2); clone, fork and vfork fill it too.
struct CloneRequest {
  std::uint64_t flags = 0;  // CLONE_*
  int exit_signal = 0;
  UserAddr stack;  // the child's stack pointer; 0: as the parent's
  std::uint64_t tls = 0;
  UserAddr parent_tid, child_tid, pidfd;
  pid_t wanted_tid = 0;  // 0: any
};
/// Makes a process or thread; returns its tid as the parent sees it. With CLONE_VFORK, after the child has left the memory.
Result<pid_t> clone(Task& parent, const CloneRequest& request);

/// Ends the running thread; when it is the last of its process, with `status` as wait(2) reports it.
[[noreturn]] void exit_thread(int status);
/// Ends all threads of the running process and then this one.
[[noreturn]] void exit_process(int status);
/// Makes all other threads of the running process leave (exit_group, fatal signal). Under Process::signals.
void start_group_exit(Process::Signals& signals, int status);

constexpr int exited_status(int code) { return (code & 0xff) << 8; }
constexpr int signalled_status(int signal) { return signal; }

enum class IdKind : std::uint8_t { all, process, group };
struct WaitRequest {
  IdKind kind = IdKind::all;
  pid_t id = 0;
  lib::Flags options;  // WNOHANG, WEXITED, WSTOPPED, WCONTINUED, WNOWAIT, __WALL, __WCLONE, __WNOTHREAD
};
struct WaitReport {
  pid_t pid = 0;  // 0: WNOHANG and nothing to report
  std::uint32_t uid = 0;
  int code = 0;    // CLD_*
  int status = 0;  // wait status (wait4); the signal or exit code for waitid is in `detail`
  int detail = 0;
  Usage usage;
};
Result<WaitReport> wait_for_child(Task& self, const WaitRequest& request);

}  // namespace k::task

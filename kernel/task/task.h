/// A user thread: a schedulable Thread with what the Linux ABI gives a task.
///
/// Invariants  the members under "own" are touched by the thread itself only (or before it runs). Pointers to shared resources
///             change only by the thread itself, under `resources`, so that others may copy them under that lock. A Task is
///             freed after its last switch and a grace period; its Process may outlive it.
/// Lock order  Process::signals for the signal members; `resources` (Rank::task) for the pointers.
/// Context     task context.
/// Source      clone(2), signal(7), sigaltstack(2), set_tid_address(2), get_robust_list(2).
#pragma once

#include <asm/signal.h>

#include <atomic>
#include <cstdint>
#include <optional>

#include "fs/vfs/credentials.h"
#include "fs/vfs/fd_table.h"
#include "fs/vfs/fs_context.h"
#include "kernel/lib/list.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/relaxed.h"
#include "kernel/sched/thread.h"
#include "kernel/sync/guarded.h"
#include "kernel/sync/rcu.h"
#include "kernel/task/accounting.h"
#include "kernel/task/pid.h"
#include "kernel/task/rcu_freed.h"
#include "kernel/task/restart.h"
#include "kernel/task/signal_queue.h"
#include "kernel/task/signal_set.h"
#include "kernel/task/user.h"
#include "kernel/task/vfork.h"
#include "mm/phys/slab.h"
#include "mm/vm/address_space.h"

namespace k::ipc::sysv {
class UndoList;
}

namespace k::task {

class Process;

/// Who logged in and in which session, for the audit system: set once, inherited. Written by the thread itself.
struct AuditIdentity {
  static constexpr std::uint32_t kUnset = ~std::uint32_t{0};
  lib::Relaxed<std::uint32_t> login_uid{kUnset}, session{kUnset};
};

inline constexpr std::uint64_t kDefaultTimerSlackNs = 50'000;

class Task final : public sched::Thread, public mm::SlabAllocated<Task>, public RcuFreed<Task> {
 public:
  Task(Ref<Pid> tid, Ref<Process> process, Ref<fs::Credentials> credentials, Ref<User> user);
  ~Task();

  pid_t tid() const { return pid->number(); }
  Process& process() const { return *process_; }
  fs::FdTable& fds() const { return *fds_; }
  fs::FsContext& fs_context() const { return *fs_context_; }
  const fs::Credentials& creds() const { return *credentials_; }
  mm::AddressSpace& address_space() const { return *space_; }
  arch::UserRegs& regs() const { return *user_regs(); }
  User& user() const { return *user_; }

  // Of another thread: a reference, or null when it has exited.
  RefOrNull<fs::FdTable> shared_fds() const;
  RefOrNull<fs::FsContext> shared_fs_context() const;
  RefOrNull<ipc::sysv::UndoList> shared_semaphore_undos() const;
  Ref<fs::Credentials> shared_credentials() const;
  RefOrNull<mm::AddressSpace> shared_address_space() const;
  // Of the thread itself (or before it runs).
  void set_credentials(Ref<fs::Credentials> credentials);
  /// The account that RLIMIT_NPROC counts this thread on (its real user ID).
  void set_user(Ref<User> user);
  void set_fds(RefOrNull<fs::FdTable> fds);
  void set_fs_context(RefOrNull<fs::FsContext> context);
  /// Null until SEM_UNDO is used. The setter gives back what was there.
  ipc::sysv::UndoList* semaphore_undos() const { return semaphore_undos_.get(); }
  RefOrNull<ipc::sysv::UndoList> set_semaphore_undos(RefOrNull<ipc::sysv::UndoList> list);
  /// Also switches to its page tables when the thread is running.
  void set_address_space(RefOrNull<mm::AddressSpace> space);

  Ref<Pid> pid;               // exec by a thread other than the first takes over the process's
  lib::ListNode thread_node;  // in Process::Signals::threads

  // Signals: under Process::signals, but `blocked` is written by the thread itself only.
  SignalSet blocked;
  SignalSet waited;  // blocked, but sigtimedwait(2) waits for them
  SignalQueue pending;
  bool must_park = false;  // a stop of the process that this thread has not joined yet
  bool killed = false;     // leaves at the next return to user mode
  bool left = false;       // exited: no longer among the process's threads

  // Own.
  SignalSet saved_mask;  // restored after sigsuspend and friends, unless a handler takes it over
  bool has_saved_mask = false;
  uapi::stack_t alt_stack{};
  Restart interrupted_policy = Restart::never;
  bool was_interrupted = false;  // the current call answered Errno::interrupted
  RestartBlock restart_block;
  /// How this one interruption continues, whatever the row says; taken by the return from the call.
  std::optional<Restart> restart_override;
  UserAddr clear_child_tid, set_child_tid;
  UserAddr robust_list;
  UserAddr rseq_area;
  std::uint32_t rseq_signature = 0;
  RefOrNull<VforkWait> vfork;  // the parent waits until this thread drops its address space
  int parent_death_signal = 0;
  std::uint64_t timer_slack_ns = kDefaultTimerSlackNs, default_timer_slack_ns = kDefaultTimerSlackNs;
  std::atomic<std::uint16_t> io_priority{0};  // ioprio_set(2)
  mm::MemoryPolicy memory_policy;
  IoCounts io;
  AuditIdentity audit;
  unsigned trap_vector = 0;  // of the last fault signal, for the signal frame
  std::uint64_t trap_error = 0, trap_address = 0;

 private:
  Ref<Process> process_;
  Ref<fs::Credentials> credentials_;
  RefOrNull<fs::FdTable> fds_;
  RefOrNull<fs::FsContext> fs_context_;
  RefOrNull<ipc::sysv::UndoList> semaphore_undos_;
  RefOrNull<mm::AddressSpace> space_;
  Ref<User> user_;
  mutable sync::Spin<sync::Rank::task> resources_;
};

/// The running user thread; never called from a kernel thread.
inline Task& current() { return static_cast<Task&>(sched::current()); }

}  // namespace k::task

namespace k {
using task::Task;
}

/// A process (Linux: thread group): what its threads share beyond memory and files.
///
/// Invariants  a Process lives from fork until it was waited for, and longer while a pidfd or a thread refers to it. It is a
///             zombie from the exit of its last thread until then. `parent` is never null but for the first process.
/// Lock order  task_tree (one spin lock for the family relations of all processes), then ProcessGroup members, then `signals`.
/// Context     any as the locks allow; freed after an RCU grace period.
/// Source      clone(2), wait(2), signal(7), credentials(7).
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/lib/list.h"
#include "kernel/lib/ref.h"
#include "kernel/sync/guarded.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/wait_queue.h"
#include "kernel/task/accounting.h"
#include "kernel/task/exec_program.h"
#include "kernel/task/interval_timer.h"
#include "kernel/task/limits.h"
#include "kernel/task/pid.h"
#include "kernel/task/signal_actions.h"
#include "kernel/task/signal_queue.h"
#include "kernel/task/task.h"
#include "mm/phys/slab.h"

namespace k::task {

class ProcessGroup;
struct PosixTimers;

/// Guards parent, children, group, zombie state and wait events of every process.
using TaskTreeLock = sync::Spin<sync::Rank::task_tree>;
extern TaskTreeLock g_task_tree;

enum class Life : std::uint8_t { running, zombie, reaped };

class Process final : public lib::RefCounted, public mm::SlabAllocated<Process>, public RcuFreed<Process> {
 public:
  Process(Ref<Pid> pid, Ref<SharedActions> actions);
  ~Process();
  void on_last_ref();

  pid_t id() const { return pid->number(); }
  bool is_init() const { return id() == 1; }

  const Ref<Pid> pid;

  // Family: under g_task_tree. `parent` may be read under RCU.
  std::atomic<Process*> parent{nullptr};
  RefOrNull<Pid> maker;  // the thread of the parent that forked it; null after it got another parent
  lib::ListNode sibling_node, group_node;
  lib::List<Process, &Process::sibling_node> children;
  RefOrNull<ProcessGroup> group;
  Life life = Life::running;
  int exit_status = 0;                  // as wait(2) reports it
  std::uint32_t exit_uid = 0;           // the real user ID it ended with
  int exit_signal = SIGCHLD;            // sent to the parent; 0 none
  bool reparents_to_here = false;       // PR_SET_CHILD_SUBREAPER
  std::atomic<std::uint32_t> execs{0};  // programs it has run; after the first, setpgid(2) by the parent: EACCES
  std::atomic<std::uint32_t> terminal_turn{0};  // which of its session's terminals it has; see Session::terminal_of
  enum class Report : std::uint8_t { none, stopped, continued } report = Report::none;  // not yet waited for
  int stop_signal = 0;                                                                  // of the report
  Usage dead_threads, dead_children;
  sync::WaitQueue child_events;  // threads in wait(2) for a child of this process

  // Signals and threads: under `signals`.
  struct Signals {
    lib::List<Task, &Task::thread_node> threads;
    Ref<SharedActions> actions;
    SignalQueue pending;
    std::uint32_t live_threads = 0;
    bool init_may_die = false;    // a forced signal overrides the protection of the first process
    bool exiting = false;         // exit_group, a fatal signal, or exec by another thread: every other thread leaves
    int group_status = 0;         // the status then
    Task* exec_thread = nullptr;  // waits in exec until it is the only thread
    // Job control.
    int stopping = 0;           // stop signal whose stop is being entered; 0 none
    std::uint32_t to_stop = 0;  // threads that have not parked yet
    bool stopped = false;
    bool stop_taken = false;                          // a stop signal was taken and no SIGCONT came since
    bool report_continued = false;                    // the next thread on its way out tells the parent
    std::atomic<PosixTimers*> posix_timers{nullptr};  // set once
    explicit Signals(Ref<SharedActions> a) : actions(std::move(a)) {}
    Dispositions dispositions() const { return Dispositions{*actions}; }
  };
  Guarded<Signals, sync::Rank::sighand> signals;
  sync::WaitQueue signal_readers;  // of signalfd(2): woken for each signal that is sent
  sync::WaitQueue parked;          // threads of a stopped process
  sync::WaitQueue threads_gone;    // exec waits for the others to leave

  Limits limits;
  IntervalTimers timers;
  std::int32_t oom_score_adj = 0, oom_score_adj_min = 0;
  std::uint64_t started_ns = 0;  // CLOCK_BOOTTIME
  std::uint32_t personality = 0;
  bool dumpable = true;

  /// The program file: null for the first process before its exec.
  RefOrNull<Executable> executable() const;
  void set_executable(RefOrNull<Executable> executable);

 private:
  RefOrNull<Executable> executable_;
  mutable sync::Spin<sync::Rank::task> executable_lock_;
};

/// Did `thread`, one of the parent's, make `child`? Those of a thread that has left belong to the first one. Under g_task_tree.
bool is_child_of_thread(const Process& child, const Task& thread);

/// Calls `visit(Process&)` for every process that has not been waited for, under RCU.
template <class Visit>
void for_each_process(Visit visit) {
  for (RefOrNull<Process> p = next_process(1); p; p = next_process(p->id() + 1)) visit(*p);
}

}  // namespace k::task

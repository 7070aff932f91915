#include "kernel/log/log.h"
#include "kernel/task/exit_resources.h"
#include "kernel/task/futex_user.h"
#include "kernel/task/lifecycle_internal.h"
#include "kernel/task/posix_timer.h"
#include "kernel/task/process_group.h"
#include "kernel/task/process_usage.h"
#include "kernel/task/semaphore_undo.h"
#include "kernel/task/signal_internal.h"

namespace k::task {
namespace {

enum class Last : bool { no, yes };

/// Takes the thread out of its process: no signal reaches it any more.
Last leave_process(Task& self, int status) {
  Process& process = self.process();
  bool stop_completed = false;
  int stop_signal = 0;
  Last last;
  {
    Locked signals{process.signals};
    stop_completed = leave_stop(self, *signals);
    stop_signal = signals->stopping;
    self.left = true;
    process.exit_uid = self.creds().uid;
    self.pending.clear();
    signals->threads.erase(signals->threads.iterator_to(self));
    process.dead_threads += thread_usage(self);
    last = --signals->live_threads == 0 ? Last::yes : Last::no;
    if (last == Last::yes) process.exit_status = signals->exiting ? signals->group_status : status;
    if (last == Last::yes) signals->pending.clear();
  }
  Task* expected = &self;
  self.pid->task.compare_exchange_strong(expected, nullptr, std::memory_order_acq_rel);
  if (stop_completed && last == Last::no) report_to_parent(process, CLD_STOPPED, stop_signal);
  process.threads_gone.wake_all();
  return last;
}

/// Who takes over the children of `leaving`: the nearest ancestor that asked to (PR_SET_CHILD_SUBREAPER), else the first process.
Process& reaper_for(Process& leaving) {
  Process* candidate = leaving.parent.load(std::memory_order_relaxed);
  while (candidate != nullptr && !candidate->is_init()) {
    if (candidate->reparents_to_here && candidate->life == Life::running) return *candidate;
    candidate = candidate->parent.load(std::memory_order_relaxed);
  }
  return *find_process(1);
}

void signal_parent_death(Process& child) {
  Locked signals{child.signals};
  for (Task& thread : signals->threads) {
    if (thread.parent_death_signal == 0) continue;
    (void)send_locked(child, *signals, &thread, SignalInfo::from_kernel(thread.parent_death_signal));
  }
}

/// Gives the children away. Zombies that the new parent does not want are put on `unwanted`.
void give_children_away(Process& leaving, lib::List<Process, &Process::sibling_node>& unwanted) {
  if (leaving.children.empty()) return;
  Process& reaper = reaper_for(leaving);
  while (!leaving.children.empty()) {
    Process& child = leaving.children.front();
    leaving.children.pop_front();
    child.parent.store(&reaper, std::memory_order_release);
    child.maker.reset();
    child.exit_signal = SIGCHLD;
    signal_parent_death(child);
    signal_newly_orphaned(child, leaving);
    if (child.life == Life::zombie && report_end(child, reaper)) {
      unwanted.push_back(child);
    } else {
      reaper.children.push_back(child);
    }
  }
}

/// The session's leader goes and the terminal with it: the foreground group is told, a terminal that is no pseudo-terminal is
/// hung up. Source: setsid(2), POSIX exit.
void give_up_terminal(Process& process) {
  RefOrNull<Session> session;
  {
    sync::LockHeld tree{g_task_tree};
    if (process.group->session().id() != process.id()) return;
    session = Ref<Session>::share(process.group->session());
  }
  const RefOrNull<ProcessGroup> hung_up_before = session->take_former_foreground();
  const RefOrNull<drivers::Terminal> terminal = session->terminal();
  if (!terminal) {
    if (!hung_up_before) return;
    send_to_group(*hung_up_before, SignalInfo::from_kernel(SIGHUP));
    send_to_group(*hung_up_before, SignalInfo::from_kernel(SIGCONT));
    return;
  }
  session->signal_foreground(SIGHUP);
  session->lose_terminal();
  terminal->set_session(nullptr);
  if (!terminal->is_pseudo()) terminal->hang_up();
}

void end_process(Process& process) {
  if (process.is_init()) {
    const int status = process.exit_status;
    panic("init exited with {} {}: there is nothing left to run", (status & 0x7f) != 0 ? "signal" : "status",
          (status & 0x7f) != 0 ? status & 0x7f : status >> 8);
  }
  lib::List<Process, &Process::sibling_node> unwanted;
  {
    sync::LockHeld tree{g_task_tree};
    give_children_away(process, unwanted);
    Process& parent = *process.parent.load(std::memory_order_relaxed);
    signal_newly_orphaned(process, parent);
    process.life = Life::zombie;
    if (report_end(process, parent)) {
      parent.children.erase(parent.children.iterator_to(process));
      unwanted.push_back(process);
    }
  }
  process.pid->exited.wake_all();
  while (!unwanted.empty()) {
    Process& ended = unwanted.front();
    unwanted.pop_front();
    sync::LockHeld tree{g_task_tree};
    const Ref<Process> dropped = unlink_ended(ended);
  }
}

void free_thread(sched::Thread& dead) { static_cast<Task&>(dead).free_later(); }

}  // namespace

bool report_end(Process& process, Process& parent) {
  bool unwanted = false;
  if (is_signal(process.exit_signal)) {
    Locked signals{parent.signals};
    const Action action = signals->dispositions()->get(SIGCHLD);
    const bool child_signal = process.exit_signal == SIGCHLD;
    const bool ignored = child_signal && action.is_ignore();
    unwanted = ignored || (child_signal && action.has(SA_NOCLDWAIT));
    if (!ignored) (void)send_locked(parent, *signals, nullptr, end_info(process));
  }
  parent.child_events.wake_all();
  return unwanted;
}

Usage usage_of(const Process& process) { return process.dead_threads; }

void exit_thread(int status) {
  Task& self = current();
  // As long as others can find this thread by its number: who waits for what it owns must not take it for gone already.
  give_up_futexes(self, sched::PiStage::gone);
  const Last last = leave_process(self, status);
  if (last == Last::yes) {
    self.process().timers.cancel();
    PosixTimer::remove_all(self.process());
  }
  leave_memory(self);
  leave_semaphores(self);
  if (last == Last::yes) self.process().set_executable(nullptr);  // a zombie keeps nobody from writing its program
  self.set_fds(nullptr);
  self.set_fs_context(nullptr);
  if (last == Last::yes) {
    self.process().set_executable(nullptr);  // whoever waits for the end may write the file and unmount
    give_up_terminal(self.process());
    end_process(self.process());
  }
  sched::exit_current(&free_thread);
}

void exit_process(int status) {
  Task& self = current();
  {
    Locked signals{self.process().signals};
    if (!signals->exiting) start_group_exit(*signals, status);
    status = signals->group_status;
  }
  exit_thread(status);
}

}  // namespace k::task

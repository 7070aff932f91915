/// Process identifiers: numbers, what carries them, and the table that finds them.
///
/// Invariants  one number may at once name a thread, a process, a process group and a session. Each of them, and each pidfd,
///             holds a reference; the number is given out again when the last one is gone, so it never changes its meaning
///             under a holder. Numbers are handed out in rising order and wrap to 300.
/// Lock order  Rank::pid_table, inside the table only.
/// Context     find_*: under rcu::ReadGuard, any context; the Ref-returning forms anywhere.
/// Errors      EAGAIN: every number is taken; EEXIST: the wanted one is; INVAL: it is out of range; ENOMEM.
/// Source      credentials(7), proc_sys_kernel(5) (pid_max).
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/lib/ref.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/wait_queue.h"
#include "kernel/task/rcu_freed.h"
#include "mm/phys/slab.h"

namespace k::task {

class Task;
class Process;
class ProcessGroup;
class Session;

using pid_t = std::int32_t;
inline constexpr pid_t kPidMax = 32768;
inline constexpr pid_t kFirstPidAfterWrap = 300;

class Pid;
/// A fresh number, or `wanted` if it is not 0. Nothing finds it until one of its pointers is set.
Result<Ref<Pid>> allocate_pid(pid_t wanted = 0);

class Pid : public lib::RefCounted, public mm::SlabAllocated<Pid>, public RcuFreed<Pid> {
 public:
  pid_t number() const { return number_; }

  /// What carries the number now; under rcu::ReadGuard unless the caller keeps it alive another way.
  std::atomic<Task*> task{nullptr};
  std::atomic<Process*> process{nullptr};
  std::atomic<ProcessGroup*> group{nullptr};
  std::atomic<Session*> session{nullptr};
  /// pidfd: poll(2) waits here until the process has ended.
  sync::WaitQueue exited;

  /// Frees the number; the object follows after a grace period.
  void on_last_ref();

 private:
  friend Result<Ref<Pid>> allocate_pid(pid_t wanted);
  Pid() = default;
  void set_number(pid_t number) { number_ = number; }
  pid_t number_ = 0;
};

/// Under rcu::ReadGuard; null when nothing carries the number.
Task* find_task(pid_t number);
Process* find_process(pid_t number);
ProcessGroup* find_group(pid_t number);
Session* find_session(pid_t number);
RefOrNull<Pid> find_pid(pid_t number);
/// The smallest number of at least `from` that names a process, as readdir of /proc walks them; null at the end.
RefOrNull<Process> next_process(pid_t from);
/// The newest number handed out (for /proc/loadavg).
pid_t last_pid();

}  // namespace k::task

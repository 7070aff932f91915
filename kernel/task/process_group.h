/// Process groups: the jobs of a shell.
///
/// Invariants  a group lives as long as it has members (zombies too) and holds its number; it belongs to one session for good.
///             Membership changes under both task_tree and the group's lock; reading under either is enough.
/// Lock order  task_tree, then members (Rank::process_group), then Process::signals.
/// Context     for_each: any.
/// Source      credentials(7), setpgid(2); POSIX 3.264 "orphaned process group".
#pragma once

#include "kernel/task/process.h"
#include "kernel/task/session.h"

namespace k::task {

class ProcessGroup final : public lib::RefCounted,
                           public mm::SlabAllocated<ProcessGroup>,
                           public RcuFreed<ProcessGroup> {
 public:
  ProcessGroup(Ref<Pid> pid, Ref<Session> session);
  void on_last_ref();

  pid_t id() const { return pid_->number(); }
  Session& session() const { return *session_; }
  /// Under task_tree; `process.group` is the caller's to change.
  void add(Process& process);
  void remove(Process& process);
  bool has_members() {
    sync::Locked members{members_};
    return !members->empty();
  }
  /// Calls `visit` for each member, under the group's lock.
  template <class Visit>
  void for_each(Visit visit) {
    sync::Locked members{members_};
    for (Process& p : *members) visit(p);
  }

 private:
  Ref<Pid> pid_;
  Ref<Session> session_;
  Guarded<lib::List<Process, &Process::group_node>, sync::Rank::process_group> members_;
};

/// A group and session of its own for `process` (setsid(2), the first process). EPERM when its number names a group already.
Result<void> start_session(Process& process);
/// setpgid(2): moves `process`, which is `caller` or its child, into `group` of its session or into a new one of its own number.
Result<void> set_group(const Process& caller, Process& process, pid_t group);
/// The group of that number; null when it has no member any more, though a terminal may still remember it.
RefOrNull<ProcessGroup> find_live_group(pid_t number);
/// The number of its process group; 0 for one that was waited for.
pid_t group_number(const Process& process);
/// No member but `ignoring` has its parent in another group of the same session: nobody could continue it. Under task_tree.
bool is_orphaned(ProcessGroup& group, const Process* ignoring);
/// SIGHUP and SIGCONT for a group with stopped members that `leaving`'s exit orphans. Under task_tree.
void signal_newly_orphaned(Process& leaving, Process& its_parent);

}  // namespace k::task

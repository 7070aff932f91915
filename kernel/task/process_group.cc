#include "kernel/task/process_group.h"

#include "kernel/task/signal.h"

namespace k::task {
namespace {

Result<Ref<ProcessGroup>> create_group(Process& leader, Ref<Session> session) {
  return make_ref<ProcessGroup>(leader.pid, std::move(session));
}

/// Under g_task_tree. The former group is returned so that it is dropped after the lock.
RefOrNull<ProcessGroup> change_group(Process& process, Ref<ProcessGroup> to) {
  RefOrNull<ProcessGroup> from = std::move(process.group);
  if (from) from->remove(process);  // the first process has none yet
  to->add(process);
  process.group = std::move(to);
  return from;
}

/// Source: setpgid(2), ERRORS. Under g_task_tree.
Result<void> may_change_group(const Process& caller, const Process& process) {
  if (!process.group) return err(Errno::srch);
  if (&process != &caller) {
    if (process.parent.load(std::memory_order_relaxed) != &caller) return err(Errno::srch);
    if (&process.group->session() != &caller.group->session()) return err(Errno::perm);
    if (process.execs != 0) return err(Errno::acces);
  }
  if (process.group->session().id() == process.id()) return err(Errno::perm);
  return {};
}

bool has_stopped_member(ProcessGroup& group) {
  bool found = false;
  group.for_each([&](Process& p) {
    Locked signals{p.signals};
    found = found || signals->stopped;
  });
  return found;
}

void signal_if_orphaned(ProcessGroup& group, const Process* ignoring) {
  if (!is_orphaned(group, ignoring) || !has_stopped_member(group)) return;
  send_to_group(group, SignalInfo::from_kernel(SIGHUP));
  send_to_group(group, SignalInfo::from_kernel(SIGCONT));
}

}  // namespace

ProcessGroup::ProcessGroup(Ref<Pid> pid, Ref<Session> session) : pid_(std::move(pid)), session_(std::move(session)) {
  pid_->group.store(this, std::memory_order_release);
}

void ProcessGroup::on_last_ref() {
  ProcessGroup* self = this;
  pid_->group.compare_exchange_strong(self, nullptr, std::memory_order_acq_rel);
  free_later();
}

void ProcessGroup::add(Process& process) {
  Locked members{members_};
  members->push_back(process);
}

void ProcessGroup::remove(Process& process) {
  Locked members{members_};
  members->erase(members->iterator_to(process));
}

Result<void> start_session(Process& process) {
  auto session = TRY(make_ref<Session>(process.pid));
  RefOrNull<ProcessGroup> former;
  {
    sync::LockHeld tree{g_task_tree};
    if (process.pid->group.load(std::memory_order_acquire) != nullptr) return err(Errno::perm);
    former = change_group(process, TRY(create_group(process, std::move(session))));
    process.terminal_turn.store(0, std::memory_order_relaxed);
  }
  return {};
}

Result<void> set_group(const Process& caller, Process& process, pid_t number) {
  RefOrNull<ProcessGroup> former;
  sync::LockHeld tree{g_task_tree};
  TRY(may_change_group(caller, process));
  if (process.group->id() == number) return {};
  Session& session = process.group->session();
  if (RefOrNull<ProcessGroup> existing = find_live_group(number)) {
    if (&existing->session() != &session) return err(Errno::perm);
    former = change_group(process, Ref<ProcessGroup>::adopt(*existing.leak()));
    return {};
  }
  if (number != process.id()) return err(Errno::perm);
  former = change_group(process, TRY(create_group(process, Ref<Session>::share(session))));
  return {};
}

RefOrNull<ProcessGroup> find_live_group(pid_t number) {
  const sync::rcu::ReadGuard reading;
  ProcessGroup* const group = find_group(number);
  if (group == nullptr || !group->has_members() || !group->try_ref()) return nullptr;
  return RefOrNull<ProcessGroup>::adopt(group);
}

pid_t group_number(const Process& process) {
  sync::LockHeld tree{g_task_tree};
  return process.group ? process.group->id() : 0;
}

bool is_orphaned(ProcessGroup& group, const Process* ignoring) {
  bool orphaned = true;
  group.for_each([&](Process& p) {
    if (&p == ignoring || p.life != Life::running) return;
    const Process* parent = p.parent.load(std::memory_order_relaxed);
    if (parent == nullptr || parent->is_init() || !parent->group) return;
    if (parent->group.get() != &group && &parent->group->session() == &group.session()) orphaned = false;
  });
  return orphaned;
}

void signal_newly_orphaned(Process& leaving, Process& its_parent) {
  ProcessGroup& group = *leaving.group;
  if (its_parent.group.get() == &group || &its_parent.group->session() != &group.session()) return;
  signal_if_orphaned(group, &leaving);
}

}  // namespace k::task

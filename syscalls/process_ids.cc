#include "kernel/task/process_group.h"
#include "kernel/task/signal.h"
#include "syscalls/calls_process.h"

namespace k::sys {
namespace {

using task::Process;
using task::ProcessGroup;

/// The process that `pid` names, the caller's for 0.
Result<Ref<Process>> process_named(Task& self, std::int32_t pid) {
  if (pid == 0) return Ref<Process>::share(self.process());
  const sync::rcu::ReadGuard reading;
  Process* found = task::find_process(pid);
  if (found == nullptr || !found->try_ref()) return err(Errno::srch);
  return Ref<Process>::adopt(*found);
}

/// Null for a process that was waited for meanwhile.
RefOrNull<ProcessGroup> group_of(const Process& process) {
  sync::LockHeld tree{task::g_task_tree};
  return process.group;
}

}  // namespace

std::int32_t getpid(Task& self) { return self.process().id(); }
std::int32_t gettid(Task& self) { return self.tid(); }

std::int32_t getppid(Task& self) {
  const sync::rcu::ReadGuard reading;
  const Process* parent = self.process().parent.load(std::memory_order_acquire);
  return parent == nullptr ? 0 : parent->id();
}

std::int32_t getpgrp(Task& self) { return group_of(self.process())->id(); }

Result<std::int32_t> getpgid(Task& self, std::int32_t pid) {
  const auto group = group_of(*TRY(process_named(self, pid)));
  if (!group) return err(Errno::srch);
  return group->id();
}

Result<std::int32_t> getsid(Task& self, std::int32_t pid) {
  const auto group = group_of(*TRY(process_named(self, pid)));
  if (!group) return err(Errno::srch);
  return group->session().id();
}

Result<void> setpgid(Task& self, std::int32_t pid, std::int32_t group) {
  if (group < 0) return err(Errno::inval);
  auto process = TRY(process_named(self, pid));
  return task::set_group(self.process(), *process, group == 0 ? process->id() : group);
}

Result<std::int32_t> setsid(Task& self) {
  TRY(task::start_session(self.process()));
  return self.process().id();
}

}  // namespace k::sys

#include "kernel/task/ptrace_access.h"

#include <linux/capability.h>

#include "kernel/task/signal.h"

namespace k::task {
namespace {

bool is_same_subject(fs::Uid uid, fs::Gid gid, const fs::Credentials& theirs) {
  return uid == theirs.uid && uid == theirs.euid && uid == theirs.suid && gid == theirs.gid && gid == theirs.egid &&
         gid == theirs.sgid;
}

struct Seen {
  ThreadView view;
  RefOrNull<fs::Credentials> credentials;
};

/// Under rcu::ReadGuard; what it returns is dropped without it, because that may sleep. `thread` is null when all have left:
/// there is nothing to protect any more.
Seen look_at(Ref<Process> process, const Task* thread) {
  Seen seen{{std::move(process), nullptr, nullptr, nullptr, nullptr}, nullptr};
  if (thread == nullptr) return seen;
  seen.view.space = thread->shared_address_space();
  seen.view.fds = thread->shared_fds();
  seen.view.fs_context = thread->shared_fs_context();
  seen.view.semaphore_undos = thread->shared_semaphore_undos();
  seen.credentials = thread->shared_credentials();
  return seen;
}

Result<Seen> look_at_thread(pid_t number) {
  const sync::rcu::ReadGuard reading;
  const Task* thread = find_task(number);
  Process* const process = thread != nullptr ? &thread->process() : find_process(number);
  if (process == nullptr || !process->try_ref()) return err(Errno::srch);
  auto held = Ref<Process>::adopt(*process);
  return look_at(std::move(held), thread != nullptr ? thread : any_thread(*process));
}

Seen look_at_process(Process& process) {
  const sync::rcu::ReadGuard reading;
  return look_at(Ref<Process>::share(process), any_thread(process));
}

Result<ThreadView> judge(const Task& self, Result<Seen> seen, CallerIds ids) {
  if (!seen) return err(seen.error());
  if (seen->credentials && !may_look_into(self, *seen->view.process, *seen->credentials, ids)) return err(Errno::perm);
  return std::move(seen->view);
}

}  // namespace

bool may_look_into(const Task& self, const Process& target, const fs::Credentials& theirs, CallerIds ids) {
  if (&target == &self.process()) return true;
  const fs::Credentials& ours = self.creds();
  if (ours.has(CAP_SYS_PTRACE)) return true;
  const bool real = ids == CallerIds::real;
  if (!is_same_subject(real ? ours.uid : ours.fsuid, real ? ours.gid : ours.fsgid, theirs)) return false;
  return target.dumpable && theirs.permitted.subset_of(real ? ours.permitted : ours.effective);
}

Result<ThreadView> view_thread(const Task& self, pid_t number, CallerIds ids) {
  return judge(self, look_at_thread(number), ids);
}

Result<ThreadView> view_process(const Task& self, Process& process, CallerIds ids) {
  return judge(self, look_at_process(process), ids);
}

}  // namespace k::task

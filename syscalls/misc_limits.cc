#include <linux/capability.h>

#include "kernel/task/process.h"
#include "kernel/task/signal.h"
#include "syscalls/calls_misc.h"

namespace k::sys {
namespace {

using task::Limit;
using task::Process;

Result<Limit> change(Process& process, std::uint32_t resource, const Limit& wanted, bool may_raise) {
  if (wanted.soft > wanted.hard) return err(Errno::inval);
  if (resource == RLIMIT_NOFILE && wanted.hard > fs::most_descriptors()) return err(Errno::perm);
  Locked signals{process.signals};
  const Limit before = process.limits.get(resource);
  if (wanted.hard > before.hard && !may_raise) return err(Errno::perm);
  process.limits.set(resource, wanted);
  return before;
}

/// Source: prlimit(2), "permission": all of the target's user and group IDs are the caller's real ones.
bool may_touch(const Task& self, const Process& target, const fs::Credentials& theirs) {
  if (&self.process() == &target) return true;
  const fs::Credentials& ours = self.creds();
  const bool same = ours.uid == theirs.uid && ours.uid == theirs.euid && ours.uid == theirs.suid &&
                    ours.gid == theirs.gid && ours.gid == theirs.egid && ours.gid == theirs.sgid;
  return same || ours.has(CAP_SYS_RESOURCE);
}

Result<Ref<Process>> target_of(Task& self, std::int32_t pid) {
  if (pid == 0) return Ref<Process>::share(self.process());
  const sync::rcu::ReadGuard reading;
  Task* thread = task::find_task(pid);
  if (thread == nullptr || !thread->process().try_ref()) return err(Errno::srch);
  auto process = Ref<Process>::adopt(thread->process());
  if (!may_touch(self, *process, *thread->shared_credentials())) return err(Errno::perm);
  return process;
}

void apply(Process& process, std::uint32_t resource, const Limit& limit) {
  if (resource != RLIMIT_STACK) return;
  Locked signals{process.signals};
  for (Task& thread : signals->threads) {
    if (thread.space != nullptr) thread.space->set_stack_limit(limit.soft);
  }
}

}  // namespace

Result<void> prlimit64(Task& self, std::int32_t pid, std::uint32_t resource, UserIn<uapi::rlimit64> limit,
                       UserOut<uapi::rlimit64> former) {
  Limit wanted;
  if (!limit.is_null()) {
    const auto given = TRY(limit.read());
    wanted = {given.rlim_cur, given.rlim_max};
  }
  auto process = TRY(target_of(self, pid));
  if (resource >= RLIM_NLIMITS) return err(Errno::inval);
  Limit before = process->limits.get(resource);
  if (!limit.is_null()) {
    before = TRY(change(*process, resource, wanted, self.creds().has(CAP_SYS_RESOURCE)));
    apply(*process, resource, wanted);
  }
  if (!former.is_null()) TRY(former.write({before.soft, before.hard}));
  return {};
}

Result<void> getrlimit(Task& self, std::uint32_t resource, UserOut<uapi::rlimit> limit) {
  if (resource >= RLIM_NLIMITS) return err(Errno::inval);
  const Limit now = self.process().limits.get(resource);
  return limit.write({now.soft, now.hard});
}

Result<void> setrlimit(Task& self, std::uint32_t resource, UserIn<uapi::rlimit> limit) {
  const auto given = TRY(limit.read());
  if (resource >= RLIM_NLIMITS) return err(Errno::inval);
  const Limit wanted{given.rlim_cur, given.rlim_max};
  TRY(change(self.process(), resource, wanted, self.creds().has(CAP_SYS_RESOURCE)));
  apply(self.process(), resource, wanted);
  return {};
}

}  // namespace k::sys

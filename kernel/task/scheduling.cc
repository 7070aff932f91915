#include "kernel/task/scheduling.h"

#include <linux/capability.h>
#include <linux/resource.h>

#include "kernel/sync/pi.h"
#include "kernel/task/process.h"

namespace k::task {
namespace {

using sched::Policy;

bool is_owner(const Task& self, const Task& target) {
  if (&self == &target) return true;
  const Ref<fs::Credentials> theirs = target.shared_credentials();
  return self.creds().euid == theirs->uid || self.creds().euid == theirs->euid;
}

/// RLIMIT_NICE counts from 20 - nice: 40 allows nice -20.
bool may_lower_nice(const Task& target, int nice) {
  return static_cast<std::uint64_t>(20 - nice) <= target.process().limits.soft(RLIMIT_NICE);
}

Result<void> check_unprivileged(const Task& self, const Task& target, const SchedulingChange& c) {
  if (c.sets_nice && c.nice < target.nice() && !may_lower_nice(target, c.nice)) return err(Errno::perm);
  if (sched::is_realtime(c.policy)) {
    const std::uint64_t limit = target.process().limits.soft(RLIMIT_RTPRIO);
    if (c.policy != target.policy() && limit == 0) return err(Errno::perm);
    const bool raises = c.rt_priority > target.rt_priority();
    if (raises && static_cast<std::uint64_t>(c.rt_priority) > limit) return err(Errno::perm);
  }
  const bool leaves_idle = target.policy() == Policy::idle && c.policy != Policy::idle;
  if (leaves_idle && !may_lower_nice(target, target.nice())) return err(Errno::perm);
  if (!is_owner(self, target)) return err(Errno::perm);
  if (target.reset_on_fork && !c.reset_on_fork) return err(Errno::perm);
  return {};
}

}  // namespace

Result<void> change_scheduling(const Task& self, Task& target, const SchedulingChange& change) {
  const bool realtime = sched::is_realtime(change.policy);
  const bool in_range = realtime
                            ? change.rt_priority >= sched::kMinRtPriority && change.rt_priority <= sched::kMaxRtPriority
                            : change.rt_priority == 0;
  if (!in_range) return err(Errno::inval);
  if (!self.creds().has(CAP_SYS_NICE)) TRY(check_unprivileged(self, target, change));
  target.reset_on_fork = change.reset_on_fork;
  if (change.sets_nice && !realtime) sched::set_nice(target, change.nice);
  TRY(sched::set_policy(target, change.policy, change.rt_priority));
  sync::pi_priority_changed(target);
  return {};
}

Result<void> change_nice(const Task& self, Task& target, int nice) {
  const bool privileged = self.creds().has(CAP_SYS_NICE);
  if (!privileged && !is_owner(self, target)) return err(Errno::perm);
  if (!privileged && nice < target.nice() && !may_lower_nice(target, nice)) return err(Errno::acces);
  sched::set_nice(target, nice);
  sync::pi_priority_changed(target);
  return {};
}

Result<void> change_io_priority(const Task& self, Task& target, std::uint16_t priority) {
  const fs::Uid owner = target.shared_credentials()->uid;
  const bool is_own = owner == self.creds().euid || owner == self.creds().uid;
  if (!is_own && !self.creds().has(CAP_SYS_NICE)) return err(Errno::perm);
  target.io_priority.store(priority, std::memory_order_relaxed);
  return {};
}

Result<void> change_affinity(const Task& self, Task& target, sched::CpuMask allowed) {
  if (!self.creds().has(CAP_SYS_NICE) && !is_owner(self, target)) return err(Errno::perm);
  return sched::set_affinity(target, allowed);
}

}  // namespace k::task

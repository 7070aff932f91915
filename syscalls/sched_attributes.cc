#include <linux/sched.h>

#include <algorithm>
#include <cstring>

#include "arch/include/arch/user_access.h"
#include "kernel/task/scheduling.h"
#include "syscalls/calls_sched.h"
#include "syscalls/sched_target.h"

namespace k::sys {
namespace {

using ::sched_attr;

constexpr std::uint32_t kFirstSize = SCHED_ATTR_SIZE_VER0;
constexpr std::uint64_t kKnownFlags = SCHED_FLAG_RESET_ON_FORK | SCHED_FLAG_KEEP_ALL;

/// A struct that grows: what is beyond the size known here must be zero. Source: sched_setattr(2).
Result<sched_attr> read_attributes(UserAddr from) {
  std::uint32_t size = TRY(UserIn<std::uint32_t>{from}.read());
  if (size == 0) size = kFirstSize;
  sched_attr attr{};
  const auto refuse = [&]() -> Result<sched_attr> {
    TRY(UserOut<std::uint32_t>{from}.write(sizeof attr));
    return err(Errno::toobig);
  };
  if (size < kFirstSize || size > kPageSize) return refuse();
  for (std::uint32_t i = sizeof attr; i < size; ++i) {
    if (TRY(UserIn<char>{from + i}.read()) != 0) return refuse();
  }
  if (arch::copy_from_user(&attr, from, std::min<std::size_t>(size, sizeof attr)) != 0) return err(Errno::fault);
  attr.sched_nice = std::clamp(attr.sched_nice, sched::kMinNice, sched::kMaxNice);
  return attr;
}

Result<void> apply(Task& self, Task& target, const sched_attr& attr) {
  if ((attr.sched_flags & SCHED_FLAG_UTIL_CLAMP) != 0) return err(Errno::opnotsupp);
  if ((attr.sched_flags & ~kKnownFlags) != 0) return err(Errno::inval);
  const bool keep_policy = (attr.sched_flags & SCHED_FLAG_KEEP_POLICY) != 0;
  const bool keep_params = (attr.sched_flags & SCHED_FLAG_KEEP_PARAMS) != 0;
  if (!keep_policy && !sched::is_policy(static_cast<int>(attr.sched_policy))) return err(Errno::inval);
  task::SchedulingChange change{.policy =
                                    keep_policy ? target.policy() : static_cast<sched::Policy>(attr.sched_policy)};
  change.rt_priority = keep_params ? target.rt_priority() : static_cast<int>(std::min(attr.sched_priority, 1000u));
  change.nice = attr.sched_nice;
  change.sets_nice = !keep_params && !sched::is_realtime(change.policy);
  change.reset_on_fork = (attr.sched_flags & SCHED_FLAG_RESET_ON_FORK) != 0;
  return task::change_scheduling(self, target, change);
}

}  // namespace

Result<void> sched_setattr(Task& self, std::int32_t pid, UserAddr attributes, std::uint32_t flags) {
  if (attributes.value == 0 || pid < 0 || flags != 0) return err(Errno::inval);
  const sched_attr attr = TRY(read_attributes(attributes));
  if (static_cast<int>(attr.sched_policy) < 0) return err(Errno::inval);
  return with_thread(self, pid, [&](Task& target) { return apply(self, target, attr); });
}

Result<void> sched_getattr(Task& self, std::int32_t pid, UserAddr attributes, std::uint32_t size, std::uint32_t flags) {
  if (attributes.value == 0 || pid < 0 || size > kPageSize || size < kFirstSize || flags != 0) return err(Errno::inval);
  sched_attr attr = TRY(with_thread(self, pid, [](Task& target) -> Result<sched_attr> {
    sched_attr a{};
    a.sched_policy = static_cast<std::uint32_t>(target.policy());
    if (target.reset_on_fork) a.sched_flags = SCHED_FLAG_RESET_ON_FORK;
    if (sched::is_realtime(target.policy())) {
      a.sched_priority = static_cast<std::uint32_t>(target.rt_priority());
    } else {
      a.sched_nice = target.nice();
    }
    a.sched_util_max = 1024;
    return a;
  }));
  attr.size = std::min<std::uint32_t>(size, sizeof attr);
  if (arch::copy_to_user(attributes, &attr, attr.size) != 0) return err(Errno::fault);
  return {};
}

}  // namespace k::sys

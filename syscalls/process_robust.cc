#include <linux/futex.h>

#include "kernel/task/process.h"
#include "syscalls/calls_process.h"

namespace k::sys {
namespace {

constexpr std::size_t kHeadSize = sizeof(uapi::robust_list_head);

}  // namespace

Result<void> set_robust_list(Task& self, UserAddr head, std::size_t length) {
  if (length != kHeadSize) return err(Errno::inval);
  self.robust_list = head;
  return {};
}

Result<void> get_robust_list(Task& self, std::int32_t pid, UserOut<std::uint64_t> head, UserOut<std::uint64_t> length) {
  UserAddr found = self.robust_list;
  if (pid != 0 && pid != self.tid()) {
    const sync::rcu::ReadGuard reading;
    const Task* other = task::find_task(pid);
    if (other == nullptr) return err(Errno::srch);
    const auto theirs = other->shared_credentials();
    if (theirs->uid != self.creds().uid && !self.creds().has(CAP_SYS_PTRACE)) return err(Errno::perm);
    found = other->robust_list;
  }
  TRY(length.write(kHeadSize));
  return head.write(found.value);
}

}  // namespace k::sys

#include <linux/capability.h>
#include <linux/sched.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "kernel/task/lifecycle.h"
#include "syscalls/calls_process.h"

namespace k::sys {
namespace {

using task::CloneRequest;

constexpr std::size_t kFirstSize = CLONE_ARGS_SIZE_VER0;

/// Fields that an older caller does not know are zero; one that we do not know must be.
Result<uapi::clone_args> read_arguments(UserAddr from, std::size_t size) {
  if (size < kFirstSize) return err(Errno::inval);
  if (size > kPageSize) return err(Errno::toobig);
  uapi::clone_args arguments{};
  const std::size_t known = std::min(size, sizeof arguments);
  if (arch::copy_from_user(&arguments, from, known) != 0) return err(Errno::fault);
  for (std::size_t at = known; at < size; ++at) {
    if (TRY((UserIn<std::uint8_t>{from} + at).read()) != 0) return err(Errno::toobig);
  }
  return arguments;
}

// Source: clone(2), ERRORS of clone3.
Result<void> check(const uapi::clone_args& a) {
  constexpr std::uint64_t kKnown = 0xffff'ffffull | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP;
  constexpr std::uint64_t kDetached = 0x0040'0000;
  if ((a.flags & ~kKnown) != 0 || (a.flags & (kDetached | CSIGNAL)) != 0) return err(Errno::inval);
  if ((a.flags & (CLONE_THREAD | CLONE_PARENT)) != 0 && a.exit_signal != 0) return err(Errno::inval);
  if (a.exit_signal > static_cast<std::uint64_t>(task::kSignals)) return err(Errno::inval);
  if ((a.stack == 0) != (a.stack_size == 0)) return err(Errno::inval);
  constexpr std::uint64_t kDeepestPidNamespace = 32;
  if (a.set_tid_size > kDeepestPidNamespace || (a.set_tid == 0) != (a.set_tid_size == 0)) return err(Errno::inval);
  return {};
}

/// One number, for there is one pid namespace.
Result<std::int32_t> read_wanted_tid(const Task& self, const uapi::clone_args& a) {
  if (a.set_tid_size == 0) return 0;
  std::array<std::int32_t, 32> wanted{};
  TRY(UserIn<std::int32_t>{UserAddr{a.set_tid}}.read_all(std::span{wanted}.first(a.set_tid_size)));
  if (a.set_tid_size > 1 || wanted[0] < 1 || wanted[0] >= task::kPidMax) return err(Errno::inval);
  if (!self.creds().has(CAP_CHECKPOINT_RESTORE) && !self.creds().has(CAP_SYS_ADMIN)) return err(Errno::perm);
  return wanted[0];
}

}  // namespace

Result<std::int32_t> fork(Task& self) {
  CloneRequest request;
  request.exit_signal = SIGCHLD;
  return task::clone(self, request);
}

Result<std::int32_t> vfork(Task& self) {
  CloneRequest request;
  request.flags = CLONE_VFORK | CLONE_VM;
  request.exit_signal = SIGCHLD;
  return task::clone(self, request);
}

Result<std::int32_t> clone(Task& self, std::uint64_t flags, UserAddr stack, UserAddr parent_tid, UserAddr child_tid,
                           std::uint64_t tls) {
  CloneRequest request;
  request.flags = (flags & 0xffff'ffff) & ~static_cast<std::uint64_t>(CSIGNAL);
  request.exit_signal = static_cast<int>(flags & CSIGNAL);
  request.stack = stack;
  request.parent_tid = parent_tid;
  request.child_tid = child_tid;
  request.pidfd = parent_tid;
  request.tls = tls;
  return task::clone(self, request);
}

Result<std::int32_t> clone3(Task& self, UserAddr arguments, std::size_t size) {
  const uapi::clone_args a = TRY(read_arguments(arguments, size));
  TRY(check(a));
  CloneRequest request;
  request.flags = a.flags;
  request.exit_signal = static_cast<int>(a.exit_signal);
  request.stack = UserAddr{a.stack + a.stack_size};
  request.parent_tid = UserAddr{a.parent_tid};
  request.child_tid = UserAddr{a.child_tid};
  request.pidfd = UserAddr{a.pidfd};
  request.tls = a.tls;
  request.wanted_tid = TRY(read_wanted_tid(self, a));
  return task::clone(self, request);
}

std::int32_t set_tid_address(Task& self, UserAddr tid) {
  self.clear_child_tid = tid;
  return self.tid();
}

}  // namespace k::sys

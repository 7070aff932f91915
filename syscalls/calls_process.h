/// System calls on processes, threads, exec, exit, wait, groups and sessions: the rows of table_process.def.
///
/// Context     task context.
/// Errors      as the call's page in section 2 of the manual says.
#pragma once

#include <linux/resource.h>

#include "syscalls/convert.h"

namespace k::task {
class Task;
}

namespace k::sys {

using lib::Result;
using task::Task;

std::int32_t getpid(Task& self);
std::int32_t gettid(Task& self);
std::int32_t getppid(Task& self);
std::int32_t getpgrp(Task& self);
Result<std::int32_t> getpgid(Task& self, std::int32_t pid);
Result<std::int32_t> getsid(Task& self, std::int32_t pid);
Result<void> setpgid(Task& self, std::int32_t pid, std::int32_t group);
Result<std::int32_t> setsid(Task& self);

Result<std::int32_t> fork(Task& self);
Result<std::int32_t> vfork(Task& self);
Result<std::int32_t> clone(Task& self, std::uint64_t flags, UserAddr stack, UserAddr parent_tid, UserAddr child_tid,
                           std::uint64_t tls);
Result<std::int32_t> clone3(Task& self, UserAddr arguments, std::size_t size);
std::int32_t set_tid_address(Task& self, UserAddr tid);
Result<void> set_robust_list(Task& self, UserAddr head, std::size_t length);
Result<void> get_robust_list(Task& self, std::int32_t pid, UserOut<std::uint64_t> head, UserOut<std::uint64_t> length);

Result<void> execve(Task& self, UserCStr path, UserAddr argv, UserAddr envp);
Result<void> execveat(Task& self, Fd directory, UserCStr path, UserAddr argv, UserAddr envp, Flags flags);

std::int32_t exit(Task& self, int status);
std::int32_t exit_group(Task& self, int status);
Result<std::int32_t> wait4(Task& self, std::int32_t pid, UserOut<int> status, Flags options,
                           UserOut<uapi::rusage> usage);
Result<void> waitid(Task& self, int kind, std::int32_t id, UserAddr info, Flags options, UserOut<uapi::rusage> usage);

}  // namespace k::sys

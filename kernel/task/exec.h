/// execve(2): replaces the program of the running process.
///
/// Invariants  until the point of no return every failure leaves the caller as it was; after it the only outcome of a failure
///             is SIGKILL or SIGSEGV. The file stays deny-write from open to the end of the mapping.
/// Context     task context; sleeps.
/// Errors      as execve(2).
/// Source      execve(2), elf(5), getauxval(3).
#pragma once

#include "fs/vfs/file.h"
#include "kernel/lib/flags.h"
#include "kernel/task/task.h"
#include "mm/user/user_ptr.h"

namespace k::task {

/// Where the new program's strings come from: user memory (execve) or the kernel (the first program).
struct ExecStrings {
  UserAddr argv, envp;  // arrays of pointers, null-terminated
  std::span<const char* const> kernel_argv, kernel_envp;
  bool from_kernel = false;
};

/// What is wrong with the strings, whatever the file: FAULT, TOOBIG, NOMEM.
Result<void> check_strings(const Task& self, const ExecStrings& strings);

/// `file` is the opened program, `path` as it was named (AT_EXECFN, argv[1] of a script).
Result<void> exec(Task& self, Ref<fs::File> file, std::string_view path, const ExecStrings& strings);

}  // namespace k::task

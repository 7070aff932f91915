/// Exec's steps from the point of no return on.
///
/// Invariants  called in the order of this file, by the running thread.
/// Errors      credentials_for: ENOMEM. begin_new_program: the thread is being killed, or another one executes a program (EAGAIN).
/// Source      execve(2), "Effect on process attributes"; pthreads(7).
#pragma once

#include "kernel/task/exec_program.h"
#include "kernel/task/task.h"

namespace k::task {

struct ProgramCredentials {
  RefOrNull<fs::Credentials> changed;  // null: the program keeps the caller's
  bool secure = false;                 // AT_SECURE
};
Result<ProgramCredentials> credentials_for(const Task& self, const fs::File& file);

/// Ends the other threads of the process and takes over its number; unshares what the new program must own.
Result<void> begin_new_program(Task& self);
/// Name, credentials, signal dispositions, descriptors, /proc/PID/exe.
void commit_identity(Task& self, const Ref<Executable>& executable, std::string_view path,
                     const ProgramCredentials& credentials);
/// Leaves the old memory for `space`.
void commit_memory(Task& self, const Ref<mm::AddressSpace>& space);
/// Too late to return an error: SIGSEGV.
void die_in_exec(Task& self);
void start_at(Task& self, std::uint64_t entry, std::uint64_t stack);

}  // namespace k::task

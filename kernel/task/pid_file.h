/// PidFile: a process as an open file description, what pidfd_open(2) and CLONE_PIDFD give.
///
/// Invariants  refers to the process by its Pid, so the number means no other process while the file is open. Readable for poll(2)
///             once the process is a zombie, and for good.
/// Lock order  g_task_tree inside poll.
/// Context     task context.
/// Errors      process(): SRCH once it was waited for.
/// Source      pidfd_open(2), poll(2), proc_pid_fdinfo(5).
#pragma once

#include "fs/vfs/anonymous_file.h"
#include "kernel/task/process.h"

namespace k::task {

class PidFile final : public fs::AnonymousFile, public mm::SlabAllocated<PidFile> {
 public:
  static constexpr fs::FileClass kClass{"[pidfd]"};
  /// `flags`: O_NONBLOCK, which waitid(2) looks at.
  static Result<Ref<fs::File>> create(Ref<Pid> pid, lib::Flags flags);

  Pid& pid() const { return *pid_; }
  Result<Ref<Process>> process() const;

  sync::PollEvents poll(sync::PollTable* table) override;
  void show_info(lib::TextBuffer& out) const override;

 private:
  PidFile(Ref<Pid> pid, lib::Flags flags);
  const Ref<Pid> pid_;
};

/// The process that `pid` names, or null once it was waited for.
RefOrNull<Process> process_of(const Pid& pid);
/// The same, and for the number of a thread that is not the first of its process; the pointer is good under rcu::ReadGuard.
Process* find_process_around(const Pid& pid);
RefOrNull<Process> process_around(const Pid& pid);

/// Tells of whom a folder of /proc is, null for any other file. procfs sets it.
using FolderSubject = RefOrNull<Pid> (*)(const fs::File& file);
void set_folder_subject(FolderSubject subject);
/// Whom a file stands for in pidfd_send_signal(2): a pidfd, or the folder /proc/PID. Null: neither.
RefOrNull<Pid> pid_named_by(fs::File& file);

}  // namespace k::task

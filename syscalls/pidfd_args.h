/// A descriptor that must be a pidfd.
/// Context     task context.
/// Errors      BADF: it is none.
/// Source      pidfd_open(2).
#pragma once

#include "kernel/task/pid_file.h"
#include "syscalls/convert.h"

namespace k::sys {

/// Holds the file for the length of the call.
class PidfdArg {
 public:
  static Result<PidfdArg> find(const Task& self, Fd fd);
  const task::PidFile* operator->() const { return &file_; }
  const task::PidFile& operator*() const { return file_; }

 private:
  PidfdArg(fs::FileHandle handle, const task::PidFile& file) : handle_(std::move(handle)), file_(file) {}
  fs::FileHandle handle_;
  const task::PidFile& file_;
};

}  // namespace k::sys

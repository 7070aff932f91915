/// AnonymousFile: the base of open files that a system call makes without a name (epoll, eventfd, timerfd ...).
///
/// Invariants  all share one inode (fs/vfs/anonymous.h); /proc/PID/fd shows "anon_inode:" and the class's name.
/// Context     task context.
/// Errors      lseek answers 0, pread and pwrite ESPIPE, as on Linux.
#pragma once

#include "fs/vfs/anonymous.h"
#include "fs/vfs/file.h"

namespace k::fs {

class AnonymousFile : public File {
 public:
  const FileClass* file_class() const final { return &class_; }
  std::size_t describe_anonymous(std::span<char> out) const final { return describe_anonymous_file(out, class_.name); }
  Result<std::uint64_t> seek(std::int64_t, Whence) override { return 0; }

 protected:
  AnonymousFile(const FileClass& file_class, lib::Flags flags)
      : File(anonymous_place(), flags, Position::none), class_(file_class) {}

 private:
  const FileClass& class_;
};

}  // namespace k::fs

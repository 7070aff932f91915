/// DirectoryNotice: a directory that signals its changes, fcntl(2) F_NOTIFY.
///
/// Invariants  a mark on the directory's inode, one per descriptor table and open file description; the closing of any descriptor of
///             that file in that table takes it off, so what it points to outlives it.
/// Lock order  Rank::inode_marks around Rank::file_owner.
/// Context     task context.
/// Errors      NOTDIR, NOMEM.
/// Source      fcntl(2), "File and directory change notification (dnotify)".
#pragma once

#include "fs/vfs/fd_table.h"
#include "fs/vfs/inode_marks.h"
#include "kernel/task/file_owner.h"

namespace k::task {

class DirectoryNotice final : public fs::InodeMark, public mm::SlabAllocated<DirectoryNotice> {
 public:
  /// Adds `what` (DN_*) to what `fd` of `self` tells; nothing but DN_MULTISHOT: it tells no more.
  static Result<void> set(const Task& self, int fd, fs::File& file, std::uint32_t what);

  DirectoryNotice(const fs::FdTable& table, const fs::File& file, FileOwner& owner, int fd, std::uint32_t what);
  fs::Keep handle(const fs::FileEvent& event) override;
  void dropped(std::uint32_t) override {}
  bool ends_with(const fs::FdTable& table, const fs::File& file) const override {
    return &table == &table_ && &file == &file_;
  }

 private:
  void include(int fd, std::uint32_t what);

  const fs::FdTable& table_;
  const fs::File& file_;
  FileOwner& owner_;
  int fd_;
  std::uint32_t events_;  // in inotify's bits; like all that changes, under the lock of the marks
  bool stays_;
};

}  // namespace k::task

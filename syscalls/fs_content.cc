// truncate, ftruncate, fallocate, fadvise64, readahead and the sync family.
#include <linux/fadvise.h>
#include <linux/falloc.h>
#include <linux/fs.h>

#include "fs/vfs/lease.h"
#include "fs/vfs/mount_table.h"
#include "fs/vfs/notify.h"
#include "fs/vfs/operations.h"
#include "fs/vfs/regular_node.h"
#include "kernel/sync/guarded.h"
#include "syscalls/fs_args.h"

namespace k::sys {
namespace {

/// EFBIG beyond RLIMIT_FSIZE comes with SIGXFSZ.
Result<void> change_size(Task& self, fs::Inode& inode, fs::Dentry* place, std::int64_t size) {
  const fs::IoAt at = write_request(self);
  const auto done = fs::truncate(inode, self.creds(), static_cast<std::uint64_t>(size), at.max_size);
  if (!done) raise_for_write(self, err(done.error()), at);
  if (done) fs::notify_file(place, IN_MODIFY);
  return done;
}

}  // namespace

Result<void> truncate(Task& self, UserCStr path, std::int64_t size) {
  if (size < 0) return err(Errno::inval);
  const fs::PathRef found = TRY(find_file(self, Fd{AT_FDCWD}, path, {}));
  fs::Inode& inode = found.inode();
  if (inode.is(fs::FileType::directory)) return err(Errno::isdir);
  if (!inode.is(fs::FileType::regular)) return err(Errno::inval);
  TRY(fs::may_access(found.mount(), inode, self.creds(), fs::Access::write));
  TRY(inode.begin_writing());
  auto done = fs::break_leases(inode, fs::FileLeases::Use::write, fs::FileLeases::Wait::yes);
  if (done) done = change_size(self, inode, &found.dentry(), size);
  inode.end_writing();
  return done;
}

Result<void> ftruncate(Task& self, Fd fd, std::int64_t size) {
  if (size < 0) return err(Errno::inval);
  const auto file = TRY(self.fds().get(fd.number));
  if (!file->inode().is(fs::FileType::regular) || !file->writable()) return err(Errno::inval);
  return change_size(self, file->inode(), file->dentry(), size);
}

Result<void> fallocate(Task& self, Fd fd, Flags mode, std::int64_t offset, std::int64_t bytes) {
  const auto file = TRY(self.fds().get(fd.number));
  constexpr unsigned kKnown = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_COLLAPSE_RANGE |
                              FALLOC_FL_ZERO_RANGE | FALLOC_FL_INSERT_RANGE | FALLOC_FL_UNSHARE_RANGE;
  if (offset < 0 || bytes <= 0) return err(Errno::inval);
  if (!mode.only(kKnown)) return err(Errno::opnotsupp);
  if (mode.has(FALLOC_FL_PUNCH_HOLE) && !mode.has(FALLOC_FL_KEEP_SIZE)) return err(Errno::opnotsupp);
  if (mode.has(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) return err(Errno::opnotsupp);
  for (const auto& [alone, beside] : {std::pair{FALLOC_FL_COLLAPSE_RANGE, 0},
                                      {FALLOC_FL_INSERT_RANGE, 0},
                                      {FALLOC_FL_UNSHARE_RANGE, FALLOC_FL_KEEP_SIZE}}) {
    if (mode.has(static_cast<unsigned>(alone)) && !mode.only(static_cast<unsigned>(alone | beside)))
      return err(Errno::inval);
  }
  if (!file->writable()) return err(Errno::badf);
  fs::Inode& inode = file->inode();
  if (inode.is(fs::FileType::fifo)) return err(Errno::spipe);
  if (inode.is(fs::FileType::directory)) return err(Errno::isdir);
  fs::RegularNode* const node = inode.regular();
  if (node == nullptr) return err(Errno::nodev);
  std::int64_t end;
  if (__builtin_add_overflow(offset, bytes, &end) || static_cast<std::uint64_t>(end) > node->max_size())
    return err(Errno::fbig);
  const fs::IoAt at = write_request(self);
  const auto done = [&] {
    sync::LockHeld held{node->data_lock()};
    return node->fallocate(
        {mode.bits(), static_cast<std::uint64_t>(offset), static_cast<std::uint64_t>(bytes), at.max_size});
  }();
  if (!done) raise_for_write(self, err(done.error()), at);
  return done;
}

/// Advice is only checked: everything that tmpfs has is in memory.
Result<void> fadvise64(Task& self, Fd fd, std::int64_t, std::int64_t bytes, int advice) {
  const auto file = TRY(self.fds().get(fd.number));
  if (file->inode().is(fs::FileType::fifo)) return err(Errno::spipe);
  if (bytes < 0 || advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE) return err(Errno::inval);
  return {};
}

Result<void> readahead(Task& self, Fd fd, std::int64_t, std::size_t) {
  const auto file = TRY(self.fds().get(fd.number));
  if (!file->readable()) return err(Errno::badf);
  if (!file->inode().is(fs::FileType::regular)) return err(Errno::inval);
  return {};
}

Result<void> fsync(Task& self, Fd fd) { return TRY(self.fds().get(fd.number))->sync(); }
Result<void> fdatasync(Task& self, Fd fd) { return TRY(self.fds().get(fd.number))->sync(); }
Result<void> syncfs(Task& self, Fd fd) { return TRY(self.fds().get(fd.number))->inode().superblock().sync(); }

Result<void> sync_file_range(Task& self, Fd fd, std::int64_t offset, std::int64_t bytes, Flags flags) {
  const auto file = TRY(self.fds().get(fd.number));
  constexpr unsigned kKnown = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  std::int64_t end;
  if (!flags.only(kKnown) || offset < 0 || bytes < 0 || __builtin_add_overflow(offset, bytes, &end))
    return err(Errno::inval);
  if (!file->inode().is(fs::FileType::regular) && !file->inode().is(fs::FileType::directory) &&
      !file->inode().is(fs::FileType::block))
    return err(Errno::spipe);
  return flags.bits() == 0 ? Result<void>{} : file->sync();
}

/// Errors of single file systems are theirs to remember: sync(2) cannot fail.
int sync(Task&) {
  for (auto mount = fs::MountTable::next(nullptr); mount; mount = fs::MountTable::next(mount))
    (void)mount->superblock().sync();
  return 0;
}

}  // namespace k::sys

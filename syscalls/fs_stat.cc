// stat, lstat, fstat, newfstatat, statx, statfs, fstatfs.
#include <asm/stat.h>
#include <asm/statfs.h>
#include <linux/mount.h>

#include "kernel/abi/stat.h"
#include "syscalls/fs_args.h"

namespace k::sys {
namespace {

using StatBuffer = uapi::stat;
using StatxBuffer = uapi::statx;
using StatfsBuffer = uapi::statfs;

StatBuffer encode(const fs::Attributes& a) {
  StatBuffer s{};
  s.st_dev = a.device.encoded();
  s.st_ino = a.inode_number;
  s.st_nlink = a.links;
  s.st_mode = a.mode;
  s.st_uid = a.uid;
  s.st_gid = a.gid;
  s.st_rdev = a.special_device.encoded();
  s.st_size = static_cast<long>(a.size);
  s.st_blksize = a.block_size;
  s.st_blocks = static_cast<long>(a.blocks);
  s.st_atime = static_cast<unsigned long>(a.accessed.seconds());
  s.st_atime_nsec = a.accessed.nanoseconds();
  s.st_mtime = static_cast<unsigned long>(a.modified.seconds());
  s.st_mtime_nsec = a.modified.nanoseconds();
  s.st_ctime = static_cast<unsigned long>(a.changed.seconds());
  s.st_ctime_nsec = a.changed.nanoseconds();
  return s;
}

uapi::statx_timestamp encode(fs::Timestamp t) { return {.tv_sec = t.seconds(), .tv_nsec = t.nanoseconds()}; }

StatxBuffer encode_statx(const fs::Attributes& a) {
  StatxBuffer s{};
  s.stx_mask = STATX_BASIC_STATS | STATX_MNT_ID;
  s.stx_blksize = a.block_size;
  s.stx_nlink = a.links;
  s.stx_uid = a.uid;
  s.stx_gid = a.gid;
  s.stx_mode = static_cast<std::uint16_t>(a.mode);
  s.stx_ino = a.inode_number;
  s.stx_size = a.size;
  s.stx_blocks = a.blocks;
  s.stx_attributes_mask = STATX_ATTR_MOUNT_ROOT;
  if (a.is_mount_root) s.stx_attributes = STATX_ATTR_MOUNT_ROOT;
  s.stx_atime = encode(a.accessed);
  s.stx_mtime = encode(a.modified);
  s.stx_ctime = encode(a.changed);
  s.stx_rdev_major = a.special_device.major;
  s.stx_rdev_minor = a.special_device.minor;
  s.stx_dev_major = a.device.major;
  s.stx_dev_minor = a.device.minor;
  s.stx_mnt_id = a.mount_id;
  return s;
}

Result<void> attributes_of(const Task& self, Fd fd, fs::Attributes& out) {
  const auto file = TRY(self.fds().get_any(fd.number));
  out = file->inode().read_attributes();
  if (file->mount() != nullptr) {
    out.mount_id = static_cast<std::uint64_t>(file->mount()->id());
    out.is_mount_root = file->dentry() == &file->mount()->root();
  }
  return {};
}

Result<void> attributes_at(const Task& self, Fd directory, UserCStr path, Flags flags, fs::Attributes& out) {
  PathArg text;
  TRY(text.read(path, policy_of(flags).empty_path));
  if (text.view().empty() && flags.has(AT_EMPTY_PATH) && directory.number != AT_FDCWD)
    return attributes_of(self, directory, out);
  BaseArg base;
  const fs::WalkBase start = TRY(base.resolve(self, directory, text.view()));
  return fs::lookup_attributes(context_of(self), start, text.view(), policy_of(flags), out);
}

Result<void> stat_at(const Task& self, Fd directory, UserCStr path, Flags flags, UserOut<StatBuffer> out) {
  fs::Attributes attributes;
  TRY(attributes_at(self, directory, path, flags, attributes));
  return out.write(encode(attributes));
}

}  // namespace

Result<void> stat(Task& self, UserCStr path, UserOut<StatBuffer> out) {
  return stat_at(self, Fd{AT_FDCWD}, path, Flags{}, out);
}

Result<void> lstat(Task& self, UserCStr path, UserOut<StatBuffer> out) {
  return stat_at(self, Fd{AT_FDCWD}, path, Flags{AT_SYMLINK_NOFOLLOW}, out);
}

Result<void> fstat(Task& self, Fd fd, UserOut<StatBuffer> out) {
  fs::Attributes attributes;
  TRY(attributes_of(self, fd, attributes));
  return out.write(encode(attributes));
}

Result<void> newfstatat(Task& self, Fd directory, UserCStr path, UserOut<StatBuffer> out, Flags flags) {
  if (!flags.only(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)) return err(Errno::inval);
  return stat_at(self, directory, path, flags, out);
}

Result<void> statx(Task& self, Fd directory, UserCStr path, Flags flags, unsigned mask, UserOut<StatxBuffer> out) {
  if ((mask & STATX__RESERVED) != 0) return err(Errno::inval);
  if (!flags.only(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)) return err(Errno::inval);
  if (flags.has(AT_STATX_SYNC_TYPE)) return err(Errno::inval);
  fs::Attributes attributes;
  TRY(attributes_at(self, directory, path, flags, attributes));
  return out.write(encode_statx(attributes));
}

namespace {

/// ST_* bits of f_flags that follow from a mount's. Source: statfs(2).
long flags_of(const fs::Mount& mount) {
  constexpr unsigned kValid = 0x20, kNoAtime = 0x400, kNoDirAtime = 0x800, kRelatime = 0x1000;
  unsigned flags = kValid | (mount.flags() & (MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_SYNCHRONOUS));
  if (mount.is_read_only()) flags |= MS_RDONLY;
  if (mount.has(MS_NOATIME)) flags |= kNoAtime;
  if (mount.has(MS_NODIRATIME)) flags |= kNoDirAtime;
  if (mount.has(MS_RELATIME)) flags |= kRelatime;
  return static_cast<long>(flags);
}

Result<void> write_statistics(fs::Superblock& superblock, const fs::Mount* mount, UserOut<StatfsBuffer> out) {
  const fs::Statistics s = TRY(superblock.statistics());
  StatfsBuffer b{};
  b.f_type = static_cast<long>(s.magic);
  b.f_bsize = b.f_frsize = s.block_size;
  b.f_blocks = static_cast<long>(s.blocks);
  b.f_bfree = static_cast<long>(s.blocks_free);
  b.f_bavail = static_cast<long>(s.blocks_available);
  b.f_files = static_cast<long>(s.files);
  b.f_ffree = static_cast<long>(s.files_free);
  b.f_fsid.val[0] = static_cast<int>(s.device.encoded());
  b.f_namelen = fs::Name::kMaxLength;
  if (mount != nullptr) b.f_flags = flags_of(*mount);
  return out.write(b);
}

}  // namespace

Result<void> statfs(Task& self, UserCStr path, UserOut<StatfsBuffer> out) {
  const fs::PathRef found = TRY(find_file(self, Fd{AT_FDCWD}, path, {}));
  return write_statistics(found.mount().superblock(), &found.mount(), out);
}

Result<void> fstatfs(Task& self, Fd fd, UserOut<StatfsBuffer> out) {
  const auto file = TRY(self.fds().get_any(fd.number));
  return write_statistics(file->inode().superblock(), file->mount(), out);
}

}  // namespace k::sys

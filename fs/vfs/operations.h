/// What the path-changing system calls do, below the decoding of their arguments.
///
/// Invariants  permission, read-only mounts and types are checked here, once, for all file systems.
/// Lock order  fs_rename (cross-directory rename) > inode_dir > inode_data.
/// Context     task context, may sleep.
/// Errors      each call's man page.
/// Source      mkdir(2), mknod(2), link(2), unlink(2), rmdir(2), rename(2), symlink(2), readlink(2), chmod(2), chown(2),
///             utimensat(2), truncate(2), access(2), chdir(2).
#pragma once

#include "fs/vfs/path_walk.h"
#include "fs/vfs/permission.h"

namespace k::fs {

Result<void> make_directory(const LookupContext& context, WalkBase base, std::string_view path, std::uint32_t mode);
/// What mknod(2) may make. PERM: a directory; INVAL: no type.
Result<void> check_new_type(std::uint32_t mode);
/// PERM: a device without CAP_MKNOD. The type is checked.
Result<void> make_node(const LookupContext& context, WalkBase base, std::string_view path, std::uint32_t mode,
                       DeviceNumber special);
Result<void> make_symlink(const LookupContext& context, std::string_view target, WalkBase base, std::string_view path);
Result<void> link(const LookupContext& context, const PathRef& from, WalkBase to_base, std::string_view to);
Result<void> unlink(const LookupContext& context, WalkBase base, std::string_view path);
Result<void> remove_directory(const LookupContext& context, WalkBase base, std::string_view path);
/// INVAL: other flags than RENAME_NOREPLACE and RENAME_EXCHANGE, or both.
Result<void> check_rename_flags(lib::Flags flags);
/// With checked flags.
Result<void> rename(const LookupContext& context, const ParentPath& from, const ParentPath& to, lib::Flags flags);
/// Fills `out` with the target text; returns its length, cut to out.size().
Result<std::size_t> read_link(const LookupContext& context, const PathRef& path, std::span<char> out);

Result<void> change_mode(const Mount* mount, Inode& inode, const Credentials& who, std::uint32_t permissions);
Result<void> change_owner(const Mount* mount, Inode& inode, const Credentials& who, Uid uid, Gid gid);
/// utimensat(2): an empty time stays; `to_now` marks the call form that write permission is enough for.
struct TimesChange {
  std::optional<Timestamp> accessed, modified;
  bool both_now = false;
};
Result<void> change_times(const Mount* mount, Inode& inode, const Credentials& who, const TimesChange& change);
/// Permission must have been checked (write access by path, or a writable descriptor).
Result<void> truncate(Inode& inode, const Credentials& who, std::uint64_t size, std::uint64_t max_size);
/// After a read: updates the access time as the mount's options and O_NOATIME say (relatime by default).
void touch_accessed(const Mount* mount, Inode& inode);

}  // namespace k::fs

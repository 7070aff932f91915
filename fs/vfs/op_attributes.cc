// chmod, chown, utimensat, truncate, readlink, access times.
#include <linux/mount.h>

#include "fs/vfs/operations.h"
#include "fs/vfs/regular_node.h"
#include "fs/vfs/symlink_node.h"
#include "kernel/sync/guarded.h"

namespace k::fs {
namespace {

constexpr std::int64_t kDay = 24 * 60 * 60;

Result<void> apply(Inode& inode, const Credentials& who, const AttributeChange& change) {
  if (inode.is_immutable() && (change.permissions || change.uid || change.gid)) return err(Errno::perm);
  return inode.change_attributes(TRY(permitted_change(inode, who, change)));
}

/// A file without a place (a pipe) has no mount.
bool is_read_only(const Mount* mount) { return mount != nullptr && mount->is_read_only(); }

bool access_time_is_due(const Mount& mount, const Inode& inode, Timestamp now) {
  if (mount.has(MS_STRICTATIME)) return true;
  const Timestamp accessed = inode.accessed();
  return accessed <= inode.modified() || accessed <= inode.changed() || now.seconds() - accessed.seconds() >= kDay;
}

}  // namespace

Result<void> change_mode(const Mount* mount, Inode& inode, const Credentials& who, std::uint32_t permissions) {
  if (is_read_only(mount)) return err(Errno::rofs);
  return apply(inode, who, AttributeChange{.permissions = permissions & S_IALLUGO});
}

Result<void> change_owner(const Mount* mount, Inode& inode, const Credentials& who, Uid uid, Gid gid) {
  if (is_read_only(mount)) return err(Errno::rofs);
  AttributeChange change;
  if (uid != kNoId) change.uid = uid;
  if (gid != kNoId) change.gid = gid;
  return apply(inode, who, change);
}

Result<void> change_times(const Mount* mount, Inode& inode, const Credentials& who, const TimesChange& change) {
  if (!change.accessed && !change.modified) return {};
  if (is_read_only(mount)) return err(Errno::rofs);
  if (inode.is_immutable()) return err(Errno::perm);
  if (!is_owner_or_capable(inode, who)) {
    if (!change.both_now) return err(Errno::perm);
    TRY(may_access(inode, who, Access::write));
  }
  return inode.change_attributes(AttributeChange{.accessed = change.accessed, .modified = change.modified});
}

Result<void> truncate(Inode& inode, const Credentials& who, std::uint64_t size, std::uint64_t max_size) {
  RegularNode* const node = inode.regular();
  if (node == nullptr) {
    if (inode.is(FileType::regular)) return {};  // without content that could be cut, as in /proc and mqueue
    return err(inode.is(FileType::directory) ? Errno::isdir : Errno::inval);
  }
  if (size > max_size || size > node->max_size()) return err(Errno::fbig);
  sync::LockHeld held{node->data_lock()};
  if (const auto kept = permissions_after_write(inode, who)) {
    TRY(inode.change_attributes(AttributeChange{.permissions = *kept}));
  }
  TRY(node->truncate(size));
  inode.touch_modified();
  return {};
}

Result<std::size_t> read_link(const LookupContext& context, const PathRef& path, std::span<char> out) {
  Inode& inode = path.inode();
  SymlinkNode* const node = inode.symlink();
  if (node == nullptr) return err(Errno::inval);
  touch_accessed(&path.mount(), inode);
  return node->read(out, context);
}

void touch_accessed(const Mount* mount, Inode& inode) {
  if (mount == nullptr || mount->has(MS_NOATIME) || mount->is_read_only()) return;
  if (mount->has(MS_NODIRATIME) && inode.is(FileType::directory)) return;
  const Timestamp now = Timestamp::now();
  if (access_time_is_due(*mount, inode, now)) inode.set_accessed(now);
}

}  // namespace k::fs

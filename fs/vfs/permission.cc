#include "fs/vfs/permission.h"

#include <linux/mount.h>

#include "fs/vfs/mount.h"

namespace k::fs {
namespace {

/// CAP_DAC_OVERRIDE opens everything but executing a file that nobody may execute; CAP_DAC_READ_SEARCH opens reading, and
/// searching directories.
bool capable_of(const Inode& inode, const Credentials& who, AccessSet access) {
  const bool directory = inode.is(FileType::directory);
  if (who.has(CAP_DAC_OVERRIDE) && (!access.has(Access::execute) || directory || (inode.mode() & S_IXUGO) != 0))
    return true;
  const AccessSet harmless = directory ? AccessSet{Access::read} | Access::execute : AccessSet{Access::read};
  return who.has(CAP_DAC_READ_SEARCH) && access.without(harmless).empty();
}

}  // namespace

Result<void> may_access(const Inode& inode, const Credentials& who, AccessSet access) {
  if (access.has(Access::write) && inode.is_immutable()) return err(Errno::perm);
  std::uint32_t granted = inode.mode();
  if (who.fsuid == inode.uid()) {
    granted >>= 6;
  } else if (who.in_group(inode.gid())) {
    granted >>= 3;
  }
  if ((access.bits() & ~granted & 7) == 0 || capable_of(inode, who, access)) return {};
  return inode.opens_to_caller() ? Result<void>{} : err(Errno::acces);
}

Result<void> may_access(const Mount& mount, const Inode& inode, const Credentials& who, AccessSet access) {
  const FileType type = inode.type();
  const bool stored = type == FileType::regular || type == FileType::directory || type == FileType::symlink;
  if (access.has(Access::write) && stored && mount.is_read_only()) return err(Errno::rofs);
  if (access.has(Access::execute) && type == FileType::regular && mount.has(MS_NOEXEC)) return err(Errno::acces);
  return may_access(inode, who, access);
}

Result<void> may_create_in(const Mount& mount, const Inode& directory, const Credentials& who) {
  if (directory.links() == 0) return err(Errno::noent);  // removed while it was held open
  return may_access(mount, directory, who, AccessSet{Access::write} | Access::execute);
}

Result<void> may_remove_from(const Mount& mount, const Inode& directory, const Inode& victim, const Credentials& who) {
  TRY(may_access(mount, directory, who, AccessSet{Access::write} | Access::execute));
  const bool sticky = (directory.mode() & S_ISVTX) != 0;
  if (sticky && who.fsuid != victim.uid() && who.fsuid != directory.uid() && !who.has(CAP_FOWNER))
    return err(Errno::perm);
  return {};
}

bool is_owner_or_capable(const Inode& inode, const Credentials& who) {
  return who.fsuid == inode.uid() || who.has(CAP_FOWNER);
}

NewOwner owner_of_new(const Inode& directory, const Credentials& who, std::uint32_t mode) {
  InodeOwner owner{who.fsuid, who.fsgid};
  if ((directory.mode() & S_ISGID) != 0) {
    owner.gid = directory.gid();
    if ((mode & S_IFMT) == S_IFDIR) {
      mode |= S_ISGID;
    } else if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) && !who.in_group(owner.gid) &&
               !who.has(CAP_FSETID)) {
      mode &= ~static_cast<std::uint32_t>(S_ISGID);
    }
  }
  return {owner, mode};
}

namespace {

Result<void> check_mode_change(const Inode& inode, const Credentials& who, Gid gid, std::uint32_t& permissions) {
  if (!is_owner_or_capable(inode, who)) return err(Errno::perm);
  if (!who.in_group(gid) && !who.has(CAP_FSETID)) permissions &= ~static_cast<std::uint32_t>(S_ISGID);
  return {};
}

Result<void> check_owner_change(const Inode& inode, const Credentials& who, const AttributeChange& change) {
  if (who.has(CAP_CHOWN)) return {};
  const bool owner = who.fsuid == inode.uid();
  if (change.uid && !(owner && *change.uid == inode.uid())) return err(Errno::perm);
  if (change.gid && !(owner && (who.in_group(*change.gid) || *change.gid == inode.gid()))) return err(Errno::perm);
  return {};
}

/// The permissions without what must not outlive a change of owner or content: set-user-ID, and set-group-ID where group
/// execution says that it is not a locking mark.
std::uint32_t without_set_id(std::uint32_t permissions) {
  permissions &= ~static_cast<std::uint32_t>(S_ISUID);
  if ((permissions & S_IXGRP) != 0) permissions &= ~static_cast<std::uint32_t>(S_ISGID);
  return permissions;
}

}  // namespace

Result<AttributeChange> permitted_change(const Inode& inode, const Credentials& who, AttributeChange change) {
  if (change.permissions) TRY(check_mode_change(inode, who, change.gid.value_or(inode.gid()), *change.permissions));
  if (change.uid || change.gid) {
    TRY(check_owner_change(inode, who, change));
    if (!inode.is(FileType::directory)) {
      const std::uint32_t kept = without_set_id(change.permissions.value_or(inode.permissions()));
      if (kept != inode.permissions()) change.permissions = kept;
    }
  }
  return change;
}

std::optional<std::uint32_t> permissions_after_write(const Inode& inode, const Credentials& who) {
  const std::uint32_t now = inode.permissions();
  if ((now & (S_ISUID | S_ISGID)) == 0 || who.has(CAP_FSETID)) return std::nullopt;
  const std::uint32_t kept = without_set_id(now);
  if (kept == now) return std::nullopt;
  return kept;
}

}  // namespace k::fs

/// Who may do what: the checks of path_resolution(7) and of each call's man page.
///
/// Invariants  pure functions of (attributes, credentials, mount flags); nothing here locks or allocates.
/// Errors      ACCES, PERM, ROFS.
/// Source      path_resolution(7), capabilities(7), chmod(2), chown(2), unlink(2), inode(7).
#pragma once

#include "fs/vfs/attributes.h"
#include "fs/vfs/credentials.h"
#include "fs/vfs/inode.h"
#include "kernel/lib/flags.h"

namespace k::fs {

class Mount;

enum class Access : std::uint8_t { execute = 1, write = 2, read = 4 };
using AccessSet = lib::EnumSet<Access>;

Result<void> may_access(const Inode& inode, const Credentials& who, AccessSet access);
/// may_access and the mount's say (read-only, noexec).
Result<void> may_access(const Mount& mount, const Inode& inode, const Credentials& who, AccessSet access);
/// Adding an entry to `directory`.
Result<void> may_create_in(const Mount& mount, const Inode& directory, const Credentials& who);
/// Removing or renaming the entry `victim` of `directory` (sticky directories).
Result<void> may_remove_from(const Mount& mount, const Inode& directory, const Inode& victim, const Credentials& who);
/// Owner of the file or CAP_FOWNER.
bool is_owner_or_capable(const Inode& inode, const Credentials& who);
/// Checks a chmod or chown and adds what follows from it (clearing set-user-ID, set-group-ID).
Result<AttributeChange> permitted_change(const Inode& inode, const Credentials& who, AttributeChange change);
/// Owner and mode of a new file in `directory` (set-group-ID directories).
struct NewOwner {
  InodeOwner owner;
  std::uint32_t mode;
};
NewOwner owner_of_new(const Inode& directory, const Credentials& who, std::uint32_t mode);
/// The set-ID bits that a write or truncate by `who` takes away; empty when none.
std::optional<std::uint32_t> permissions_after_write(const Inode& inode, const Credentials& who);

}  // namespace k::fs

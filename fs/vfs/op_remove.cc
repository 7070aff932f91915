// unlink and rmdir.
#include "fs/vfs/dentry_cache.h"
#include "fs/vfs/directory_node.h"
#include "fs/vfs/notify.h"
#include "fs/vfs/operations.h"
#include "kernel/sync/guarded.h"

namespace k::fs {
namespace {

/// The existing entry that is to go, with the directory locked by the caller.
Result<Ref<Dentry>> find_victim(const LookupContext& context, const ParentPath& parent) {
  if (parent.directory.mount().is_read_only()) return err(Errno::rofs);
  RefOrNull<Dentry> entry = TRY(find_entry(parent.directory.dentry(), parent.last));
  if (!entry || entry->is_negative()) return err(Errno::noent);
  TRY(may_remove_from(parent.directory.mount(), parent.directory.inode(), *entry->inode(), context.credentials));
  return Ref<Dentry>::adopt(*entry.leak());
}

}  // namespace

Result<void> unlink(const LookupContext& context, WalkBase base, std::string_view path) {
  const ParentPath parent = TRY(lookup_parent(context, base, path));
  if (parent.kind != LastKind::normal) return err(Errno::isdir);
  RemovalNotice notice{parent.directory.inode(), parent.last.text};
  RefOrNull<Dentry> victim;  // dies after the lock is gone: freeing a large file takes a while
  sync::LockHeld held{parent.directory.inode().directory()->entries_lock()};
  victim = TRY(find_victim(context, parent));
  if (victim->inode()->is(FileType::directory)) return err(Errno::isdir);
  if (parent.wants_directory) return err(Errno::notdir);
  if (victim->is_mountpoint()) return err(Errno::busy);
  TRY(parent.directory.inode().directory()->unlink(*victim));
  DentryCache::remove(*victim);
  notify_inode(*victim->inode(), IN_ATTRIB);
  notice.arm(*victim->inode());
  return {};
}

Result<void> remove_directory(const LookupContext& context, WalkBase base, std::string_view path) {
  const ParentPath parent = TRY(lookup_parent(context, base, path));
  switch (parent.kind) {
    case LastKind::dot:
      return err(Errno::inval);
    case LastKind::dot_dot:
      return err(Errno::notempty);
    case LastKind::root:
      return err(Errno::busy);
    case LastKind::normal:
      break;
  }
  RemovalNotice notice{parent.directory.inode(), parent.last.text};
  RefOrNull<Dentry> victim;
  sync::LockHeld held{parent.directory.inode().directory()->entries_lock()};
  victim = TRY(find_victim(context, parent));
  DirectoryNode* const node = victim->inode()->directory();
  if (node == nullptr) return err(Errno::notdir);
  if (victim->is_mountpoint()) return err(Errno::busy);
  sync::LockHeld victim_held{node->entries_lock()};
  if (!node->is_empty())
    return err(parent.directory.inode().directory()->removes_directories() ? Errno::notempty : Errno::perm);
  TRY(parent.directory.inode().directory()->remove_directory(*victim));
  DentryCache::remove(*victim);
  notice.arm(*victim->inode());
  return {};
}

}  // namespace k::fs

// mkdir, mknod, symlink, link.
#include <linux/limits.h>

#include "fs/vfs/create.h"
#include "fs/vfs/dentry_cache.h"
#include "fs/vfs/notify.h"
#include "fs/vfs/operations.h"
#include "kernel/sync/guarded.h"

namespace k::fs {

Result<void> make_directory(const LookupContext& context, WalkBase base, std::string_view path, std::uint32_t mode) {
  const ParentPath parent = TRY(lookup_parent(context, base, path));
  constexpr std::uint32_t kAllowed = S_IRWXUGO | S_ISVTX;
  TRY(create_entry(context, parent, NewNode{.mode = S_IFDIR | (mode & kAllowed)}));
  return {};
}

Result<void> check_new_type(std::uint32_t mode) {
  switch (mode & S_IFMT) {
    case 0:  // a regular file
    case S_IFREG:
    case S_IFIFO:
    case S_IFSOCK:
    case S_IFCHR:
    case S_IFBLK:
      return {};
    case S_IFDIR:
      return err(Errno::perm);
    default:
      return err(Errno::inval);
  }
}

Result<void> make_node(const LookupContext& context, WalkBase base, std::string_view path, std::uint32_t mode,
                       DeviceNumber special) {
  if ((mode & S_IFMT) == 0) mode |= S_IFREG;
  if (!is_device(mode)) special = {};
  const ParentPath parent = TRY(lookup_parent(context, base, path));
  TRY(create_entry(context, parent, NewNode{.mode = mode, .special = special}));
  return {};
}

Result<void> make_symlink(const LookupContext& context, std::string_view target, WalkBase base, std::string_view path) {
  if (target.empty()) return err(Errno::noent);
  const ParentPath parent = TRY(lookup_parent(context, base, path));
  TRY(create_entry(context, parent, NewNode{.mode = S_IFLNK | 0777, .symlink_target = target}));
  return {};
}

Result<void> link(const LookupContext& context, const PathRef& from, WalkBase to_base, std::string_view to) {
  const ParentPath parent = TRY(lookup_parent(context, to_base, to));
  if (parent.kind != LastKind::normal) return err(Errno::exist);
  Inode& directory = parent.directory.inode();
  Inode& target = from.inode();
  sync::LockHeld held{directory.directory()->entries_lock()};
  RefOrNull<Dentry> entry = TRY(find_entry(parent.directory.dentry(), parent.last));
  if (entry && !entry->is_negative()) return err(Errno::exist);
  if (parent.wants_directory) return err(Errno::noent);
  if (&from.mount() != &parent.directory.mount()) return err(Errno::xdev);
  TRY(may_create_in(parent.directory.mount(), directory, context.credentials));
  if (target.is(FileType::directory)) return err(Errno::perm);
  if (target.links() == 0 && !target.is_linkable()) return err(Errno::noent);
  auto fresh = entry ? Ref<Dentry>::adopt(*entry.leak()) : TRY(negative_entry(parent.directory.dentry(), parent.last));
  TRY(directory.directory()->link(*fresh, target));
  notify_inode(target, IN_ATTRIB);
  publish_entry(*fresh, Ref<Inode>::share(target));
  return {};
}

}  // namespace k::fs

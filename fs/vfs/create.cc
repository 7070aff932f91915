#include "fs/vfs/create.h"

#include <linux/limits.h>

#include "fs/vfs/dentry_cache.h"
#include "fs/vfs/notify.h"
#include "fs/vfs/operations.h"
#include "fs/vfs/symlink_node.h"
#include "kernel/sync/guarded.h"

namespace k::fs {
namespace {

/// One level of open(O_CREAT): what is there, or what was made. Null when it is a symbolic link to follow.
Result<OpenTarget> find_or_create_last(const LookupContext& context, const ParentPath& parent, const OpenHow& how) {
  Inode& directory = parent.directory.inode();
  sync::LockHeld held{directory.directory()->entries_lock()};
  RefOrNull<Dentry> entry = TRY(find_entry(parent.directory.dentry(), parent.last));
  if (entry && !entry->is_negative()) {
    if (how.flags.has(O_EXCL)) return err(Errno::exist);
    return OpenTarget{PathRef{Ref<Mount>::share(parent.directory.mount()), Ref<Dentry>::adopt(*entry.leak())}, false};
  }
  TRY(may_create_in(parent.directory.mount(), directory, context.credentials));
  auto fresh = entry ? Ref<Dentry>::adopt(*entry.leak()) : TRY(negative_entry(parent.directory.dentry(), parent.last));
  auto inode = TRY(directory.directory()->create(*fresh, node_for(context, directory, S_IFREG, how.mode)));
  publish_entry(*fresh, std::move(inode));
  return OpenTarget{PathRef{Ref<Mount>::share(parent.directory.mount()), std::move(fresh)}, true};
}

/// The path's last component is "/", "." or "..": an existing directory.
Result<OpenTarget> find_directory(const LookupContext& context, WalkBase base, std::string_view path,
                                  const OpenHow& how, WalkPolicy policy) {
  if (how.flags.has(O_EXCL)) return err(Errno::exist);
  return OpenTarget{TRY(lookup(context, base, path, policy)), false};
}

}  // namespace

NewNode node_for(const LookupContext& context, const Inode& directory, std::uint32_t type, std::uint32_t mode) {
  const std::uint32_t permissions = mode & S_IALLUGO & ~context.fs.umask();
  const NewOwner owner = owner_of_new(directory, context.credentials, type | permissions);
  return NewNode{.mode = owner.mode, .owner = owner.owner};
}

/// A file system that keeps no negative entries (procfs) makes no positive ones on demand either.
Result<Ref<Dentry>> negative_entry(Dentry& directory, const Name& name) {
  if (directory.superblock().entries() == Entries::in_file_system) return err(Errno::noent);
  return Dentry::create(directory.superblock(), Ref<Dentry>::share(directory), name);
}

void publish_entry(Dentry& entry, Ref<Inode> inode) {
  entry.bind(std::move(inode));
  if (!entry.is_hashed()) DentryCache::insert(entry);
  notify_entry(*entry.parent()->inode(), entry.name(), *entry.inode(), IN_CREATE);
}

Result<OpenTarget> find_or_create(const LookupContext& context, WalkBase base, std::string_view path,
                                  const OpenHow& how, WalkPolicy policy) {
  Box<char[]> link_text;
  std::optional<PathRef> link_directory;
  for (;;) {
    ParentPath parent = TRY(lookup_parent(context, base, path, policy));
    if (parent.kind != LastKind::normal) return find_directory(context, base, path, how, policy);
    if (parent.wants_directory) return err(Errno::isdir);
    OpenTarget target = TRY(find_or_create_last(context, parent, how));
    target.path = cross_mounts(std::move(target.path));
    Inode& inode = target.path.inode();
    if (!inode.is(FileType::symlink) || policy.last_symlink == LastSymlink::keep) return target;
    if (inode.symlink()->is_magic()) return OpenTarget{TRY(lookup(context, base, path, policy)), false};
    if ((policy.links_followed = parent.links_followed + 1) > 40) return err(Errno::loop);
    Box<char[]> text{new (std::nothrow) char[PATH_MAX]};
    if (!text) return err(Errno::nomem);
    path = {text.get(), TRY(read_link(context, target.path, {text.get(), PATH_MAX}))};
    link_text = std::move(text);
    link_directory = parent.directory;
    base = WalkBase{link_directory->view()};
  }
}

Result<PathRef> create_unnamed(const LookupContext& context, const PathRef& directory, const OpenHow& how) {
  Inode& inode = directory.inode();
  if (!inode.is(FileType::directory)) return err(Errno::notdir);
  TRY(may_create_in(directory.mount(), inode, context.credentials));
  sync::LockHeld held{inode.directory()->entries_lock()};
  auto entry = TRY(negative_entry(directory.dentry(), Name::of("#tmpfile")));
  auto unnamed = TRY(inode.directory()->create_unnamed(node_for(context, inode, S_IFREG, how.mode)));
  if (!how.flags.has(O_EXCL)) unnamed->set_linkable();
  entry->bind(std::move(unnamed));
  return PathRef{Ref<Mount>::share(directory.mount()), std::move(entry)};
}

Result<Ref<Dentry>> create_entry(const LookupContext& context, const ParentPath& parent, NewNode node) {
  if (parent.kind != LastKind::normal) return err(Errno::exist);
  Inode& directory = parent.directory.inode();
  sync::LockHeld held{directory.directory()->entries_lock()};
  RefOrNull<Dentry> entry = TRY(find_entry(parent.directory.dentry(), parent.last));
  if (entry && !entry->is_negative()) return err(Errno::exist);
  if (parent.wants_directory && (node.mode & S_IFMT) != S_IFDIR) return err(Errno::noent);
  TRY(may_create_in(parent.directory.mount(), directory, context.credentials));
  if (is_device(node.mode) && !context.credentials.has(CAP_MKNOD)) return err(Errno::perm);
  const NewNode owned = node_for(context, directory, node.mode & S_IFMT, node.mode);
  node.mode = (node.mode & S_IFMT) == S_IFLNK ? S_IFLNK | 0777 : owned.mode;
  node.owner = owned.owner;
  auto fresh = entry ? Ref<Dentry>::adopt(*entry.leak()) : TRY(negative_entry(parent.directory.dentry(), parent.last));
  publish_entry(*fresh, TRY(directory.directory()->create(*fresh, node)));
  return fresh;
}

}  // namespace k::fs

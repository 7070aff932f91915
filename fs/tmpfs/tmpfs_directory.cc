#include "fs/tmpfs/tmpfs_inode.h"
#include "kernel/sync/guarded.h"

namespace k::fs {
namespace {

TmpfsDirectory& tmpfs_directory(Inode& inode) { return static_cast<TmpfsDirectory&>(inode); }

}  // namespace

TmpfsDirectory::TmpfsDirectory(TmpfsSuperblock& sb, const NewNode& node) : TmpfsInode(sb, node) {
  set_node(static_cast<DirectoryNode&>(*this));
  set_links(2);
  set_size(2 * CachedEntries::kEntrySize);
}

/// Not reached: a miss in the dentry cache is the answer.
Result<LookupResult> TmpfsDirectory::lookup(std::string_view) { return LookupResult{}; }

void TmpfsDirectory::enter(Dentry& dentry) {
  entries_.enter(dentry);
  set_size(size() + CachedEntries::kEntrySize);
}

void TmpfsDirectory::leave(Dentry& dentry) {
  entries_.leave(dentry);
  set_size(size() - CachedEntries::kEntrySize);
}

Result<Ref<Inode>> TmpfsDirectory::create(Dentry& dentry, const NewNode& node) {
  auto inode = TRY(tmpfs().make_inode(node));
  if (inode->is(FileType::directory)) add_link();
  enter(dentry);
  touch_modified();
  return inode;
}

Result<Ref<Inode>> TmpfsDirectory::create_unnamed(const NewNode& node) {
  auto inode = TRY(tmpfs().make_inode(node));
  inode->set_links(0);
  return inode;
}

Result<void> TmpfsDirectory::link(Dentry& dentry, Inode& target) {
  target.add_link();
  target.touch_changed();
  enter(dentry);
  touch_modified();
  return {};
}

Result<void> TmpfsDirectory::unlink(Dentry& dentry) {
  leave(dentry);
  touch_modified();
  dentry.inode()->drop_link();
  dentry.inode()->set_changed(changed());
  return {};
}

Result<void> TmpfsDirectory::remove_directory(Dentry& dentry) {
  leave(dentry);
  drop_link();
  touch_modified();
  dentry.inode()->set_links(0);
  return {};
}

void TmpfsDirectory::drop_replaced(Dentry& replaced) {
  Inode& gone = *replaced.inode();
  leave(replaced);
  if (gone.is(FileType::directory)) {
    gone.set_links(0);
    drop_link();
  } else {
    gone.drop_link();
    gone.touch_changed();
  }
}

Result<void> TmpfsDirectory::rename(Dentry& from, Inode& to_directory, std::string_view, Dentry* replaced) {
  TmpfsDirectory& to = tmpfs_directory(to_directory);
  if (replaced != nullptr) to.drop_replaced(*replaced);
  leave(from);
  to.enter(from);
  if (&to != this && from.inode()->is(FileType::directory)) {
    drop_link();
    to.add_link();
  }
  touch_modified();
  to.touch_modified();
  from.inode()->touch_changed();
  return {};
}

Result<void> TmpfsDirectory::exchange(Dentry& mine, Inode& other_directory, Dentry& theirs) {
  TmpfsDirectory& other = tmpfs_directory(other_directory);
  leave(mine);
  other.leave(theirs);
  enter(theirs);
  other.enter(mine);
  if (mine.inode()->is(FileType::directory)) drop_link(), other.add_link();
  if (theirs.inode()->is(FileType::directory)) other.drop_link(), add_link();
  touch_modified();
  other.touch_modified();
  mine.inode()->touch_changed();
  theirs.inode()->touch_changed();
  return {};
}

Result<void> TmpfsDirectory::read(Dentry&, std::uint64_t position, DirectorySink& sink) {
  sync::LockHeld held{entries_lock()};
  entries_.read(position, sink);
  return {};
}

}  // namespace k::fs

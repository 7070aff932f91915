#include "fs/tmpfs/tmpfs_inode.h"
#include "kernel/sync/guarded.h"

namespace k::fs {
namespace {

TmpfsDirectory& tmpfs_directory(Inode& inode) { return static_cast<TmpfsDirectory&>(inode); }

}  // namespace

TmpfsDirectory::TmpfsDirectory(TmpfsSuperblock& sb, const NewNode& node) : TmpfsInode(sb, node) {
  set_node(static_cast<DirectoryNode&>(*this));
  set_links(2);
  set_size(2 * kEntrySize);
}

/// Not reached: a miss in the dentry cache is the answer.
Result<LookupResult> TmpfsDirectory::lookup(std::string_view) { return LookupResult{}; }

void TmpfsDirectory::enter(Dentry& dentry) {
  dentry.set_position(next_position_++);
  entries_.push_back(dentry);
  set_size(size() + kEntrySize);
}

void TmpfsDirectory::leave(Dentry& dentry) {
  const auto after = entries_.erase(entries_.iterator_to(dentry));
  if (reading_ == &dentry) reading_ = after == entries_.end() ? nullptr : &*after;
  set_size(size() - kEntrySize);
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

Dentry* TmpfsDirectory::first_from(std::uint64_t position) {
  if (reading_ != nullptr && reading_->position() == position) return reading_;
  for (Dentry& entry : entries_) {
    if (entry.position() >= position) return &entry;
  }
  return nullptr;
}

Result<void> TmpfsDirectory::read(Dentry&, std::uint64_t position, DirectorySink& sink) {
  sync::LockHeld held{entries_lock()};
  reading_ = first_from(position);
  if (reading_ == nullptr) return {};
  for (auto at = entries_.iterator_to(*reading_); at != entries_.end(); ++at) {
    const Inode& inode = *at->inode();
    reading_ = &*at;
    if (!sink.add(at->name(), inode.number(), inode.type(), at->position() + 1)) return {};
  }
  reading_ = nullptr;
  return {};
}

}  // namespace k::fs

// rename, renameat2.
#include <linux/fs.h>

#include <functional>

#include "fs/vfs/dentry_cache.h"
#include "fs/vfs/directory_node.h"
#include "fs/vfs/notify.h"
#include "fs/vfs/operations.h"
#include "kernel/sync/guarded.h"

namespace k::fs {
namespace {

bool is_below(const Dentry& entry, const Dentry& ancestor) {
  sync::rcu::ReadGuard guard;
  for (const Dentry* d = &entry; !d->is_root(); d = d->parent()) {
    if (d == &ancestor) return true;
  }
  return &entry == &ancestor || ancestor.is_root();
}

/// Both directories' entries, locked: an ancestor before its descendant, else by address. Two different directories need
/// rename_lock() first, so that the tree keeps its shape between the look and the locking.
class DirectoriesHeld {
 public:
  DirectoriesHeld(Dentry& a, Dentry& b) HT_NO_ANALYSIS : sb_(a.superblock()) {
    first_ = &a.inode()->directory()->entries_lock();
    if (&a != &b) {
      second_ = &b.inode()->directory()->entries_lock();
      sb_.rename_lock().lock();
      const bool b_first = is_below(a, b) || (!is_below(b, a) && std::less<>{}(second_, first_));
      if (b_first) std::swap(first_, second_);
    }
    first_->lock();
    if (second_ != nullptr) second_->lock();
  }
  ~DirectoriesHeld() HT_NO_ANALYSIS {
    if (second_ != nullptr) second_->unlock();
    first_->unlock();
    if (second_ != nullptr) sb_.rename_lock().unlock();
  }
  DirectoriesHeld(const DirectoriesHeld&) = delete;
  DirectoriesHeld& operator=(const DirectoriesHeld&) = delete;

 private:
  Superblock& sb_;
  DirectoryNode::EntriesLock *first_ = nullptr, *second_ = nullptr;
};

/// A directory that is about to be replaced: no entry may come into it any more.
class VictimHeld {
 public:
  explicit VictimHeld(const Dentry* victim) HT_NO_ANALYSIS {
    if (victim == nullptr || victim->inode()->directory() == nullptr) return;
    lock_ = &victim->inode()->directory()->entries_lock();
    lock_->lock();
  }
  ~VictimHeld() HT_NO_ANALYSIS {
    if (lock_ != nullptr) lock_->unlock();
  }
  VictimHeld(const VictimHeld&) = delete;
  VictimHeld& operator=(const VictimHeld&) = delete;

 private:
  DirectoryNode::EntriesLock* lock_ = nullptr;
};

struct Rename {
  const LookupContext& context;
  const ParentPath &from, &to;
  lib::Flags flags;
  Dentry& source;
  Dentry* target;  // null: the new name is free

  bool exchanges() const { return flags.has(RENAME_EXCHANGE); }
  Inode& from_directory() const { return from.directory.inode(); }
  Inode& to_directory() const { return to.directory.inode(); }

  Result<void> check_shape() const;
  Result<void> check_permission() const;
  Result<void> check_types() const;
  Result<void> may_move(Inode& inode, const Inode& old_directory, const Inode& new_directory) const;
  Result<void> move_source() const;
  Result<void> swap_both() const;
};

/// Neither may end up below itself; slashes after a name ask for a directory.
Result<void> Rename::check_shape() const {
  if (is_below(to.directory.dentry(), source)) return err(Errno::inval);
  if (target != nullptr && is_below(from.directory.dentry(), *target))
    return err(exchanges() ? Errno::inval : Errno::notempty);
  const bool directory = source.inode()->is(FileType::directory);
  if (!directory && (from.wants_directory || (to.wants_directory && !exchanges()))) return err(Errno::notdir);
  if (exchanges() && to.wants_directory && !target->inode()->is(FileType::directory)) return err(Errno::notdir);
  return {};
}

/// A directory that changes its parent has its ".." written.
Result<void> Rename::may_move(Inode& inode, const Inode& old_directory, const Inode& new_directory) const {
  if (!inode.is(FileType::directory) || &old_directory == &new_directory) return {};
  return may_access(from.directory.mount(), inode, context.credentials, Access::write);
}

Result<void> Rename::check_permission() const {
  const Credentials& who = context.credentials;
  TRY(may_remove_from(from.directory.mount(), from_directory(), *source.inode(), who));
  if (target == nullptr) {
    TRY(may_create_in(to.directory.mount(), to_directory(), who));
  } else {
    TRY(may_remove_from(to.directory.mount(), to_directory(), *target->inode(), who));
  }
  TRY(may_move(*source.inode(), from_directory(), to_directory()));
  if (exchanges()) TRY(may_move(*target->inode(), to_directory(), from_directory()));
  return {};
}

Result<void> Rename::check_types() const {
  if (source.is_mountpoint() || (target != nullptr && target->is_mountpoint())) return err(Errno::busy);
  if (target == nullptr || exchanges()) return {};
  const bool source_directory = source.inode()->is(FileType::directory);
  DirectoryNode* const node = target->inode()->directory();
  if (source_directory && node == nullptr) return err(Errno::notdir);
  if (!source_directory && node != nullptr) return err(Errno::isdir);
  if (node != nullptr && !node->is_empty()) return err(Errno::notempty);
  return {};
}

Result<void> Rename::move_source() const {
  auto name = TRY(DentryCache::reserve_name(to.last));
  VictimHeld victim{target};
  TRY(check_types());
  TRY(from_directory().directory()->rename(source, to_directory(), to.last.text, target));
  if (target != nullptr) DentryCache::remove(*target);
  DentryCache::move(source, to.directory.dentry(), std::move(name));
  notify_move(from_directory(), from.last.text, to_directory(), to.last.text, *source.inode(),
              target != nullptr ? target->inode() : nullptr);
  return {};
}

Result<void> Rename::swap_both() const {
  auto new_name = TRY(DentryCache::reserve_name(to.last));
  auto old_name = TRY(DentryCache::reserve_name(from.last));
  TRY(check_types());
  TRY(from_directory().directory()->exchange(source, to_directory(), *target));
  DentryCache::exchange(source, std::move(new_name), *target, std::move(old_name));
  notify_move(from_directory(), from.last.text, to_directory(), to.last.text, *source.inode(), nullptr);
  notify_move(to_directory(), to.last.text, from_directory(), from.last.text, *target->inode(), nullptr);
  return {};
}

}  // namespace

Result<void> check_rename_flags(lib::Flags flags) {
  if (!flags.only(RENAME_NOREPLACE | RENAME_EXCHANGE)) return err(Errno::inval);
  if (flags.has(RENAME_NOREPLACE | RENAME_EXCHANGE)) return err(Errno::inval);
  return {};
}

Result<void> rename(const LookupContext& context, const ParentPath& from, const ParentPath& to, lib::Flags flags) {
  if (&from.directory.mount() != &to.directory.mount()) return err(Errno::xdev);
  if (from.kind != LastKind::normal) return err(Errno::busy);
  if (to.kind != LastKind::normal) return err(flags.has(RENAME_NOREPLACE) ? Errno::exist : Errno::busy);

  if (from.directory.mount().is_read_only()) return err(Errno::rofs);
  RefOrNull<Dentry> source, target;  // released after the locks
  DirectoriesHeld held{from.directory.dentry(), to.directory.dentry()};
  source = TRY(find_entry(from.directory.dentry(), from.last));
  if (!source || source->is_negative()) return err(Errno::noent);
  target = TRY(find_entry(to.directory.dentry(), to.last));
  if (target && target->is_negative()) {
    DentryCache::remove(*target);
    target.reset();
  }
  if (flags.has(RENAME_NOREPLACE) && target) return err(Errno::exist);
  if (flags.has(RENAME_EXCHANGE) && !target) return err(Errno::noent);

  const Rename operation{context, from, to, flags, *source, target.get()};
  TRY(operation.check_shape());
  if (target && target->inode() == source->inode()) return {};
  TRY(operation.check_permission());
  return operation.exchanges() ? operation.swap_both() : operation.move_source();
}

}  // namespace k::fs

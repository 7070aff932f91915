#include "fs/vfs/ref_walk.h"

#include <linux/limits.h>

#include "fs/vfs/dentry_cache.h"
#include "fs/vfs/directory_node.h"

namespace k::fs {
namespace {

RefOrNull<Dentry> find_cached(const Dentry& directory, const Name& name) {
  sync::rcu::ReadGuard guard;
  Dentry* const dentry = DentryCache::find(directory, name);
  return dentry != nullptr && dentry->try_ref() ? RefOrNull<Dentry>::adopt(dentry) : nullptr;
}

/// Enters what the file system answered.
Result<RefOrNull<Dentry>> enter(Dentry& directory, const Name& name, LookupResult found) {
  if (!found.inode && found.cache == Cache::no) return RefOrNull<Dentry>{};
  auto dentry = TRY(Dentry::create(directory.superblock(), Ref<Dentry>::share(directory), name));
  if (found.inode) dentry->bind(Ref<Inode>::adopt(*found.inode.leak()));
  if (found.cache == Cache::yes) DentryCache::insert(*dentry);
  return RefOrNull<Dentry>{std::move(dentry)};
}

/// Runs `find` on a place under RCU until the place it answers can be held.
template <class Find>
Result<PathRef> hold(Find find) {
  for (;;) {
    sync::rcu::ReadGuard guard;
    const PathView view = TRY(find());
    if (auto held = try_share(view)) return *std::move(held);
  }
}

}  // namespace

Result<RefOrNull<Dentry>> find_entry(Dentry& directory, const Name& name) {
  if (auto cached = find_cached(directory, name)) return cached;
  if (directory.superblock().entries() == Entries::in_dentry_cache) return RefOrNull<Dentry>{};
  return enter(directory, name, TRY(directory.inode()->directory()->lookup(name.text)));
}

PathRef cross_mounts(PathRef path) {
  if (!path.dentry().is_mountpoint()) return path;
  auto top = hold([&] { return cross_down(path.view(), 0); });
  return *std::move(top);
}

Result<Inode*> RefWalk::child(const Name& name, unsigned resolve) {
  RefOrNull<Dentry> dentry = find_cached(at_.dentry(), name);
  if (!dentry) {
    sync::LockHeld held{inode().directory()->entries_lock()};
    dentry = TRY(find_entry(at_.dentry(), name));
  }
  if (!dentry || dentry->is_negative()) return err(Errno::noent);
  PathRef found{Ref<Mount>::share(at_.mount()), Ref<Dentry>::adopt(*dentry.leak())};
  next_ = found.dentry().is_mountpoint() ? TRY(hold([&] { return cross_down(found.view(), resolve); })) : found;
  return &next_->inode();
}

Result<void> RefWalk::up(unsigned resolve) {
  at_ = TRY(hold([&] { return step_up(at_.view(), root_.view(), resolve); }));
  return {};
}

Result<void> RefWalk::go_to_root(unsigned resolve) {
  if ((resolve & RESOLVE_NO_XDEV) != 0 && &at_.mount() != &root_.mount()) return err(Errno::xdev);
  at_ = root_;
  return {};
}

Result<std::string_view> RefWalk::target(Inode& link, Holder& holder) {
  if (const std::string_view text = link.symlink()->resident_target(); !text.empty()) {
    holder.inode = RefOrNull<Inode>::share(&link);
    return text;
  }
  holder.copy.reset(new (std::nothrow) char[PATH_MAX]);
  if (!holder.copy) return err(Errno::nomem);
  const std::size_t length = TRY(link.symlink()->read({holder.copy.get(), PATH_MAX}, context_));
  return std::string_view{holder.copy.get(), length};
}

Result<void> RefWalk::jump(SymlinkNode& link) {
  at_ = TRY(link.jump(context_));
  next_.reset();
  return {};
}

}  // namespace k::fs

#include "fs/vfs/mount_table.h"

#include "kernel/sync/guarded.h"

namespace k::fs {
namespace {

constexpr std::size_t kBuckets = 64;
constinit std::atomic<Mount*> buckets[kBuckets];
constinit Mount* root_mount = nullptr;  // set once at boot

std::atomic<Mount*>& bucket_of(const Mount& parent, const Dentry& mountpoint) {
  const std::uint64_t key =
      reinterpret_cast<std::uintptr_t>(&parent) >> 6 ^ reinterpret_cast<std::uintptr_t>(&mountpoint) >> 6;
  return buckets[key * 0x9e37'79b9'7f4a'7c15 >> 58];
}

}  // namespace

struct MountTable::State {
  lib::List<Mount, &Mount::link_> mounts;
};

sync::Guarded<MountTable::State, sync::Rank::mount_table>& MountTable::state() {
  [[clang::no_destroy]] static sync::Guarded<State, sync::Rank::mount_table> instance;
  return instance;
}

Mount* MountTable::find(const Mount& parent, const Dentry& mountpoint) {
  for (Mount* m = bucket_of(parent, mountpoint).load(std::memory_order_acquire); m != nullptr;
       m = m->next_.load(std::memory_order_acquire)) {
    if (m->parent() == &parent && m->mountpoint() == &mountpoint) return m;
  }
  return nullptr;
}

void MountTable::set_root(Ref<Mount> mount) {
  root_mount = mount.leak();
  sync::Locked { state() } -> mounts.push_back(*root_mount);
}

Ref<Mount> MountTable::root() { return Ref<Mount>::share(*root_mount); }

void MountTable::link(Mount& mount, Mount& parent, Dentry& mountpoint) {
  mount.parent_.store(Ref<Mount>::share(parent).leak(), std::memory_order_relaxed);
  mount.mountpoint_.store(Ref<Dentry>::share(mountpoint).leak(), std::memory_order_relaxed);
  ++parent.children_;
  auto& bucket = bucket_of(parent, mountpoint);
  mount.next_.store(bucket.load(std::memory_order_relaxed), std::memory_order_relaxed);
  bucket.store(&mount, std::memory_order_release);
  mountpoint.add_mount();
}

void MountTable::unlink(Mount& mount) {
  Mount* const parent = mount.parent();
  Dentry* const mountpoint = mount.mountpoint();
  mountpoint->drop_mount();
  std::atomic<Mount*>* from = &bucket_of(*parent, *mountpoint);
  while (from->load(std::memory_order_relaxed) != &mount) from = &from->load(std::memory_order_relaxed)->next_;
  from->store(mount.next_.load(std::memory_order_relaxed), std::memory_order_release);
  --parent->children_;
  mount.parent_.store(nullptr, std::memory_order_release);
  mount.mountpoint_.store(nullptr, std::memory_order_release);
  lib::release(parent);
  lib::release(mountpoint);
}

Result<void> MountTable::attach(Ref<Mount> mount, const PathRef& at) {
  sync::Locked table{state()};
  if (!at.dentry().is_hashed() && !at.dentry().is_root()) return err(Errno::noent);
  const bool directory = at.inode().is(FileType::directory);
  if (directory != mount->root().inode()->is(FileType::directory)) return err(Errno::notdir);
  if (&at.dentry() == &at.mount().root() && &at.mount().superblock() == &mount->superblock() &&
      &at.mount().root() == &mount->root())
    return err(Errno::busy);
  link(*mount, at.mount(), at.dentry());
  table->mounts.push_back(*mount.leak());
  return {};
}

/// The mounts below `top` that nothing is mounted on go first.
void MountTable::detach_tree(Mount& top) {
  Mount* mount = &top;
  for (;;) {
    while (mount->children_ != 0) mount = any_child(*mount);
    Mount* const parent = mount->parent();
    unlink(*mount);
    state().unguarded().mounts.erase(state().unguarded().mounts.iterator_to(*mount));
    const bool done = mount == &top;
    lib::release(mount);
    if (done) return;
    mount = parent;
  }
}

Mount* MountTable::any_child(const Mount& parent) {
  for (Mount& mount : state().unguarded().mounts) {
    if (mount.parent() == &parent) return &mount;
  }
  return nullptr;
}

Result<void> MountTable::remove(Mount& mount, Unmount how) {
  sync::Locked table{state()};
  if (mount.parent() == nullptr) return err(Errno::inval);
  constexpr std::uint32_t kTableAndCaller = 2;
  if (how == Unmount::if_unused && (mount.children_ != 0 || mount.ref_count() > kTableAndCaller))
    return err(Errno::busy);
  detach_tree(mount);
  return {};
}

Result<void> MountTable::move(Mount& mount, const PathRef& to) {
  sync::Locked table{state()};
  if (mount.parent() == nullptr) return err(Errno::inval);
  for (const Mount* up = &to.mount(); up != nullptr; up = up->parent()) {
    if (up == &mount) return err(Errno::loop);
  }
  if (!to.dentry().is_hashed() && !to.dentry().is_root()) return err(Errno::noent);
  if (to.inode().is(FileType::directory) != mount.root().inode()->is(FileType::directory)) return err(Errno::notdir);
  unlink(mount);
  link(mount, to.mount(), to.dentry());
  return {};
}

/// By id, so that a mount that came or went in between does no harm.
RefOrNull<Mount> MountTable::next(const RefOrNull<Mount>& previous) {
  const int after = previous ? previous->id() : 0;
  sync::Locked table{state()};
  Mount* found = nullptr;
  for (Mount& mount : table->mounts) {
    if (mount.id() > after && (found == nullptr || mount.id() < found->id())) found = &mount;
  }
  return RefOrNull<Mount>::share(found);
}

}  // namespace k::fs

// A pair's entry: coming, going, and being opened past the directories.
#include "fs/devpts/inodes.h"
#include "fs/vfs/dentry_cache.h"
#include "fs/vfs/ref_walk.h"
#include "kernel/lib/format.h"

namespace k::fs {

using sync::Locked;

namespace {

struct EntryName {
  explicit EntryName(unsigned index) : length(lib::format_to(text, "{}", index)) {}
  std::string_view view() const { return {text, length}; }
  char text[16];
  std::size_t length;
};

RefOrNull<Dentry> cached(const Dentry& directory, std::string_view name) {
  sync::rcu::ReadGuard guard;
  Dentry* const found = DentryCache::find(directory, Name::of(name));
  return found != nullptr && found->try_ref() ? RefOrNull<Dentry>::adopt(found) : nullptr;
}

}  // namespace

DeviceNumber DevptsEntry::device() const { return {kSlaveMajor, index()}; }

Result<void> DevptsEntry::publish(Ref<PtySlave> slave, const Credentials& opener) {
  const DevptsOptions options = instance_->options();
  const InodeOwner owner{options.uid.value_or(opener.fsuid), options.gid.value_or(opener.fsgid)};
  auto made = TRY(
      make_ref<DevptsSlave>(*instance_, kDevptsFirstSlave + index(), options.mode, owner, device(), std::move(slave)));
  {
    Locked state{instance_->state_};
    Node::inode = std::move(made);
  }
  forget_name();
  return {};
}

/// Takes what a look-up remembered of the name out of the cache: that it stands for this inode, or for nothing.
void DevptsEntry::forget_name() {
  Dentry& root = instance_->root();
  const EntryName name{index()};
  sync::LockHeld held{root.inode()->directory()->entries_lock()};
  if (const auto entry = cached(root, name.view())) DentryCache::remove(*entry);
}

/// The inode first: once it is gone no look-up enters the name again, and then what one entered before is taken out.
void DevptsEntry::remove() {
  RefOrNull<Inode> gone;
  {
    Locked state{instance_->state_};
    gone = std::move(Node::inode);
  }
  if (!gone) return;
  gone->drop_link();
  forget_name();
}

Result<Ref<File>> DevptsEntry::open_slave(const File& master, lib::Flags flags) {
  const PathRef root = TRY(find_devpts(PathRef::share(master.path())));
  if (&root.dentry() != &instance_->root()) return err(Errno::nodev);
  const EntryName name{index()};
  RefOrNull<Dentry> found;
  {
    sync::LockHeld held{root.inode().directory()->entries_lock()};
    found = TRY(find_entry(root.dentry(), Name::of(name.view())));
  }
  if (!found || found->is_negative()) return err(Errno::io);
  const PathRef place{Ref<Mount>::share(root.mount()), Ref<Dentry>::adopt(*found.leak())};
  const auto kernel = TRY(Credentials::create_root());
  return place.inode().open(OpenRequest{place, flags, *kernel});
}

}  // namespace k::fs

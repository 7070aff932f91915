#include "fs/devpts/devpts.h"

#include <linux/magic.h>

#include "fs/devpts/inodes.h"
#include "fs/vfs/char_device.h"
#include "fs/vfs/ref_walk.h"

namespace k::fs {
namespace {

RefOrNull<Dentry> parent_of(const Dentry& dentry) {
  sync::rcu::ReadGuard guard;
  Dentry* const parent = dentry.parent();
  return parent->try_ref() ? RefOrNull<Dentry>::adopt(parent) : nullptr;
}

/// `ptmx` in the directory that it is seen in: a node may have been mounted over another.
Result<PathRef> seen_place(PathRef ptmx) {
  while (&ptmx.mount().root() == &ptmx.dentry()) {
    sync::rcu::ReadGuard guard;
    const PathView below{ptmx.mount().parent(), ptmx.mount().mountpoint()};
    if (below.mount == nullptr || below.dentry == nullptr) return err(Errno::noent);
    auto held = try_share(below);
    if (!held) return err(Errno::noent);
    ptmx = *std::move(held);
  }
  return ptmx;
}

/// open of ptmx: a new pair, and its master.
Result<Ref<File>> open_ptmx(const OpenRequest& request) {
  const PathRef root = TRY(find_devpts(request.path));
  auto entry = TRY(static_cast<Devpts&>(root.mount().superblock()).reserve());
  PtyPair pair = TRY(make_pty(request, entry));
  TRY(entry->publish(std::move(pair.slave), request.credentials));
  return std::move(pair.master);
}

/// A node of a slave's number that is not in devpts leads nowhere.
Result<Ref<File>> open_stray(const OpenRequest&) { return err(Errno::io); }

constinit FilesystemType devpts{"devpts", &Devpts::mount};

}  // namespace

Result<PathRef> find_devpts(const PathRef& ptmx) {
  if (Superblock& own = ptmx.mount().superblock(); own.magic() == DEVPTS_SUPER_MAGIC)
    return PathRef{Ref<Mount>::share(ptmx.mount()), Ref<Dentry>::share(own.root())};
  const PathRef place = TRY(seen_place(ptmx));
  const RefOrNull<Dentry> directory = parent_of(place.dentry());
  if (!directory) return err(Errno::noent);
  RefOrNull<Dentry> pts;
  {
    sync::LockHeld held{directory->inode()->directory()->entries_lock()};
    pts = TRY(find_entry(*directory, Name::of("pts")));
  }
  if (!pts || pts->is_negative()) return err(Errno::noent);
  PathRef found = cross_mounts({Ref<Mount>::share(place.mount()), Ref<Dentry>::adopt(*pts.leak())});
  const Superblock& there = found.mount().superblock();
  if (there.magic() != DEVPTS_SUPER_MAGIC || &found.dentry() != &there.root()) return err(Errno::nodev);
  return found;
}

Result<void> register_devpts() {
  FilesystemType::add(devpts);
  TRY(register_char_device(kSlaveMajor, kAnyMinor, {}, 0, open_stray));
  return register_char_device(kPtmxDevice.major, kPtmxDevice.minor, "ptmx", 0666, open_ptmx);
}

}  // namespace k::fs

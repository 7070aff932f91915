#include "fs/vfs/op_mount.h"

#include <linux/mount.h>

namespace k::fs {
namespace {

constexpr unsigned kMagic = 0xC0ED0000, kMagicMask = 0xffff0000;  // MS_MGC_VAL of old programs: means nothing
constexpr unsigned kOfMount =
    MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME;
constexpr unsigned kAtime = MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME;
constexpr unsigned kPropagation = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE;

/// relatime unless something else is asked for; a remount without any of them keeps what was.
unsigned mount_flags(unsigned flags, unsigned before) {
  unsigned result = flags & kOfMount;
  if ((flags & MS_REMOUNT) != 0 && (flags & kAtime) == 0) return result | (before & kAtime);
  if ((flags & (MS_NOATIME | MS_STRICTATIME)) == 0) result |= MS_RELATIME;
  if ((flags & MS_STRICTATIME) != 0) result &= ~static_cast<unsigned>(MS_RELATIME | MS_NOATIME);
  return result;
}

Result<void> mount_new(const PathRef& at, const MountCall& call) {
  if (!call.has_type) return err(Errno::inval);
  const FilesystemType* type = FilesystemType::find(call.type);
  if (type == nullptr) return err(Errno::nodev);
  auto superblock = TRY(type->mount({call.source, call.options, (call.flags & MS_RDONLY) != 0}));
  auto root = Ref<Dentry>::share(superblock->root());
  const std::string_view source = call.source.empty() ? std::string_view{"none"} : call.source;
  return MountTable::attach(
      TRY(Mount::create(std::move(superblock), std::move(root), source, mount_flags(call.flags, 0))), at);
}

/// MS_BIND|MS_REMOUNT changes the mount alone, MS_REMOUNT its file system too.
Result<void> remount(const PathRef& at, const MountCall& call) {
  Mount& mount = at.mount();
  if (&at.dentry() != &mount.root()) return err(Errno::inval);
  const bool read_only = (call.flags & MS_RDONLY) != 0;
  if (read_only && !mount.is_read_only() && mount.writers() > 0) return err(Errno::busy);
  if ((call.flags & MS_BIND) == 0) {
    TRY(mount.superblock().remount(call.options));
    mount.superblock().set_read_only(read_only);
  }
  mount.set_flags(mount_flags(call.flags, mount.flags()));
  return {};
}

Result<Ref<Mount>> clone_of(const Mount& original, Dentry& root) {
  return Mount::create(Ref<Superblock>::share(original.superblock()), Ref<Dentry>::share(root), original.source(),
                       original.flags());
}

bool is_at_or_below(const Dentry& entry, const Dentry& top) {
  sync::rcu::ReadGuard guard;
  for (const Dentry* d = &entry;; d = d->parent()) {
    if (d == &top) return true;
    if (d->is_root()) return false;
  }
}

/// Clones what is mounted below `original` within `top`, mount by mount, under the clone.
Result<void> clone_children(const Mount& original, const Dentry& top, const Ref<Mount>& clone, unsigned depth) {
  constexpr unsigned kMaxDepth = 32;
  if (depth == kMaxDepth) return err(Errno::loop);
  for (auto child = MountTable::next(nullptr); child; child = MountTable::next(child)) {
    if (child->parent() != &original || child->id() > clone->id()) continue;
    Dentry* const place = child->mountpoint();
    if (place == nullptr || !is_at_or_below(*place, top)) continue;
    auto copy = TRY(clone_of(*child, child->root()));
    TRY(MountTable::attach(copy, PathRef{clone, Ref<Dentry>::share(*place)}));
    TRY(clone_children(*child, child->root(), copy, depth + 1));
  }
  return {};
}

Result<void> bind(const LookupContext& context, const PathRef& at, const MountCall& call) {
  if (call.source.empty()) return err(Errno::inval);
  const PathRef from = TRY(lookup(context, WalkBase::cwd(), call.source));
  auto clone = TRY(clone_of(from.mount(), from.dentry()));
  TRY(MountTable::attach(clone, at));
  return (call.flags & MS_REC) != 0 ? clone_children(from.mount(), from.dentry(), clone, 0) : Result<void>{};
}

Result<void> move(const LookupContext& context, const PathRef& at, const MountCall& call) {
  if (call.source.empty()) return err(Errno::inval);
  const PathRef from = TRY(lookup(context, WalkBase::cwd(), call.source));
  if (&from.dentry() != &from.mount().root()) return err(Errno::inval);
  return MountTable::move(from.mount(), at);
}

/// Every mount is private: asking for that changes nothing, asking for anything else is refused.
Result<void> set_propagation(const PathRef& at, unsigned flags) {
  if (&at.dentry() != &at.mount().root()) return err(Errno::inval);
  if ((flags & kPropagation) != MS_PRIVATE) return err(Errno::inval);
  return {};
}

}  // namespace

Result<void> mount(const LookupContext& context, const PathRef& at, const MountCall& given) {
  MountCall call = given;
  if ((call.flags & kMagicMask) == kMagic) call.flags &= ~kMagicMask;
  if ((call.flags & MS_REMOUNT) != 0) return remount(at, call);
  if ((call.flags & MS_BIND) != 0) return bind(context, at, call);
  if ((call.flags & kPropagation) != 0) return set_propagation(at, call.flags);
  if ((call.flags & MS_MOVE) != 0) return move(context, at, call);
  return mount_new(at, call);
}

Result<void> unmount(const LookupContext&, PathRef at, Unmount how) {
  if (&at.dentry() != &at.mount().root()) return err(Errno::inval);
  return MountTable::remove(at.mount(), how);
}

}  // namespace k::fs

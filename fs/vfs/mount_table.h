/// MountTable: the tree of mounts.
///
/// Invariants  a mount in the table has its parent in the table; (parent, mountpoint) finds at most one mount. Look-up is
///             lock-free under RCU. The table holds one reference to each of its mounts.
/// Lock order  Rank::mount_table for changes.
/// Context     find: RCU read section. Others: task context.
/// Errors      attach: NOENT (the place was removed), NOTDIR, BUSY (the same mounted there already); remove: BUSY, INVAL;
///             move: LOOP, INVAL. Source: mount(2), umount2(2).
#pragma once

#include "fs/vfs/path.h"
#include "kernel/sync/guarded.h"

namespace k::fs {

class MountTable {
 public:
  /// The mount on (parent, mountpoint), or null. No reference is taken.
  static Mount* find(const Mount& parent, const Dentry& mountpoint);

  static void set_root(Ref<Mount> mount);
  static Ref<Mount> root();
  /// `at` is the place as the walk found it, on top of everything mounted there.
  static Result<void> attach(Ref<Mount> mount, const PathRef& at);
  enum class Unmount : bool { if_unused, detach };
  /// The caller holds exactly one reference to `mount`.
  static Result<void> remove(Mount& mount, Unmount how);
  static Result<void> move(Mount& mount, const PathRef& to);
  /// In mount order, for /proc/mounts: null starts the walk and ends it.
  static RefOrNull<Mount> next(const RefOrNull<Mount>& previous);

 private:
  struct State;
  static sync::Guarded<State, sync::Rank::mount_table>& state();
  static Mount* any_child(const Mount& parent);
  static void link(Mount& mount, Mount& parent, Dentry& mountpoint);
  static void unlink(Mount& mount);
  static void detach_tree(Mount& top);
};

}  // namespace k::fs

/// PathRef: a place in the tree, mount and dentry, with references; PathView: the same borrowed.
/// Context: any; dropping the last reference needs task context.
#pragma once

#include "fs/vfs/mount.h"

namespace k::fs {

struct PathView {
  Mount* mount = nullptr;
  Dentry* dentry = nullptr;
  bool operator==(const PathView&) const = default;
};

class PathRef {
 public:
  PathRef(Ref<Mount> mount, Ref<Dentry> dentry) : mount_(std::move(mount)), dentry_(std::move(dentry)) {}
  static PathRef share(PathView view) { return {Ref<Mount>::share(*view.mount), Ref<Dentry>::share(*view.dentry)}; }

  Mount& mount() const { return *mount_; }
  Dentry& dentry() const { return *dentry_; }
  /// Only where the walk found an existing file.
  Inode& inode() const { return *dentry_->inode(); }
  PathView view() const { return {mount_.get(), dentry_.get()}; }
  bool operator==(const PathRef& o) const { return view() == o.view(); }

 private:
  Ref<Mount> mount_;
  Ref<Dentry> dentry_;
};

/// Writes the absolute path of `path` as seen from `root` into `out` and returns it. A removed file gets " (deleted)"; a place
/// that `root` does not reach starts with "(unreachable)". ERANGE when it does not fit. Source: getcwd(2), proc(5).
Result<std::string_view> print_path(PathView path, PathView root, std::span<char> out);

/// The same from the root of the file system that `entry` belongs to, whether or not a mount shows that root. A removed file gets
/// "//deleted". Source: proc_pid_mountinfo(5), field 4.
Result<std::string_view> print_path(const Dentry& entry, std::span<char> out);

}  // namespace k::fs

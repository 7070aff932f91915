/// The component loop of the path walk, a template over how places are held: borrowed under RCU or with references.
///
/// `Mode` has: Inode& inode(), Result<Inode*> child(name) and descend() to step into it, up(), go_to_root(),
/// Result<std::string_view> target(link, holder) and Result<void> jump(link); Mode::Holder keeps a link's text alive.
/// Invariants  see fs/vfs/path_walk.h. Internal to fs/vfs/path_walk*.cc.
#pragma once

#include <linux/openat2.h>

#include "fs/vfs/mount_table.h"
#include "fs/vfs/path_walk.h"
#include "fs/vfs/permission.h"
#include "fs/vfs/symlink_node.h"

namespace k::fs {

inline constexpr unsigned kMaxLinks = 40;
/// What the RCU walk answers when it cannot go on; never leaves fs/vfs/path_walk*.cc.
inline constexpr Errno kNeedsReferences{1000};

enum class Stop : bool { after_last, before_last };

template <class Mode>
class PathLoop {
 public:
  PathLoop(Mode& mode, const LookupContext& context, WalkPolicy policy, Stop stop)
      : mode_(mode), context_(context), policy_(policy), stop_(stop), links_(policy.links_followed) {}

  Result<void> run(std::string_view path) {
    cursor_ = PathCursor{path};
    if (path.starts_with('/')) TRY(start_at_root());
    for (;;) {
      if (const bool slashes = !cursor_.rest().empty(); cursor_.at_end()) {
        must_be_directory_ |= slashes;
        if (depth_ == 0) return finish();
        leave_link();
        continue;
      }
      TRY(may_search());
      const Name name = cursor_.next();
      if (name.text.size() > Name::kMaxLength) [[unlikely]]
        return err(Errno::nametoolong);
      if (stop_ == Stop::before_last && depth_ == 0 && cursor_.is_last()) return stop_before(name);
      must_be_directory_ = false;
      if (name.is_dot()) continue;
      if (name.is_dot_dot()) {
        TRY(mode_.up(policy_.resolve));
      } else {
        TRY(step(name));
      }
    }
  }

  LastKind kind() const { return kind_; }
  const Name& last() const { return last_; }
  bool wants_directory() const { return wants_directory_; }
  unsigned links() const { return links_; }

 private:
  /// No initialisers: forty frames would be cleared for each path, and hardly any has a link.
  struct Frame {
    const char* rest;
    std::size_t rest_length;
    [[no_unique_address]] typename Mode::Holder holder;
  };

  Result<void> start_at_root() {
    if ((policy_.resolve & RESOLVE_BENEATH) != 0) return err(Errno::xdev);
    return mode_.go_to_root(policy_.resolve);
  }
  Result<void> finish() {
    if (must_be_directory_ && !mode_.inode().is(FileType::directory)) return err(Errno::notdir);
    return {};
  }
  Result<void> stop_before(const Name& name) {
    last_ = name;
    wants_directory_ = cursor_.has_trailing_slash();
    kind_ = name.is_dot() ? LastKind::dot : name.is_dot_dot() ? LastKind::dot_dot : LastKind::normal;
    return {};
  }
  /// A directory that everyone may search, the common case, needs no look at the credentials.
  Result<void> may_search() const {
    const Inode& inode = mode_.inode();
    if ((inode.mode() & (S_IFMT | S_IXUGO)) == (S_IFDIR | S_IXUGO)) [[likely]]
      return {};
    if (!inode.is(FileType::directory)) return err(Errno::notdir);
    return may_access(inode, context_.credentials, Access::execute);
  }
  bool keeps_link() const { return policy_.last_symlink == LastSymlink::keep && depth_ == 0 && cursor_.rest().empty(); }
  Result<void> step(const Name& name) {
    Inode* const inode = TRY(mode_.child(name, policy_.resolve));
    if (inode->is(FileType::symlink) && !keeps_link()) [[unlikely]]
      return follow(*inode);
    mode_.descend();
    return {};
  }
  Result<void> follow(Inode& link) {
    if (++links_ > kMaxLinks || (policy_.resolve & RESOLVE_NO_SYMLINKS) != 0) return err(Errno::loop);
    SymlinkNode& node = *link.symlink();
    if (node.is_magic()) {
      if ((policy_.resolve & RESOLVE_NO_MAGICLINKS) != 0) return err(Errno::loop);
      if ((policy_.resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) != 0) return err(Errno::xdev);
      return mode_.jump(node);
    }
    Frame& frame = frames_[depth_];
    const std::string_view text = TRY(mode_.target(link, frame.holder));
    if (text.empty()) return err(Errno::noent);
    frame.rest = cursor_.rest().data();
    frame.rest_length = cursor_.rest().size();
    ++depth_;
    cursor_ = PathCursor{text};
    return text.starts_with('/') ? start_at_root() : Result<void>{};
  }
  void leave_link() {
    Frame& frame = frames_[--depth_];
    cursor_ = PathCursor{{frame.rest, frame.rest_length}};
    frame.holder = {};
  }

  Mode& mode_;
  const LookupContext& context_;
  const WalkPolicy policy_;
  const Stop stop_;
  LastKind kind_ = LastKind::root;
  bool wants_directory_ = false;
  bool must_be_directory_ = false;
  unsigned depth_ = 0;
  unsigned links_;
  PathCursor cursor_;
  Name last_;
  Frame frames_[kMaxLinks];
};

// -- Steps that both modes take; in an RCU read section.

/// The topmost mount on `at`. XDEV when that is another mount and `resolve` forbids it.
inline Result<PathView> cross_down(PathView at, unsigned resolve) {
  while (at.dentry->is_mountpoint()) [[unlikely]] {
    Mount* const mount = MountTable::find(*at.mount, *at.dentry);
    if (mount == nullptr) break;
    if ((resolve & RESOLVE_NO_XDEV) != 0) return err(Errno::xdev);
    at = {mount, &mount->root()};
  }
  return at;
}

/// What ".." means at `at`: the parent, through mounts, but not above `root`.
inline Result<PathView> step_up(PathView at, PathView root, unsigned resolve) {
  for (;;) {
    if (at == root) return (resolve & RESOLVE_BENEATH) != 0 ? Result<PathView>{err(Errno::xdev)} : Result<PathView>{at};
    if (at.dentry != &at.mount->root()) break;
    Mount* const parent = at.mount->parent();
    Dentry* const mountpoint = at.mount->mountpoint();
    if (parent == nullptr || mountpoint == nullptr) return at;
    if ((resolve & RESOLVE_NO_XDEV) != 0) return err(Errno::xdev);
    at = {parent, mountpoint};
  }
  at.dentry = at.dentry->parent();
  return cross_down(at, resolve);
}

}  // namespace k::fs

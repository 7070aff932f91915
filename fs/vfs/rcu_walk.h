/// RcuWalk: the mode of the path walk that borrows every place and writes nothing.
/// Internal to fs/vfs/path_walk.cc; everything in one RCU read section.
#pragma once

#include "fs/vfs/dentry_cache.h"
#include "fs/vfs/path_loop.h"

namespace k::fs {

class RcuWalk {
 public:
  struct Holder {};

  RcuWalk(const LookupContext& context, WalkBase base, unsigned resolve)
      : moves_(DentryCache::moves()),
        at_(base.is_cwd() ? context.fs.cwd() : base.place()),
        root_((resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) != 0 ? at_ : context.fs.root()) {}

  PathView at() const { return at_; }
  Inode& inode() const { return *at_.dentry->inode(); }

  Result<Inode*> child(const Name& name, unsigned resolve) {
    Dentry* const dentry = DentryCache::find(*at_.dentry, name);
    if (dentry == nullptr) return err(miss());
    next_ = {at_.mount, dentry};
    if (dentry->is_mountpoint()) [[unlikely]]
      next_ = TRY(cross_down(next_, resolve));
    Inode* const inode = next_.dentry->inode();
    if (inode == nullptr) return err(Errno::noent);
    return inode;
  }
  void descend() { at_ = next_; }

  Result<void> up(unsigned resolve) {
    at_ = TRY(step_up(at_, root_, resolve));
    return {};
  }
  Result<void> go_to_root(unsigned resolve) {
    if ((resolve & RESOLVE_NO_XDEV) != 0 && at_.mount != root_.mount) return err(Errno::xdev);
    at_ = root_;
    return {};
  }
  Result<std::string_view> target(Inode& link, Holder&) {
    const std::string_view text = link.symlink()->resident_target();
    if (text.empty()) return err(kNeedsReferences);
    return text;
  }
  Result<void> jump(SymlinkNode&) { return err(kNeedsReferences); }

 private:
  /// Where the cache is the directory, a miss is the answer, unless an entry was moving meanwhile.
  Errno miss() const {
    const bool complete = at_.dentry->superblock().entries() == Entries::in_dentry_cache;
    std::atomic_thread_fence(std::memory_order_acquire);
    return complete && (moves_ & 1) == 0 && DentryCache::moves() == moves_ ? Errno::noent : kNeedsReferences;
  }

  std::uint32_t moves_;
  PathView at_, root_, next_;
};

}  // namespace k::fs

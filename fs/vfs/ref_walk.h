/// RefWalk: the mode of the path walk that holds references and may sleep. Internal to fs/vfs/path_walk.cc.
#pragma once

#include "fs/vfs/path_loop.h"

namespace k::fs {

/// References to a place found under RCU; empty when it is just going away.
inline std::optional<PathRef> try_share(PathView view) {
  if (!view.mount->try_ref()) return std::nullopt;
  auto mount = Ref<Mount>::adopt(*view.mount);
  if (!view.dentry->try_ref()) return std::nullopt;
  return PathRef{std::move(mount), Ref<Dentry>::adopt(*view.dentry)};
}

class RefWalk {
 public:
  /// Keeps what a link's text lives in: the inode, or a copy.
  struct Holder {
    RefOrNull<Inode> inode;
    Box<char[]> copy;
  };

  RefWalk(const LookupContext& context, WalkBase base, unsigned resolve)
      : context_(context),
        at_(base.is_cwd() ? context.fs.cwd_ref() : PathRef::share(base.place())),
        root_((resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) != 0 ? at_ : context.fs.root_ref()) {}

  const PathRef& at() const { return at_; }
  Inode& inode() const { return at_.inode(); }
  Result<Inode*> child(const Name& name, unsigned resolve);
  void descend() { at_ = *std::exchange(next_, std::nullopt); }
  Result<void> up(unsigned resolve);
  Result<void> go_to_root(unsigned resolve);
  Result<std::string_view> target(Inode& link, Holder& holder);
  Result<void> jump(SymlinkNode& link);

 private:
  const LookupContext& context_;
  PathRef at_, root_;
  std::optional<PathRef> next_;
};

}  // namespace k::fs

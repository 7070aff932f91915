/// FsContext: the root directory, working directory and umask that tasks share (CLONE_FS).
///
/// Invariants  each place is an immutable record swapped whole, so a path walk reads (mount, dentry) as a pair without a lock.
/// Lock order  none: a change is one exchange of the record.
/// Context     task context; root(), cwd(): RCU read section.
/// Errors      create, copy, set_*: NOMEM.
/// Source      chdir(2), chroot(2), umask(2), clone(2).
#pragma once

#include <atomic>
#include <cstdint>

#include "fs/vfs/path.h"

namespace k::fs {

class FsContext : public lib::RefCounted {
 public:
  static Result<Ref<FsContext>> create(const PathRef& root);
  ~FsContext();
  Result<Ref<FsContext>> copy() const;

  PathView root() const { return root_.load(std::memory_order_acquire)->view; }
  PathView cwd() const { return cwd_.load(std::memory_order_acquire)->view; }
  PathRef root_ref() const;
  PathRef cwd_ref() const;
  Result<void> set_root(const PathRef& path);
  Result<void> set_cwd(const PathRef& path);

  std::uint32_t umask() const { return umask_.load(std::memory_order_relaxed); }
  /// Returns the former one.
  std::uint32_t set_umask(std::uint32_t mask) { return umask_.exchange(mask & 0777, std::memory_order_relaxed); }

 private:
  /// Holds references until it is replaced; its memory stays readable for a grace period more.
  struct Place : sync::rcu::Head {
    explicit Place(const PathRef& p) : view(p.view()) {
      view.mount->ref();
      view.dentry->ref();
    }
    void drop() const;
    PathView view;
  };
  FsContext(Place* root, Place* cwd, std::uint32_t mask) : root_(root), cwd_(cwd), umask_(mask) {}
  static PathRef share(const std::atomic<Place*>& slot);
  static Result<void> replace(std::atomic<Place*>& slot, const PathRef& path);

  std::atomic<Place*> root_, cwd_;
  std::atomic<std::uint32_t> umask_;
};

/// Whose view of the tree, with whose rights, a path is looked up.
struct LookupContext {
  const FsContext& fs;
  const Credentials& credentials;
};

}  // namespace k::fs

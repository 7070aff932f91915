/// Mount: a file system's place in the tree.
///
/// Invariants  a mount holds its superblock, its root and, while it is in the mount table, its parent and its mountpoint. Its
///             memory goes back a grace period after the last reference.
/// Context     task context; readers any.
/// Errors      create: NOMEM.
/// Source      mount(2), mount_namespaces(7).
#pragma once

#include <atomic>
#include <cstdint>

#include "fs/vfs/superblock.h"
#include "kernel/lib/list.h"

namespace k::fs {

class PathRef;

class Mount final : public lib::RefCounted, private sync::rcu::Head {
 public:
  static Result<Ref<Mount>> create(Ref<Superblock> superblock, Ref<Dentry> root, std::string_view source,
                                   unsigned flags);

  Superblock& superblock() const { return *superblock_; }
  Dentry& root() const { return *root_; }
  Mount* parent() const {
    return parent_.load(std::memory_order_acquire);
  }  // null for the root mount and detached ones
  Dentry* mountpoint() const { return mountpoint_.load(std::memory_order_acquire); }
  int id() const { return id_; }
  std::string_view source() const;
  /// MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOATIME, MS_NODIRATIME, MS_RELATIME, MS_STRICTATIME of this mount.
  unsigned flags() const { return flags_.load(std::memory_order_relaxed); }
  bool has(unsigned flag) const { return (flags() & flag) != 0; }
  void set_flags(unsigned flags) { flags_.store(flags, std::memory_order_relaxed); }
  bool is_read_only() const;
  /// Files open for writing; a remount to read-only asks.
  void add_writer() { writers_.fetch_add(1, std::memory_order_relaxed); }
  void drop_writer() { writers_.fetch_sub(1, std::memory_order_relaxed); }
  int writers() const { return writers_.load(std::memory_order_relaxed); }

  void on_last_ref();

 private:
  friend class MountTable;
  static constexpr std::size_t kSourceMax = 64;
  Mount(Ref<Superblock> superblock, Ref<Dentry> root, unsigned flags);
  static void free_after_grace(sync::rcu::Head* head);

  Ref<Superblock> superblock_;
  Ref<Dentry> root_;
  std::atomic<Mount*> parent_{nullptr};       // counted
  std::atomic<Dentry*> mountpoint_{nullptr};  // counted
  std::atomic<Mount*> next_{nullptr};         // in the bucket
  std::atomic<unsigned> flags_;
  std::atomic<int> writers_{0};
  int id_;
  unsigned children_ = 0;  // under Rank::mount_table
  char source_[kSourceMax] = {};
  lib::ListNode link_;  // in mount order
};

}  // namespace k::fs

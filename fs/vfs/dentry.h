/// Dentry: a name in a directory, bound to an inode or known to be absent (negative).
///
/// Invariants  a hashed dentry is reachable by (parent, name), and the cache holds one reference to it. A dentry
///             holds its parent and its inode. Name records are immutable: rename swaps the record, so a lock-free
///             reader that sees the same record before and after it compared the parent saw a pair that existed.
///             Memory goes back one RCU grace period after the last reference.
/// Lock order  (parent, name, inode) of an entry change under the directory's entries_lock(), then the bucket's
///             Rank::dentry spin lock.
/// Context     task context; readers any.
/// Errors      create: NOMEM.
#pragma once

#include <atomic>
#include <cstdint>

#include "fs/vfs/inode.h"
#include "fs/vfs/name.h"
#include "kernel/lib/list.h"
#include "kernel/sync/rcu.h"
#include "mm/phys/slab.h"

namespace k::fs {

class Superblock;

class Dentry final : public lib::RefCounted, public mm::SlabAllocated<Dentry>, private sync::rcu::Head {
 public:
  /// A negative, unhashed dentry. `parent` may be null for the root of a file system only.
  static Result<Ref<Dentry>> create(Superblock& superblock, RefOrNull<Dentry> parent, const Name& name);
  static Result<Ref<Dentry>> create_root(Superblock& superblock, Ref<Inode> inode);

  Superblock& superblock() const { return *superblock_; }
  /// Null while negative. Stays the same object from binding on, also after unlink.
  Inode* inode() const { return inode_.load(std::memory_order_acquire); }
  bool is_negative() const { return inode() == nullptr; }
  /// The root of a file system is its own parent.
  Dentry* parent() const { return parent_.load(std::memory_order_acquire); }
  bool is_root() const { return parent() == this; }
  /// Stable under the parent's entries lock; valid in an RCU read section, where a rename may make it empty for a moment.
  std::string_view name() const;
  std::uint64_t position() const { return position_; }

  bool is_hashed() const { return has(kHashed); }
  /// Something is mounted here, in some mount of the file system.
  bool is_mountpoint() const { return mounts_.load(std::memory_order_acquire) != 0; }
  void add_mount() { mounts_.fetch_add(1, std::memory_order_release); }
  void drop_mount() { mounts_.fetch_sub(1, std::memory_order_release); }

  /// Makes a negative dentry positive; takes the reference over.
  void bind(Ref<Inode> inode);

  void on_last_ref();

  /// The link of the one list that owns this entry: its directory's children in a file system that lives in the dentry
  /// cache, else the superblock's list of cached entries. The owner of that list also sets `position`.
  lib::ListNode link;
  void set_position(std::uint64_t position) { position_ = position; }

 private:
  friend class DentryCache;
  static constexpr std::uint8_t kHashed = 1;
  static constexpr std::size_t kInlineLength = 32;

  struct NameRecord : sync::rcu::Head {
    std::uint32_t hash = 0;
    std::uint32_t length = 0;
    char* text() { return reinterpret_cast<char*>(this + 1); }
    const char* text() const { return reinterpret_cast<const char*>(this + 1); }
    /// Null when memory is exhausted.
    static NameRecord* create(const Name& name);
    void fill(const Name& name);
  };

  explicit Dentry(Superblock& superblock);
  ~Dentry();
  bool has(std::uint8_t flag) const { return (flags_.load(std::memory_order_relaxed) & flag) != 0; }
  NameRecord* inline_record() { return reinterpret_cast<NameRecord*>(inline_name_); }
  /// The former record, unless it is part of this object, goes back after a grace period.
  void set_record(NameRecord* record);
  static NameRecord* no_name();
  static void free_after_grace(sync::rcu::Head* head);

  std::atomic<Dentry*> next_{nullptr};  // in the bucket
  std::atomic<NameRecord*> record_{nullptr};
  std::atomic<Dentry*> parent_{nullptr};
  std::atomic<Inode*> inode_{nullptr};
  Superblock* superblock_;
  std::uint64_t position_ = 0;
  std::atomic<std::uint32_t> mounts_{0};
  std::atomic<std::uint8_t> flags_{0};
  alignas(8) char inline_name_[sizeof(NameRecord) + kInlineLength];
};

}  // namespace k::fs

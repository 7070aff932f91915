/// DirectoryNode: what a directory inode can do. A file system implements it; fs/vfs calls it with everything checked.
///
/// Invariants  fs/vfs holds entries_lock() around every call but read(); names are never ".", ".." or too long; the
///             caller has checked permission, existence and types, and moves dentries itself after success.
/// Lock order  Rank::inode_dir: parent before child, unrelated ones by address, under Rank::fs_rename.
/// Context     task context, may sleep.
/// Errors      NOSPC, NOMEM, IO, MLINK, PERM (operation not supported by this file system, as Linux answers), ROFS.
#pragma once

#include <cstdint>
#include <string_view>

#include "fs/vfs/inode.h"
#include "kernel/sync/mutex.h"

namespace k::fs {

class Dentry;
class DirectorySink;

/// Whether a looked-up name may stay in the dentry cache (procfs says no for what comes and goes by itself).
enum class Cache : bool { no, yes };

struct LookupResult {
  RefOrNull<Inode> inode;  // null: no such entry
  Cache cache = Cache::yes;
};

/// What mkdir, mknod, open(O_CREAT), symlink and bind(AF_UNIX) make.
struct NewNode {
  std::uint32_t mode = 0;  // type and permissions, umask applied
  InodeOwner owner;
  DeviceNumber special;
  std::string_view symlink_target;
};

constexpr bool is_device(std::uint32_t mode) { return (mode & S_IFMT) == S_IFCHR || (mode & S_IFMT) == S_IFBLK; }

class DirectoryNode {
 public:
  using EntriesLock = sync::Mutex<sync::Rank::inode_dir>;

  EntriesLock& entries_lock() { return entries_lock_; }

  virtual Result<LookupResult> lookup(std::string_view name) = 0;
  /// Makes an inode and enters it as `dentry`, which is negative, in the cache, and becomes positive by the caller.
  virtual Result<Ref<Inode>> create(Dentry& dentry, const NewNode& node);
  /// An inode without a name (O_TMPFILE): links() is 0.
  virtual Result<Ref<Inode>> create_unnamed(const NewNode& node);
  virtual Result<void> link(Dentry& dentry, Inode& target);
  virtual Result<void> unlink(Dentry& dentry);
  /// Where none can go, a full one is refused like any other.
  virtual bool removes_directories() const { return false; }
  virtual Result<void> remove_directory(Dentry& dentry);
  /// Moves `from` (an entry here) to `name` in `to_directory`, in place of `replaced` when that is not null.
  virtual Result<void> rename(Dentry& from, Inode& to_directory, std::string_view name, Dentry* replaced);
  virtual Result<void> exchange(Dentry& mine, Inode& other_directory, Dentry& theirs);
  virtual bool is_empty() = 0;
  /// Gives entries from `position` on until the sink is full; "." and ".." are given by the caller (positions 0 and 1).
  /// `directory` is this directory's dentry.
  virtual Result<void> read(Dentry& directory, std::uint64_t position, DirectorySink& sink) = 0;

 protected:
  DirectoryNode() = default;
  ~DirectoryNode() = default;

 private:
  EntriesLock entries_lock_;
};

/// Takes directory entries, one after another. `next` is the position from which the entry after this one is read.
class DirectorySink {
 public:
  /// False when there is no room: the reader stops, and this entry is not taken.
  virtual bool add(std::string_view name, std::uint64_t inode_number, FileType type, std::uint64_t next) = 0;

 protected:
  ~DirectorySink() = default;
};

}  // namespace k::fs

/// Superblock: one mounted file system instance; FilesystemType: what mount(2) finds by name.
///
/// Invariants  every inode and dentry of the instance is gone before it. root() is set once, before it is published.
///             With Entries::in_dentry_cache the dentry cache *is* the directory: a miss means "no such file".
/// Lock order  rename_lock() (Rank::fs_rename) is the outermost lock of the file system.
/// Errors      as mount(2), statfs(2) say.
#pragma once

#include <cstdint>
#include <string_view>

#include "fs/vfs/dentry.h"
#include "kernel/lib/flags.h"
#include "kernel/sync/mutex.h"

namespace k::fs {

class FilesystemType;
struct LookupContext;

struct Statistics {
  std::uint64_t blocks = 0, blocks_free = 0, blocks_available = 0, files = 0, files_free = 0;
  std::uint64_t magic = 0;
  std::uint32_t block_size = 4096;
  DeviceNumber device;
};

enum class Entries : bool { in_dentry_cache, in_file_system };

/// Collects "key=value" mount options for /proc/mounts.
class OptionSink {
 public:
  virtual void add(std::string_view option) = 0;
  void add(std::string_view key, std::uint64_t value) { add(key, value, {}); }
  virtual void add(std::string_view key, std::uint64_t value, std::string_view unit) = 0;

 protected:
  ~OptionSink() = default;
};

class Superblock : public lib::RefCounted {
 public:
  virtual ~Superblock();

  const FilesystemType& type() const { return *type_; }
  DeviceNumber device() const { return device_; }
  /// Entries that are there although no look-up leaves them in a cache, as those of processes.
  virtual bool has_uncached_entries() const { return false; }
  std::uint64_t magic() const { return magic_; }
  Entries entries() const { return entries_; }
  Dentry& root() const { return *root_; }
  bool has_root() const { return static_cast<bool>(root_); }
  std::uint32_t block_size() const { return kPageSize; }
  std::uint64_t next_inode_number() { return next_inode_.fetch_add(1, std::memory_order_relaxed); }
  sync::Mutex<sync::Rank::fs_rename>& rename_lock() { return rename_lock_; }
  bool is_read_only() const { return read_only_.load(std::memory_order_relaxed); }
  /// Mounted for the kernel's own use: its files show as if it were at the root.
  bool is_internal() const { return internal_; }
  void set_internal() { internal_ = true; }
  void set_read_only(bool on) { read_only_.store(on, std::memory_order_relaxed); }

  virtual Result<Statistics> statistics();
  virtual Result<void> sync() { return {}; }
  virtual Result<void> remount(std::string_view options);
  virtual void show_options(OptionSink&) const {}

 protected:
  Superblock(const FilesystemType& type, std::uint64_t magic, Entries entries);
  Result<void> set_root(Ref<Inode> inode);
  /// Drops the root and, of a file system with entries of its own, every cached entry; the derived destructor calls it while its inodes
  /// still work.
  void drop_entries();

 private:
  RefOrNull<Dentry> any_leaf();

  const FilesystemType* type_;
  std::uint64_t magic_;
  DeviceNumber device_;
  Entries entries_;
  std::atomic<bool> read_only_{false};
  bool internal_ = false;
  std::atomic<std::uint64_t> next_inode_{1};
  RefOrNull<Dentry> root_;
  friend class DentryCache;
  using EntryList = lib::List<Dentry, &Dentry::link>;
  sync::SpinGuarded<EntryList, sync::Rank::dentry> cached_;  // with Entries::in_file_system
  sync::Mutex<sync::Rank::fs_rename> rename_lock_;
};

struct MountRequest {
  std::string_view source, options;
  bool read_only = false;
};

class FilesystemType {
 public:
  using MountFunction = Result<Ref<Superblock>> (*)(const FilesystemType&, const MountRequest&);
  constexpr FilesystemType(std::string_view name, MountFunction mount, bool needs_device = false)
      : name_(name), mount_(mount), needs_device_(needs_device) {}

  std::string_view name() const { return name_; }
  bool needs_device() const { return needs_device_; }
  Result<Ref<Superblock>> mount(const MountRequest& request) const { return mount_(*this, request); }

  static void add(FilesystemType& type);
  static const FilesystemType* find(std::string_view name);
  /// For /proc/filesystems: null starts the walk and ends it.
  static const FilesystemType* next(const FilesystemType* previous);

 private:
  std::string_view name_;
  MountFunction mount_;
  bool needs_device_;
  FilesystemType* next_ = nullptr;
};

}  // namespace k::fs

/// Inode: a file's identity and attributes; what its type can do is one interface per type.
///
/// Invariants  the type never changes. Exactly one of directory(), regular(), symlink() is non-null for those types.
///             Attributes are atomics: read without a lock, so a reader may see the halves of a chown. An inode's memory goes
///             back one RCU grace period after its last reference, so a path walk may look at it without one.
/// Lock order  Rank::inode (attachments); the type interfaces hold the sleeping locks.
/// Context     task context; readers of attributes any.
/// Errors      as each operation's man page.
/// Source      inode(7).
#pragma once

#include <atomic>
#include <cstdint>

#include "fs/vfs/attributes.h"
#include "kernel/abi/stat.h"
#include "kernel/lib/ref.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/spin/guarded.h"

namespace k::fs {

class DirectoryNode;
class File;
class FileLeases;
class FileLocks;
class InodeMarks;
class RegularNode;
class Superblock;
class SymlinkNode;
struct OpenRequest;

enum class FileType : std::uint32_t {
  fifo = S_IFIFO,
  character = S_IFCHR,
  directory = S_IFDIR,
  block = S_IFBLK,
  regular = S_IFREG,
  symlink = S_IFLNK,
  socket = S_IFSOCK,
};

/// What ipc or net hangs on a FIFO's or socket's inode: it lives as long as somebody uses it.
class InodeAttachment : public lib::RefCounted {
 public:
  virtual ~InodeAttachment() = default;
};

struct InodeOwner {
  Uid uid = 0;
  Gid gid = 0;
};

class Inode : public lib::RefCounted, private sync::rcu::Head {
 public:
  virtual ~Inode();

  Superblock& superblock() const { return *superblock_; }
  std::uint64_t number() const { return number_; }
  FileType type() const { return static_cast<FileType>(mode() & S_IFMT); }
  bool is(FileType t) const { return type() == t; }
  std::uint32_t mode() const { return mode_.load(std::memory_order_relaxed); }
  std::uint32_t permissions() const { return mode() & 07777; }
  Uid uid() const { return uid_.load(std::memory_order_relaxed); }
  Gid gid() const { return gid_.load(std::memory_order_relaxed); }
  std::uint32_t links() const { return links_.load(std::memory_order_relaxed); }
  std::uint64_t size() const { return size_.load(std::memory_order_acquire); }
  std::uint64_t blocks() const { return blocks_.load(std::memory_order_relaxed); }  // of 512 bytes
  DeviceNumber special_device() const { return special_; }
  Timestamp accessed() const { return accessed_.load(std::memory_order_relaxed); }
  Timestamp modified() const { return modified_.load(std::memory_order_relaxed); }
  Timestamp changed() const { return changed_.load(std::memory_order_relaxed); }

  /// The interface of the type; null for any other type.
  DirectoryNode* directory() const { return is(FileType::directory) ? node_.directory : nullptr; }
  RegularNode* regular() const { return is(FileType::regular) ? node_.regular : nullptr; }
  SymlinkNode* symlink() const { return is(FileType::symlink) ? node_.symlink : nullptr; }

  /// True when attributes are computed on demand (procfs): `read_attributes` may then sleep and a path walk needs a reference.
  bool has_dynamic_attributes() const { return dynamic_attributes_; }
  virtual Attributes read_attributes() const { return stored_attributes(); }
  Attributes stored_attributes() const;
  /// Nobody may write it or change its entries. Source: ioctl_iflags(2), FS_IMMUTABLE_FL.
  virtual bool is_immutable() const { return false; }
  /// Lets the caller in, whatever the permissions say.
  virtual bool opens_to_caller() const { return false; }
  /// Applies a permitted change. The default stores it; a file system with a disk also logs it.
  virtual Result<void> change_attributes(const AttributeChange& change);
  /// A new open file description for this inode; `request` carries path, flags and credentials.
  virtual Result<Ref<File>> open(const OpenRequest& request);

  // For the file system that owns the inode.
  void set_mode(std::uint32_t mode) { mode_.store(mode, std::memory_order_relaxed); }
  void set_size(std::uint64_t size) { size_.store(size, std::memory_order_release); }
  void set_blocks(std::uint64_t blocks) { blocks_.store(blocks, std::memory_order_relaxed); }
  void set_owner(InodeOwner owner);
  void set_links(std::uint32_t n) { links_.store(n, std::memory_order_relaxed); }
  void add_link() { links_.fetch_add(1, std::memory_order_relaxed); }
  void drop_link() { links_.fetch_sub(1, std::memory_order_relaxed); }
  /// Made by O_TMPFILE without O_EXCL: may get a first name although it has none.
  void set_linkable() { linkable_ = true; }
  bool is_linkable() const { return linkable_; }
  void set_accessed(Timestamp t) { accessed_.store(t, std::memory_order_relaxed); }
  void set_modified(Timestamp t) { modified_.store(t, std::memory_order_relaxed); }
  void set_changed(Timestamp t) { changed_.store(t, std::memory_order_relaxed); }
  /// mtime and ctime, after content changed.
  void touch_modified();
  void touch_changed();

  /// Programs being executed refuse writers and the other way round (ETXTBSY). Source: execve(2), open(2).
  Result<void> begin_writing();
  void end_writing() { writers_.fetch_sub(1, std::memory_order_release); }
  Result<void> deny_writing();
  void allow_writing() { writers_.fetch_add(1, std::memory_order_release); }

  /// Open file descriptions that can read and not write. Source: fcntl(2), F_SETLEASE.
  void begin_reading() { readers_.fetch_add(1, std::memory_order_seq_cst); }
  void end_reading() { readers_.fetch_sub(1, std::memory_order_release); }
  int readers() const { return readers_.load(std::memory_order_seq_cst); }
  int writers() const { return writers_.load(std::memory_order_seq_cst); }

  /// Leases; made on first use.
  Result<FileLeases*> leases();
  FileLeases* leases_if_any() const { return leases_.load(std::memory_order_acquire); }
  /// Advisory locks; made on first use.
  Result<FileLocks*> file_locks();
  /// Who watches it; made on first use.
  Result<InodeMarks*> marks();
  InodeMarks* marks_if_any() const { return marks_.load(std::memory_order_acquire); }
  FileLocks* file_locks_if_any() const { return locks_.load(std::memory_order_acquire); }

  /// The FIFO or socket behind this name, or null; for those two types only.
  RefOrNull<InodeAttachment> attachment() const;
  /// Sets it when none is there; returns the one that is there afterwards.
  Ref<InodeAttachment> attach(Ref<InodeAttachment> candidate);
  /// Takes it away if it is still `attachment`.
  void detach(const InodeAttachment& attachment);

  void on_last_ref();

 protected:
  Inode(Superblock& superblock, std::uint64_t number, std::uint32_t mode, InodeOwner owner, DeviceNumber special = {});
  void set_node(DirectoryNode& node) { node_.directory = &node; }
  void set_node(RegularNode& node) { node_.regular = &node; }
  void set_node(SymlinkNode& node) { node_.symlink = &node; }
  void set_dynamic_attributes() { dynamic_attributes_ = true; }
  /// Runs when the last reference is gone, in task context: gives content back. The memory follows a grace period later.
  virtual void evict() {}

 private:
  static void free_after_grace(sync::rcu::Head* head);

  Superblock* superblock_;
  std::uint64_t number_;
  std::atomic<std::uint32_t> mode_;
  std::atomic<Uid> uid_;
  std::atomic<Gid> gid_;
  std::atomic<std::uint32_t> links_{1};
  std::atomic<std::uint64_t> size_{0}, blocks_{0};
  std::atomic<Timestamp> accessed_, modified_, changed_;
  DeviceNumber special_;
  union {
    DirectoryNode* directory = nullptr;
    RegularNode* regular;
    SymlinkNode* symlink;
    InodeAttachment* attachment;  // counted; under the lock of attachments in inode.cc
  } node_;
  std::atomic<FileLeases*> leases_{nullptr};
  std::atomic<FileLocks*> locks_{nullptr};
  std::atomic<InodeMarks*> marks_{nullptr};  // counted
  std::atomic<int> readers_{0};
  std::atomic<int> writers_{0};  // negative: that many deny writing
  bool dynamic_attributes_ = false, linkable_ = false;
};

}  // namespace k::fs

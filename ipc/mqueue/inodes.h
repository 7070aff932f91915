/// The inodes of the mqueue file system. Internal to ipc/mqueue.
///
/// Invariants  a queue lives while its name or an open description of it does. It counts towards limits().queues and against its
///             maker's RLIMIT_MSGQUEUE as long.
/// Errors      create: NOSPC (limits().queues), INVAL (capacity), MFILE (RLIMIT_MSGQUEUE), NOMEM.
/// Source      mq_open(3), mq_overview(7).
#pragma once

#include "fs/vfs/cached_entries.h"
#include "fs/vfs/open.h"
#include "ipc/mqueue/queue.h"

namespace k::ipc::mqueue {

class QueueInode final : public fs::Inode, public mm::SlabAllocated<QueueInode> {
 public:
  static Result<Ref<fs::Inode>> create(fs::Superblock& superblock, const fs::NewNode& node, const Capacity& capacity);
  ~QueueInode() override;
  Result<Ref<fs::File>> open(const fs::OpenRequest& request) override;
  Queue& queue() { return queue_; }
  /// After a call that looked at the queue (access and change time), or changed it.
  void touch(bool changed);

 private:
  QueueInode(fs::Superblock& superblock, const fs::NewNode& node, const Capacity& capacity, Box<Charge> charge);
  void evict() override;

  Queue queue_;
  Box<Charge> charge_;
};

class QueueDirectory final : public fs::Inode, public fs::DirectoryNode {
 public:
  explicit QueueDirectory(fs::Superblock& superblock);
  Result<fs::LookupResult> lookup(std::string_view) override { return fs::LookupResult{}; }
  /// open(2) with O_CREAT, and mknod(2) of a regular file: a queue of the default capacity.
  Result<Ref<fs::Inode>> create(fs::Dentry& dentry, const fs::NewNode& node) override;
  /// mq_open(3).
  Result<Ref<fs::Inode>> create(fs::Dentry& dentry, const fs::NewNode& node, const Capacity& capacity);
  Result<void> unlink(fs::Dentry& dentry) override;
  bool is_empty() override { return entries_.empty(); }
  Result<void> read(fs::Dentry& directory, std::uint64_t position, fs::DirectorySink& sink) override;

 private:
  void entry_changed(std::int64_t size_change);
  fs::CachedEntries entries_;  // under entries_lock()
};

/// Of a queue whose maker does not say.
Capacity default_capacity();

}  // namespace k::ipc::mqueue

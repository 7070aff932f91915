/// FileWatches: who wants to know that an open file description is gone (epoll).
///
/// Invariants  a record is linked while its watcher may look at the file; the last release of the file waits until none is. A
///             watcher unlinks its records before its own last reference goes, so that one found here can be shared.
/// Lock order  Rank::file_watch; forget() runs without it.
/// Context     task context.
/// Errors      none: records are parts of the watcher's objects.
#pragma once

#include <atomic>

#include "kernel/lib/queue.h"
#include "kernel/lib/ref.h"
#include "kernel/sync/spin/guarded.h"

namespace k::fs {

class File;

class FileWatcher : public lib::RefCounted {
 public:
  virtual ~FileWatcher() = default;
  /// Unlinks every record on `file`, whose last reference is gone.
  virtual void forget(File& file) = 0;
};

class FileWatch {
 public:
  explicit FileWatch(FileWatcher& watcher) : watcher_(watcher) {}
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

 private:
  friend class FileWatches;
  FileWatcher& watcher_;
  lib::QueueNode<FileWatch> node_;
};

class FileWatches {
 public:
  bool empty() const { return count_.load(std::memory_order_acquire) == 0; }
  void add(FileWatch& watch);
  /// Adds `watch` unless its watcher has a record; returns the one that is there then.
  FileWatch& add_if_first(FileWatch& watch);
  void remove(FileWatch& watch);
  /// A record of `watcher`, null: it has none. Stable while the watcher does not remove it.
  FileWatch* of(const FileWatcher& watcher);
  [[gnu::cold]] void forget_all(File& file);

 private:
  using Records = lib::Queue<FileWatch, &FileWatch::node_>;
  RefOrNull<FileWatcher> any();
  static FileWatch* find(Records& records, const FileWatcher& watcher);
  void link(Records& records, FileWatch& watch);

  sync::SpinGuarded<Records, sync::Rank::file_watch> records_;
  std::atomic<std::uint32_t> count_{0};
};

}  // namespace k::fs

#include "fs/vfs/file_watch.h"

namespace k::fs {

FileWatch* FileWatches::find(Records& records, const FileWatcher& watcher) {
  FileWatch* watch = records.front();
  while (watch != nullptr && &watch->watcher_ != &watcher) watch = records.next(*watch);
  return watch;
}

void FileWatches::link(Records& records, FileWatch& watch) {
  records.push_back(watch);
  count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

void FileWatches::add(FileWatch& watch) {
  sync::Locked records{records_};
  link(*records, watch);
}

FileWatch& FileWatches::add_if_first(FileWatch& watch) {
  sync::Locked records{records_};
  if (FileWatch* const there = find(*records, watch.watcher_)) return *there;
  link(*records, watch);
  return watch;
}

/// A file that is going looks at the count without the lock; its memory outlives this section by RCU.
void FileWatches::remove(FileWatch& watch) {
  sync::Locked records{records_};
  records->erase(watch);
  count_.store(count_.load(std::memory_order_relaxed) - 1, std::memory_order_release);
}

RefOrNull<FileWatcher> FileWatches::any() {
  sync::Locked records{records_};
  FileWatch* const first = records->front();
  return first != nullptr ? RefOrNull<FileWatcher>::share(&first->watcher_) : nullptr;
}

FileWatch* FileWatches::of(const FileWatcher& watcher) {
  sync::Locked records{records_};
  return find(*records, watcher);
}

void FileWatches::forget_all(File& file) {
  while (auto watcher = any()) watcher->forget(file);
}

}  // namespace k::fs

/// CachedEntries: the entries of a directory that lives in the dentry cache (Entries::in_dentry_cache).
///
/// Invariants  an entry is a hashed dentry that is also in this list, in order of its position; positions only grow, so a reader of
///             the directory resumes where it stopped whatever came and went.
/// Lock order  under the directory's entries_lock().
/// Context     task context.
#pragma once

#include "fs/vfs/dentry.h"
#include "fs/vfs/directory_node.h"

namespace k::fs {

class CachedEntries {
 public:
  /// What Linux counts for an entry in the size of such a directory, "." and ".." included.
  static constexpr std::uint64_t kEntrySize = 20;

  bool empty() const { return list_.empty(); }
  Dentry* first() { return list_.empty() ? nullptr : &list_.front(); }
  void enter(Dentry& dentry);
  void leave(Dentry& dentry);
  /// Gives entries from `position` on until the sink is full.
  void read(std::uint64_t position, DirectorySink& sink);

 private:
  Dentry* first_from(std::uint64_t position);

  lib::List<Dentry, &Dentry::link> list_;
  std::uint64_t next_position_ = 2;
  Dentry* reading_ = nullptr;  // where the last read stopped: the next one finds it without a search
};

}  // namespace k::fs

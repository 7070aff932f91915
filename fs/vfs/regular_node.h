/// RegularNode: what a regular file's inode can do: pages, and changes of size.
///
/// Invariants  content is reached through pages(), the page cache; get_page makes a missing page appear (a hole as zeros,
///             or read from the disk). data_lock() orders writers and changes of size; readers take none.
/// Lock order  Rank::inode_data, then Rank::page_cache.
/// Context     task context, may sleep.
/// Errors      NOSPC, NOMEM, IO, FBIG; OPNOTSUPP for a fallocate mode the file system lacks.
#pragma once

#include <cstdint>

#include "fs/vfs/inode.h"
#include "fs/vfs/page_cache.h"
#include "kernel/sync/mutex.h"

namespace k::fs {

/// FALLOC_FL_* of fallocate(2).
struct FallocateRequest {
  unsigned mode;
  std::uint64_t offset, bytes;
};

class RegularNode {
 public:
  using DataLock = sync::Mutex<sync::Rank::inode_data>;

  DataLock& data_lock() { return data_lock_; }
  PageCache& pages() { return pages_; }
  const PageCache& pages() const { return pages_; }

  /// The page at `index` with a reference for the caller; made when it is missing.
  virtual Result<mm::Frame*> get_page(std::uint64_t index) = 0;
  /// Under data_lock(): sets the size; content beyond is dropped, a gap reads as zeros.
  virtual Result<void> truncate(std::uint64_t size) = 0;
  virtual Result<void> fallocate(const FallocateRequest& request);
  virtual Result<void> sync() { return {}; }
  virtual std::uint64_t max_size() const { return INT64_MAX; }

 protected:
  RegularNode() = default;
  ~RegularNode() = default;

 private:
  DataLock data_lock_;
  PageCache pages_;
};

}  // namespace k::fs

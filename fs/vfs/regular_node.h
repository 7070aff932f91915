/// RegularNode: what a regular file's inode can do: pages, and changes of size.
///
/// Invariants  content is reached through pages(), the page cache. A page is complete before it is entered there: no reader
///             and no mapping sees what was in the frame before. data_lock() orders writers and changes of size; readers
///             take none.
/// Lock order  Rank::inode_data, then Rank::page_cache.
/// Context     task context, may sleep.
/// Errors      NOSPC, NOMEM, IO, FBIG; OPNOTSUPP for a fallocate mode the file system lacks.
#pragma once

#include <cstdint>

#include "fs/vfs/inode.h"
#include "fs/vfs/page_cache.h"
#include "kernel/sync/mutex.h"
#include "mm/user/io_buffer.h"
#include "mm/vm/page_source.h"

namespace k::fs {

/// FALLOC_FL_* of fallocate(2).
struct FallocateRequest {
  unsigned mode;
  std::uint64_t offset, bytes;
  std::uint64_t most_bytes = INT64_MAX;  // RLIMIT_FSIZE: FBIG beyond it
};

class RegularNode {
 public:
  using DataLock = sync::Mutex<sync::Rank::inode_data>;

  DataLock& data_lock() { return data_lock_; }
  PageCache& pages() { return pages_; }
  const PageCache& pages() const { return pages_; }

  mm::SourceMappings& mappings() { return mappings_; }

  /// F_SEAL_* of a memory file (tmpfs); 0 for others, which has_seals() tells apart.
  bool has_seals() const { return has_seals_; }
  unsigned seals() const { return seals_.load(std::memory_order_relaxed); }
  /// Under data_lock(), or before the file is known.
  void set_seals(unsigned seals) {
    has_seals_ = true;
    seals_.store(seals, std::memory_order_relaxed);
  }

  /// The page at `index` with a reference for the caller, or null for a hole: from the cache or the disk.
  virtual Result<mm::Frame*> read_page(std::uint64_t index) { return pages_.find(index); }
  /// Sets room aside for a page that is about to be entered at a hole.
  virtual Result<void> reserve_page() = 0;
  virtual void cancel_page() = 0;
  /// Under data_lock(): sets the size; content beyond is dropped, a gap reads as zeros.
  virtual Result<void> truncate(std::uint64_t size) = 0;
  virtual Result<void> fallocate(const FallocateRequest& request);
  virtual Result<void> sync() { return {}; }
  virtual std::uint64_t max_size() const { return INT64_MAX; }
  virtual bool supports_direct_io() const { return false; }

 protected:
  RegularNode() = default;
  ~RegularNode() = default;

 private:
  DataLock data_lock_;
  PageCache pages_;
  mm::SourceMappings mappings_;
  std::atomic<unsigned> seals_{0};
  bool has_seals_ = false;
};

/// The page at `index`, made of zeros at a hole, with a reference for the caller.
Result<mm::Frame*> page_for_access(RegularNode& node, Inode& inode, std::uint64_t index);
/// read(2) and write(2) on the page cache. `write_pages` needs data_lock().
Result<std::size_t> read_pages(RegularNode& node, std::uint64_t size, IoBuffer& to, std::uint64_t offset);
Result<std::size_t> write_pages(RegularNode& node, Inode& inode, IoBuffer& from, std::uint64_t offset);

}  // namespace k::fs

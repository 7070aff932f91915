/// tmpfs: files in memory: the dentry cache is the directory, the page cache is the content.
///
/// Invariants  an entry of a directory is a hashed dentry that is also in the directory's list, in order of its position; positions
///             only grow, so a reader of the directory resumes where it stopped whatever came and went. A page is counted
///             against the size limit before it is entered.
/// Lock order  the list: the directory's entries_lock(). Counters are atomic.
/// Context     task context.
/// Errors      NOSPC (size=, nr_inodes=), NOMEM, INVAL (unknown mount option).
/// Source      tmpfs(5).
#pragma once

#include "fs/vfs/directory_node.h"
#include "fs/vfs/superblock.h"

namespace k::fs {

struct TmpfsOptions {
  static constexpr std::uint64_t kUnlimited = UINT64_MAX;
  std::uint64_t max_pages = kUnlimited, max_inodes = kUnlimited;
  std::uint32_t mode = 01777;
  InodeOwner owner;

  /// "size=64m,nr_inodes=10k,mode=755,uid=0,gid=0,inode64" over what stands there already.
  static Result<TmpfsOptions> parse(std::string_view text, TmpfsOptions start);
};

class TmpfsSuperblock : public Superblock {
 public:
  static Result<Ref<Superblock>> mount(const FilesystemType& type, const MountRequest& request);
  ~TmpfsSuperblock() override;

  Result<Statistics> statistics() override;
  Result<void> remount(std::string_view options) override;
  void show_options(OptionSink& sink) const override;

  Result<Ref<Inode>> make_inode(const NewNode& node);
  Result<void> reserve_pages(std::uint64_t n);
  /// Whether `n` pages are within the size limit when nothing else is there.
  bool can_hold(std::uint64_t n) const { return n <= options_.max_pages; }
  void release_pages(std::uint64_t n) { used_pages_.fetch_sub(n, std::memory_order_relaxed); }
  void release_inode() { used_inodes_.fetch_sub(1, std::memory_order_relaxed); }

 protected:
  /// Without any option.
  static TmpfsOptions usual_options(const FilesystemType& type);
  TmpfsSuperblock(const FilesystemType& type, const TmpfsOptions& options);
  static Result<void> init(TmpfsSuperblock& sb);

 private:
  Result<void> reserve_inode();

  TmpfsOptions options_;
  std::atomic<std::uint64_t> used_pages_{0}, used_inodes_{0};
};

/// Registers "tmpfs", and "ramfs": the same without limits.
void register_tmpfs();

}  // namespace k::fs

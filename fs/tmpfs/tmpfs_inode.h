/// The inodes of tmpfs, one class per kind. Internal to fs/tmpfs (and fs/devtmpfs).
#pragma once

#include <linux/fcntl.h>
#include <linux/magic.h>

#include "fs/tmpfs/tmpfs.h"
#include "fs/vfs/cached_entries.h"
#include "fs/vfs/directory_node.h"
#include "fs/vfs/regular_node.h"
#include "fs/vfs/symlink_node.h"

namespace k::fs {

class TmpfsInode : public Inode {
 public:
  TmpfsInode(TmpfsSuperblock& sb, const NewNode& node)
      : Inode(sb, sb.next_inode_number(), node.mode, node.owner, node.special) {}

 protected:
  TmpfsSuperblock& tmpfs() const { return static_cast<TmpfsSuperblock&>(superblock()); }
  void evict() override { tmpfs().release_inode(); }
};

/// FIFOs, sockets and devices need nothing but an inode.
class TmpfsSpecial final : public TmpfsInode, public mm::SlabAllocated<TmpfsSpecial> {
 public:
  using TmpfsInode::TmpfsInode;
};

class TmpfsDirectory final : public TmpfsInode, public DirectoryNode, public mm::SlabAllocated<TmpfsDirectory> {
 public:
  TmpfsDirectory(TmpfsSuperblock& sb, const NewNode& node);

  Result<LookupResult> lookup(std::string_view name) override;
  Result<Ref<Inode>> create(Dentry& dentry, const NewNode& node) override;
  Result<Ref<Inode>> create_unnamed(const NewNode& node) override;
  Result<void> link(Dentry& dentry, Inode& target) override;
  Result<void> unlink(Dentry& dentry) override;
  Result<void> remove_directory(Dentry& dentry) override;
  bool removes_directories() const override { return true; }
  Result<void> rename(Dentry& from, Inode& to_directory, std::string_view name, Dentry* replaced) override;
  Result<void> exchange(Dentry& mine, Inode& other_directory, Dentry& theirs) override;
  bool is_empty() override { return entries_.empty(); }
  Result<void> read(Dentry& directory, std::uint64_t position, DirectorySink& sink) override;

  // For the end of the file system, when nobody else is there.
  Dentry* any_entry() { return entries_.first(); }
  void forget(Dentry& dentry) { leave(dentry); }

 private:
  void enter(Dentry& dentry);
  void leave(Dentry& dentry);
  void drop_replaced(Dentry& replaced);

  CachedEntries entries_;  // under entries_lock()
};

class TmpfsRegular final : public TmpfsInode, public RegularNode, public mm::SlabAllocated<TmpfsRegular> {
 public:
  TmpfsRegular(TmpfsSuperblock& sb, const NewNode& node) : TmpfsInode(sb, node) {
    set_node(static_cast<RegularNode&>(*this));
    if (sb.magic() == TMPFS_MAGIC) set_seals(F_SEAL_SEAL);  // only memfd_create(2) makes files that take more
  }

  Result<void> reserve_page() override { return tmpfs().reserve_pages(1); }
  void cancel_page() override { tmpfs().release_pages(1); }
  Result<void> truncate(std::uint64_t size) override;
  Result<void> fallocate(const FallocateRequest& request) override;

 private:
  void evict() override;
  void drop_pages(std::uint64_t first, std::uint64_t end, mm::SourceMappings::Copies copies);
  Result<void> zero_within_page(std::uint64_t from, std::uint64_t to);
  Result<void> punch(std::uint64_t from, std::uint64_t to);
  Result<void> fill_holes(std::uint64_t& index, std::uint64_t end);
  Result<void> reserve(std::uint64_t first, std::uint64_t end);
};

class TmpfsSymlink final : public TmpfsInode, public SymlinkNode, public mm::SlabAllocated<TmpfsSymlink> {
 public:
  static Result<Ref<Inode>> create(TmpfsSuperblock& sb, const NewNode& node);
  ~TmpfsSymlink() override;
  std::string_view resident_target() const override { return {target_, size()}; }

 private:
  static constexpr std::size_t kInlineLength = 40;
  TmpfsSymlink(TmpfsSuperblock& sb, const NewNode& node) : TmpfsInode(sb, node) {
    set_node(static_cast<SymlinkNode&>(*this));
  }

  char* target_ = inline_;
  char inline_[kInlineLength];
};

}  // namespace k::fs

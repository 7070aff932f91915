/// procfs inodes: an Entry and the Subject it is about.
/// Invariants  made by a look-up and dropped with the last user; nothing of /proc/PID stays in the dentry cache.
/// Errors      NOMEM; SRCH as entry.h says.
#pragma once

#include "fs/procfs/entry.h"
#include "fs/vfs/directory_node.h"
#include "fs/vfs/inode.h"
#include "fs/vfs/superblock.h"
#include "fs/vfs/symlink_node.h"

namespace k::fs::proc {

class ProcInode : public Inode {
 public:
  ProcInode(Superblock& superblock, std::uint64_t number, const Entry& entry, Subject subject);
  const Entry& entry() const { return entry_; }
  const Subject& subject() const { return subject_; }
  bool is_immutable() const override { return entry_.is_immutable; }
  bool opens_to_caller() const override { return entry_.is_own && subject_.is_caller(); }
  /// Modes stay as they are. An owner or a time lasts as long as the inode, which for a process is until the next look-up.
  Result<void> change_attributes(const AttributeChange& change) override;

 private:
  const Entry& entry_;
  Subject subject_;
};

class ProcFileInode final : public ProcInode, public mm::SlabAllocated<ProcFileInode> {
 public:
  using ProcInode::ProcInode;
  Result<Ref<File>> open(const OpenRequest& request) override;
};

class ProcDirectory final : public ProcInode, public DirectoryNode, public mm::SlabAllocated<ProcDirectory> {
 public:
  ProcDirectory(Superblock& superblock, std::uint64_t number, const Entry& entry, Subject subject);
  Result<LookupResult> lookup(std::string_view name) override;
  bool is_empty() override { return false; }
  Result<void> read(Dentry& directory, std::uint64_t position, DirectorySink& sink) override;

 private:
  Result<LookupResult> lookup_number(std::string_view name);
};

class ProcLink final : public ProcInode, public SymlinkNode, public mm::SlabAllocated<ProcLink> {
 public:
  ProcLink(Superblock& superblock, std::uint64_t number, const Entry& entry, Subject subject);
  Result<std::size_t> read(std::span<char> out, const LookupContext& context) override;
  bool is_magic() const override { return entry().jump != nullptr; }
  Result<PathRef> jump(const LookupContext& context) override;
};

Result<Ref<Inode>> make_inode(Superblock& superblock, const Entry& entry, Subject subject);

}  // namespace k::fs::proc

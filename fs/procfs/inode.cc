#include "fs/procfs/inode.h"

#include <linux/magic.h>

#include "fs/procfs/text_file.h"
#include "fs/vfs/open.h"
#include "kernel/task/task.h"

namespace k::fs::proc {
namespace {

InodeOwner owner_of(const Subject& subject) {
  InodeOwner owner;
  (void)subject.with_task([&](const Task& t) {
    const auto c = t.shared_credentials();
    if (t.process().dumpable) owner = {c->euid, c->egid};
  });
  return owner;
}

template <class T>
Result<Ref<Inode>> make_of(Superblock& superblock, const Entry& entry, Subject subject) {
  auto* inode = new (std::nothrow) T(superblock, superblock.next_inode_number(), entry, std::move(subject));
  if (inode == nullptr) return err(Errno::nomem);
  return Ref<Inode>::adopt(*inode);
}

}  // namespace

ProcInode::ProcInode(Superblock& superblock, std::uint64_t number, const Entry& entry, Subject subject)
    : Inode(superblock, number, entry.mode_of != nullptr ? entry.mode_of(subject) : entry.mode, owner_of(subject)),
      entry_(entry),
      subject_(std::move(subject)) {
  if (entry.is_attribute) set_size(kPageSize);
}

Result<void> ProcInode::change_attributes(const AttributeChange& change) {
  if (change.permissions && superblock().magic() == PROC_SUPER_MAGIC) return err(Errno::perm);
  return Inode::change_attributes(change);
}

Result<Ref<File>> ProcFileInode::open(const OpenRequest& request) { return TextFile::create(request); }

ProcLink::ProcLink(Superblock& superblock, std::uint64_t number, const Entry& entry, Subject subject)
    : ProcInode(superblock, number, entry, std::move(subject)) {
  set_node(static_cast<SymlinkNode&>(*this));
}

Result<std::size_t> ProcLink::read(std::span<char> out, const LookupContext&) {
  TextBuffer text{out};
  TRY(entry().show(subject(), text));
  return text.size();
}

Result<PathRef> ProcLink::jump(const LookupContext&) { return entry().jump(subject()); }

Result<Ref<Inode>> make_inode(Superblock& superblock, const Entry& entry, Subject subject) {
  switch (entry.mode & S_IFMT) {
    case S_IFDIR:
      return make_of<ProcDirectory>(superblock, entry, std::move(subject));
    case S_IFLNK:
      return make_of<ProcLink>(superblock, entry, std::move(subject));
    default:
      return make_of<ProcFileInode>(superblock, entry, std::move(subject));
  }
}

}  // namespace k::fs::proc

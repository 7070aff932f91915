#include "fs/vfs/inode.h"

#include <linux/inotify.h>

#include "fs/vfs/file_lock.h"
#include "fs/vfs/inode_marks.h"
#include "fs/vfs/lease.h"
#include "fs/vfs/object_count.h"
#include "fs/vfs/superblock.h"

namespace k::fs {
namespace {

/// One lock for all inodes: opening FIFOs and binding sockets is rare.
constinit sync::Spin<sync::Rank::inode> attachments;

}  // namespace

Inode::Inode(Superblock& superblock, std::uint64_t number, std::uint32_t mode, InodeOwner owner, DeviceNumber special)
    : superblock_(&superblock), number_(number), mode_(mode), uid_(owner.uid), gid_(owner.gid), special_(special) {
  object_made(ObjectKind::inode);
  const Timestamp now = Timestamp::now();
  set_accessed(now);
  set_modified(now);
  set_changed(now);
}

Inode::~Inode() {
  object_gone(ObjectKind::inode);
  delete leases_.load(std::memory_order_relaxed);
  delete locks_.load(std::memory_order_relaxed);
  if (InodeMarks* const marks = marks_if_any()) lib::release(marks);
}

Attributes Inode::stored_attributes() const {
  return Attributes{.inode_number = number_,
                    .size = size(),
                    .blocks = blocks(),
                    .mode = mode(),
                    .links = links(),
                    .block_size = superblock_->block_size(),
                    .uid = uid(),
                    .gid = gid(),
                    .device = superblock_->device(),
                    .special_device = special_,
                    .accessed = accessed(),
                    .modified = modified(),
                    .changed = changed()};
}

Result<void> Inode::change_attributes(const AttributeChange& change) {
  if (change.permissions) set_mode((mode() & S_IFMT) | (*change.permissions & 07777));
  if (change.uid) uid_.store(*change.uid, std::memory_order_relaxed);
  if (change.gid) gid_.store(*change.gid, std::memory_order_relaxed);
  if (change.accessed) set_accessed(*change.accessed);
  if (change.modified) set_modified(*change.modified);
  touch_changed();
  return {};
}

void Inode::set_owner(InodeOwner owner) {
  uid_.store(owner.uid, std::memory_order_relaxed);
  gid_.store(owner.gid, std::memory_order_relaxed);
}

void Inode::touch_modified() {
  const Timestamp now = Timestamp::now();
  set_modified(now);
  set_changed(now);
}

void Inode::touch_changed() { set_changed(Timestamp::now()); }

Result<void> Inode::begin_writing() {
  int writers = writers_.load(std::memory_order_relaxed);
  do {
    if (writers < 0) return err(Errno::txtbsy);
  } while (!writers_.compare_exchange_weak(writers, writers + 1, std::memory_order_seq_cst));
  return {};
}

Result<void> Inode::deny_writing() {
  int writers = writers_.load(std::memory_order_relaxed);
  do {
    if (writers > 0) return err(Errno::txtbsy);
  } while (!writers_.compare_exchange_weak(writers, writers - 1, std::memory_order_acquire));
  return {};
}

Result<FileLeases*> Inode::leases() {
  if (FileLeases* leases = leases_if_any()) return leases;
  auto made = TRY(make<FileLeases>());
  FileLeases* there = nullptr;
  if (!leases_.compare_exchange_strong(there, made.get(), std::memory_order_acq_rel)) return there;
  return made.release();
}

Result<FileLocks*> Inode::file_locks() {
  if (FileLocks* locks = file_locks_if_any()) return locks;
  auto made = TRY(make<FileLocks>());
  FileLocks* there = nullptr;
  if (!locks_.compare_exchange_strong(there, made.get(), std::memory_order_acq_rel)) return there;
  return made.release();
}

Result<InodeMarks*> Inode::marks() {
  if (InodeMarks* marks = marks_if_any()) return marks;
  auto made = TRY(make_ref<InodeMarks>());
  InodeMarks* there = nullptr;
  if (!marks_.compare_exchange_strong(there, made.get(), std::memory_order_acq_rel)) return there;
  return made.leak();
}

RefOrNull<InodeAttachment> Inode::attachment() const {
  HT_ASSERT(is(FileType::fifo) || is(FileType::socket));
  sync::LockHeld held{attachments};
  return RefOrNull<InodeAttachment>::share(node_.attachment);
}

Ref<InodeAttachment> Inode::attach(Ref<InodeAttachment> candidate) {
  HT_ASSERT(is(FileType::fifo) || is(FileType::socket));
  sync::LockHeld held{attachments};
  if (node_.attachment != nullptr) return Ref<InodeAttachment>::share(*node_.attachment);
  node_.attachment = Ref<InodeAttachment>{candidate}.leak();
  return candidate;
}

void Inode::detach(const InodeAttachment& attachment) {
  RefOrNull<InodeAttachment> dropped;
  sync::LockHeld held{attachments};
  if (node_.attachment == &attachment)
    dropped = RefOrNull<InodeAttachment>::adopt(std::exchange(node_.attachment, nullptr));
}

/// Watches that are still there end with the file system.
void Inode::on_last_ref() {
  if (InodeMarks* const marks = marks_if_any()) [[unlikely]]
    marks->release_all(IN_UNMOUNT);
  if ((is(FileType::fifo) || is(FileType::socket)) && node_.attachment != nullptr) lib::release(node_.attachment);
  evict();
  sync::rcu::call(*this, &Inode::free_after_grace);
}

void Inode::free_after_grace(sync::rcu::Head* head) { delete static_cast<Inode*>(head); }

}  // namespace k::fs

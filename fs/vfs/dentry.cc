#include "fs/vfs/dentry.h"

#include "fs/vfs/notify.h"
#include "fs/vfs/object_count.h"
#include "fs/vfs/superblock.h"

namespace k::fs {

Dentry::NameRecord* Dentry::NameRecord::create(const Name& name) {
  void* memory = lib::allocate(sizeof(NameRecord) + name.text.size(), alignof(NameRecord));
  if (memory == nullptr) return nullptr;
  auto* record = new (memory) NameRecord;
  record->fill(name);
  return record;
}

void Dentry::NameRecord::fill(const Name& name) {
  hash = name.hash;
  length = static_cast<std::uint32_t>(name.text.size());
  std::memcpy(text(), name.text.data(), name.text.size());
}

/// Stands in while a name changes: its length matches no component.
Dentry::NameRecord* Dentry::no_name() {
  static constinit NameRecord none;
  return &none;
}

void Dentry::set_record(NameRecord* record) {
  NameRecord* const old = record_.exchange(record, std::memory_order_acq_rel);
  if (old == inline_record() || old == no_name()) return;
  sync::rcu::call(*old, [](sync::rcu::Head* head) { lib::deallocate(static_cast<NameRecord*>(head)); });
}

Dentry::Dentry(Superblock& superblock) : superblock_(&superblock) { object_made(ObjectKind::dentry); }
Dentry::~Dentry() { object_gone(ObjectKind::dentry); }

Result<Ref<Dentry>> Dentry::create(Superblock& superblock, RefOrNull<Dentry> parent, const Name& name) {
  auto* dentry = new (std::nothrow) Dentry(superblock);
  if (dentry == nullptr) return err(Errno::nomem);
  NameRecord* record = nullptr;
  if (name.text.size() <= kInlineLength) {
    record = new (dentry->inline_name_) NameRecord;
    record->fill(name);
  } else if (record = NameRecord::create(name); record == nullptr) {
    delete dentry;
    return err(Errno::nomem);
  }
  dentry->record_.store(record, std::memory_order_relaxed);
  Dentry* up = parent ? parent.leak() : dentry;
  dentry->parent_.store(up, std::memory_order_relaxed);
  return Ref<Dentry>::adopt(*dentry);
}

Result<Ref<Dentry>> Dentry::create_root(Superblock& superblock, Ref<Inode> inode) {
  auto root = TRY(create(superblock, nullptr, Name::of("/")));
  root->bind(std::move(inode));
  return root;
}

std::string_view Dentry::name() const {
  const NameRecord* record = record_.load(std::memory_order_acquire);
  return {record->text(), record->length};
}

void Dentry::bind(Ref<Inode> inode) {
  HT_ASSERT(is_negative());
  inode_.store(inode.leak(), std::memory_order_release);
}

void Dentry::free_after_grace(sync::rcu::Head* head) {
  auto* dentry = static_cast<Dentry*>(head);
  NameRecord* record = dentry->record_.load(std::memory_order_relaxed);
  if (record != dentry->inline_record()) lib::deallocate(record);
  delete dentry;
}

/// Drops the chain of parents in a loop: the path to a removed directory may be long.
void Dentry::on_last_ref() {
  for (Dentry* dentry = this; dentry != nullptr;) {
    HT_ASSERT(!dentry->is_hashed() && !dentry->is_mountpoint());
    Dentry* parent = dentry->parent();
    const bool last_of_parent = parent != dentry && parent->unref();
    if (Inode* inode = dentry->inode()) {
      if (inode->links() == 0) notify_end(*inode);
      lib::release(inode);
    }
    sync::rcu::call(*dentry, &Dentry::free_after_grace);
    dentry = last_of_parent ? parent : nullptr;
  }
}

}  // namespace k::fs

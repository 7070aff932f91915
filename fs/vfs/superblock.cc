#include "fs/vfs/superblock.h"

#include "fs/vfs/dentry_cache.h"

namespace k::fs {
namespace {

constinit std::atomic<std::uint32_t> next_anonymous_minor{1};
constinit std::atomic<FilesystemType*> types{nullptr};

}  // namespace

Superblock::Superblock(const FilesystemType& type, std::uint64_t magic, Entries entries)
    : type_(&type),
      magic_(magic),
      device_{0, next_anonymous_minor.fetch_add(1, std::memory_order_relaxed)},
      entries_(entries) {}

Superblock::~Superblock() { HT_ASSERT(!root_); }

Result<void> Superblock::set_root(Ref<Inode> inode) {
  root_ = TRY(Dentry::create_root(*this, std::move(inode)));
  return {};
}

/// Leaves first. An entry is entered after its parent, so a leaf is found near the end at once.
void Superblock::drop_entries() {
  for (RefOrNull<Dentry> leaf = any_leaf(); leaf; leaf = any_leaf()) DentryCache::remove(*leaf);
  root_.reset();
}

RefOrNull<Dentry> Superblock::any_leaf() {
  sync::Locked cached{cached_};
  for (auto entry = cached->rbegin(); entry != cached->rend(); ++entry) {
    if (entry->ref_count() == 1) return RefOrNull<Dentry>::share(&*entry);
  }
  return nullptr;
}

Result<Statistics> Superblock::statistics() {
  return Statistics{.magic = magic_, .block_size = block_size(), .device = device_};
}

Result<void> Superblock::remount(std::string_view) { return {}; }

void FilesystemType::add(FilesystemType& type) {
  type.next_ = types.load(std::memory_order_relaxed);
  while (!types.compare_exchange_weak(type.next_, &type, std::memory_order_release)) {
  }
}

const FilesystemType* FilesystemType::next(const FilesystemType* previous) {
  return previous == nullptr ? types.load(std::memory_order_acquire) : previous->next_;
}

const FilesystemType* FilesystemType::find(std::string_view name) {
  for (const FilesystemType* type = next(nullptr); type != nullptr; type = next(type)) {
    if (type->name() == name) return type;
  }
  return nullptr;
}

}  // namespace k::fs

#include "fs/vfs/mount.h"

#include <asm/fcntl.h>
#include <linux/mount.h>

namespace k::fs {
namespace {

constinit std::atomic<int> next_mount_id{20};  // Linux's early internal mounts use up the small ones, too

}  // namespace

Mount::Mount(Ref<Superblock> superblock, Ref<Dentry> root, unsigned flags)
    : superblock_(std::move(superblock)),
      root_(std::move(root)),
      flags_(flags),
      id_(next_mount_id.fetch_add(1, std::memory_order_relaxed)) {}

Result<Ref<Mount>> Mount::create(Ref<Superblock> superblock, Ref<Dentry> root, std::string_view source,
                                 unsigned flags) {
  auto* mount = new (std::nothrow) Mount(std::move(superblock), std::move(root), flags);
  if (mount == nullptr) return err(Errno::nomem);
  source.copy(mount->source_, kSourceMax - 1);
  return Ref<Mount>::adopt(*mount);
}

std::string_view Mount::source() const { return source_; }

bool Mount::is_read_only() const { return has(MS_RDONLY) || superblock_->is_read_only(); }

void Mount::on_last_ref() {
  HT_ASSERT(parent() == nullptr);
  sync::rcu::call(*this, &Mount::free_after_grace);
}

/// In the rcu thread, which may sleep: dropping the superblock may take a while.
void Mount::free_after_grace(sync::rcu::Head* head) { delete static_cast<Mount*>(head); }

}  // namespace k::fs

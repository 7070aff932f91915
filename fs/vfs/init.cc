#include "fs/vfs/init.h"

#include <linux/mount.h>

#include <algorithm>
#include <bit>

#include "fs/vfs/dentry_cache.h"
#include "fs/vfs/mount_table.h"
#include "fs/vfs/object_count.h"
#include "kernel/irq/entropy.h"
#include "mm/phys/page_alloc.h"

namespace k::fs {

/// One bucket for every 128 KiB of memory, at least 1024: 64 KiB of table for 1 GiB.
Result<void> init() {
  scale_most_files_to_memory();
  set_name_hash_key(irq::random_u64());
  const std::size_t wanted = mm::memory_counters().total_frames / 32;
  return DentryCache::init(std::clamp<std::size_t>(std::bit_floor(wanted | 1), 1024, 1u << 17));
}

Result<Ref<FsContext>> mount_root(std::string_view type_name, std::string_view options) {
  const FilesystemType* type = FilesystemType::find(type_name);
  if (type == nullptr) return err(Errno::nodev);
  auto superblock = TRY(type->mount(MountRequest{.source = "rootfs", .options = options}));
  auto root = Ref<Dentry>::share(superblock->root());
  auto mount = TRY(Mount::create(std::move(superblock), root, "rootfs", MS_RELATIME));
  MountTable::set_root(mount);
  return FsContext::create(PathRef{std::move(mount), std::move(root)});
}

}  // namespace k::fs

#include "fs/vfs/anonymous.h"

#include <linux/magic.h>

#include "fs/vfs/file.h"
#include "fs/vfs/superblock.h"
#include "kernel/lib/format.h"
#include "mm/phys/slab.h"

namespace k::fs {
namespace {

class AnonymousFs final : public Superblock {
 public:
  explicit AnonymousFs(const FilesystemType& type) : Superblock(type, ANON_INODE_FS_MAGIC, Entries::in_dentry_cache) {}
};

/// No file type at all, as Linux has it.
class AnonymousInode final : public Inode, public mm::SlabAllocated<AnonymousInode> {
 public:
  explicit AnonymousInode(Superblock& superblock)
      : Inode(superblock, superblock.next_inode_number(), S_IRUSR | S_IWUSR, {}) {}
  Result<Ref<File>> open(const OpenRequest&) override { return err(Errno::nxio); }
};

Result<Ref<Superblock>> no_mount(const FilesystemType&, const MountRequest&) { return err(Errno::inval); }

constinit FilesystemType type{"anon_inodefs", &no_mount};
constinit Mount* mount = nullptr;  // the kernel's own, for good

}  // namespace

Result<void> init_anonymous_files() {
  Ref<Superblock> superblock = TRY(make_ref<AnonymousFs>(type));
  auto* inode = new (std::nothrow) AnonymousInode(*superblock);
  if (inode == nullptr) return err(Errno::nomem);
  auto root = TRY(Dentry::create_root(*superblock, Ref<Inode>::adopt(*inode)));
  mount = TRY(Mount::create(std::move(superblock), std::move(root), "anon_inodefs", 0)).leak();
  return {};
}

PathRef anonymous_place() { return PathRef::share({mount, &mount->root()}); }

std::size_t describe_anonymous_file(std::span<char> out, std::string_view type_name) {
  return lib::format_to(out, "anon_inode:{}", type_name);
}

}  // namespace k::fs

#include "fs/tmpfs/memory_file.h"

#include "fs/tmpfs/tmpfs_inode.h"
#include "fs/vfs/regular_file.h"

namespace k::fs {
namespace {

class MemoryFiles final : public TmpfsSuperblock {
 public:
  static Result<Ref<Superblock>> create() {
    static constinit FilesystemType type{"tmpfs", &TmpfsSuperblock::mount};
    auto* sb = new (std::nothrow) MemoryFiles(type, TmpfsOptions{});
    if (sb == nullptr) return err(Errno::nomem);
    auto held = Ref<Superblock>::adopt(*sb);
    TRY(init(*sb));
    sb->set_internal();
    return held;
  }

 private:
  using TmpfsSuperblock::TmpfsSuperblock;
};

constinit RefOrNull<Mount> g_mount;

}  // namespace

Result<void> init_memory_files() {
  auto superblock = TRY(MemoryFiles::create());
  auto root = Ref<Dentry>::share(superblock->root());
  g_mount = TRY(Mount::create(std::move(superblock), std::move(root), "tmpfs", 0));
  return {};
}

Result<Ref<File>> create_memory_file(const MemoryFileRequest& request) {
  auto& superblock = static_cast<TmpfsSuperblock&>(g_mount->superblock());
  auto parent = RefOrNull<Dentry>::share(&g_mount->root());
  auto dentry = TRY(Dentry::create(superblock, std::move(parent), Name::of(request.name)));
  auto inode = TRY(superblock.make_inode({.mode = S_IFREG | request.permissions, .owner = request.owner}));
  inode->set_links(0);
  inode->set_size(request.size);
  inode->regular()->set_seals(request.seals);
  TRY(inode->begin_writing());
  Inode& made = *inode;
  dentry->bind(std::move(inode));
  const PathRef path{Ref<Mount>::share(*g_mount), std::move(dentry)};
  auto file = RegularFile::create(path, lib::Flags{O_RDWR | O_LARGEFILE});
  if (!file) made.end_writing();
  return file;
}

}  // namespace k::fs

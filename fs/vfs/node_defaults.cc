// What a file system answers that does not implement an operation, as Linux does.
#include "fs/vfs/directory_node.h"
#include "fs/vfs/path.h"
#include "fs/vfs/symlink_node.h"

namespace k::fs {

Result<Ref<Inode>> DirectoryNode::create(Dentry&, const NewNode&) { return err(Errno::perm); }
Result<Ref<Inode>> DirectoryNode::create_unnamed(const NewNode&) { return err(Errno::opnotsupp); }
Result<void> DirectoryNode::link(Dentry&, Inode&) { return err(Errno::perm); }
Result<void> DirectoryNode::unlink(Dentry&) { return err(Errno::perm); }
Result<void> DirectoryNode::remove_directory(Dentry&) { return err(Errno::perm); }
Result<void> DirectoryNode::rename(Dentry&, Inode&, std::string_view, Dentry*) { return err(Errno::perm); }
Result<void> DirectoryNode::exchange(Dentry&, Inode&, Dentry&) { return err(Errno::inval); }

Result<std::size_t> SymlinkNode::read(std::span<char> out, const LookupContext&) {
  const std::string_view text = resident_target();
  return text.copy(out.data(), out.size());
}
Result<PathRef> SymlinkNode::jump(const LookupContext&) { return err(Errno::loop); }

}  // namespace k::fs

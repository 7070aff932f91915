#include "fs/vfs/directory_file.h"

#include "fs/vfs/operations.h"

namespace k::fs {
namespace {

/// Passes entries on and remembers where the next read starts.
class CountingSink final : public DirectorySink {
 public:
  CountingSink(DirectorySink& out, std::uint64_t& position) : out_(out), position_(position) {}
  bool add(std::string_view name, std::uint64_t inode_number, FileType type, std::uint64_t next) override {
    if (!out_.add(name, inode_number, type, next)) return false;
    position_ = next;
    return true;
  }

 private:
  DirectorySink& out_;
  std::uint64_t& position_;
};

std::uint64_t parent_number(const Dentry& dentry) {
  sync::rcu::ReadGuard guard;
  return dentry.parent()->inode()->number();
}

}  // namespace

Result<Ref<File>> DirectoryFile::create(const PathRef& path, lib::Flags flags) {
  auto* file = new (std::nothrow) DirectoryFile(path, flags);
  if (file == nullptr) return err(Errno::nomem);
  return Ref<File>::adopt(*file);
}

/// Only positions that getdents gave, and 0, mean anything; others are not refused, as on Linux.
Result<std::uint64_t> DirectoryFile::seek(std::int64_t offset, Whence whence) {
  if (whence != Whence::set && whence != Whence::current) return err(Errno::inval);
  return seek_within(offset, whence, position(), 0);
}

Result<void> DirectoryFile::read_directory(std::uint64_t& position, DirectorySink& sink) {
  if (inode().links() == 0) return err(Errno::noent);
  CountingSink counting{sink, position};
  if (position == 0 && !counting.add(".", inode().number(), FileType::directory, 1)) return {};
  if (position == 1 && !counting.add("..", parent_number(*dentry()), FileType::directory, 2)) return {};
  const auto outcome = inode().directory()->read(*dentry(), position, counting);
  if (outcome && !flags().has(O_NOATIME)) touch_accessed(mount(), inode());
  return outcome;
}

}  // namespace k::fs

/// DirectoryFile: an open directory.
/// Errors      read: ISDIR; read_directory: NOENT once the directory is removed. Source: getdents(2).
#pragma once

#include "fs/vfs/file.h"

namespace k::fs {

class DirectoryFile final : public File, public mm::SlabAllocated<DirectoryFile> {
 public:
  static Result<Ref<File>> create(const PathRef& path, lib::Flags flags);

  Result<std::size_t> read(IoBuffer&, IoAt&) override { return err(Errno::isdir); }
  bool can_poll() const override { return false; }
  Result<std::uint64_t> seek(std::int64_t offset, Whence whence) override;
  Result<void> read_directory(std::uint64_t& position, DirectorySink& sink) override;
  Result<void> sync() override { return inode().superblock().sync(); }

 private:
  DirectoryFile(const PathRef& path, lib::Flags flags) : File(path, flags, Position::kept) {}
};

}  // namespace k::fs

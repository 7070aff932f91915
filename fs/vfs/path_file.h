/// PathFile: an O_PATH descriptor: a place in the tree, and nothing else. Source: open(2), O_PATH.
#pragma once

#include "fs/vfs/file.h"

namespace k::fs {

class PathFile final : public File, public mm::SlabAllocated<PathFile> {
 public:
  static Result<Ref<File>> create(const PathRef& path, lib::Flags flags) {
    constexpr unsigned kKept = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    auto* file = new (std::nothrow) PathFile(path, lib::Flags{flags.bits() & kKept});
    if (file == nullptr) return err(Errno::nomem);
    return Ref<File>::adopt(*file);
  }

 private:
  PathFile(const PathRef& path, lib::Flags flags) : File(path, flags, Position::none) {}
};

}  // namespace k::fs

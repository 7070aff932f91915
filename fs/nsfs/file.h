/// NamespaceFile: an open file description of a namespace.
/// Context     task context.
/// Errors      read: INVAL. ioctl: INVAL for what the kind has not, PERM for what lies outside the caller's, NOTTY.
/// Source      ioctl_ns(2).
#pragma once

#include "fs/nsfs/nsfs.h"
#include "fs/vfs/file.h"
#include "fs/vfs/open.h"

namespace k::fs {

class NamespaceFile final : public File, public mm::SlabAllocated<NamespaceFile> {
 public:
  NamespaceFile(const PathRef& path, lib::Flags flags, NamespaceKind kind)
      : File(path, flags, Position::none), kind_(kind) {}

  Result<long> ioctl(unsigned command, IoctlArg argument) override;
  Result<Ref<File>> open_related(unsigned command, lib::Flags flags) override;
  std::size_t describe_anonymous(std::span<char> out) const override { return describe_namespace(kind_, out); }

 private:
  NamespaceKind kind_;
};

}  // namespace k::fs

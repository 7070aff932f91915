/// RegularFile: an open regular file on the page cache.
///
/// Invariants  while it is open, its inode counts a writer, and its mount too, or a reader.
/// Context     task context, may sleep.
/// Errors      TXTBSY (open for writing while executed); read(2), write(2).
#pragma once

#include "fs/vfs/file.h"
#include "fs/vfs/open.h"
#include "fs/vfs/regular_node.h"

namespace k::fs {

class RegularFile : public File, public mm::SlabAllocated<RegularFile> {
 public:
  /// Infallible with `reserved` memory.
  static Result<Ref<File>> create(const PathRef& path, lib::Flags flags, RegularFileMemory* reserved = nullptr);

  Result<std::size_t> read(IoBuffer& to, IoAt& at) override;
  Result<std::size_t> write(IoBuffer& from, IoAt& at) override;
  bool can_poll() const override { return false; }
  Result<long> ioctl(unsigned command, IoctlArg argument) override;
  Result<std::uint64_t> seek(std::int64_t offset, Whence whence) override;
  Result<void> sync() override { return node_.sync(); }
  Result<Ref<mm::PageSource>> page_source() override { return Ref<mm::PageSource>{Ref<File>::share(*this)}; }
  Result<mm::Frame*> get_page(std::uint64_t index, mm::Write write) override;
  std::size_t get_cached_pages(std::uint64_t first, std::span<mm::Frame*> out) override;
  Result<void> remove_pages(std::uint64_t first, std::uint64_t count) override;

 protected:
  RegularFile(const PathRef& path, lib::Flags flags);
  void closed() override;

 private:
  Result<void> begin_write(IoBuffer& from, IoAt& at);
  Result<void> heed_seals(IoBuffer& from, std::uint64_t offset);
  RegularNode& node_;
};

}  // namespace k::fs

/// An open file of procfs: its text, printed when it is read at offset 0, or what the entry's `read_at` gives.
/// Context     task context. Errors: what the entry's functions say; INVAL for a write to a file that takes none.
#pragma once

#include "fs/procfs/entry.h"
#include "fs/vfs/file.h"
#include "fs/vfs/open.h"
#include "kernel/sync/guarded.h"

namespace k::fs::proc {

class ProcInode;

class TextFile final : public File, public mm::SlabAllocated<TextFile> {
 public:
  static Result<Ref<File>> create(const OpenRequest& request);

  Result<std::size_t> read(IoBuffer& to, IoAt& at) override;
  Result<std::size_t> write(IoBuffer& from, IoAt& at) override;
  Result<std::uint64_t> seek(std::int64_t offset, Whence whence) override;
  bool takes_writes_at_offsets() const override;
  bool can_poll() const override;

 private:
  struct Text {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
    bool printed = false;
  };
  explicit TextFile(const OpenRequest& request) : File(request.path, request.flags, Position::kept) {}
  const ProcInode& source() const;
  Result<void> print(Text& text) const;

  Guarded<Text, sync::Rank::inode_data> text_;
};

}  // namespace k::fs::proc

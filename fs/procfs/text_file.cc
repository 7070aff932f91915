#include "fs/procfs/text_file.h"

#include "fs/procfs/inode.h"

namespace k::fs::proc {
namespace {

constexpr std::size_t kFirstSize = 4096, kLargest = 4 << 20;

std::string_view trim_newline(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\0')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<Ref<File>> TextFile::create(const OpenRequest& request) {
  const auto& inode = static_cast<const ProcInode&>(request.path.inode());
  const Entry& entry = inode.entry();
  const bool writes = request.flags.any(O_WRONLY | O_RDWR);
  if (entry.is_attribute && writes && entry.store == nullptr) return err(Errno::acces);
  const bool reads = (request.flags.bits() & O_ACCMODE) != O_WRONLY;
  if (reads && entry.show == nullptr && entry.read_at == nullptr) return err(Errno::acces);
  if (entry.is_guarded) TRY(inode.subject().check_access());
  auto* opened = new (std::nothrow) TextFile(request);
  if (opened == nullptr) return err(Errno::nomem);
  return Ref<File>::adopt(*opened);
}

const ProcInode& TextFile::source() const { return static_cast<const ProcInode&>(inode()); }

/// Prints into a buffer that grows until everything fits.
Result<void> TextFile::print(Text& text) const {
  for (std::size_t size = kFirstSize; size <= kLargest; size *= 4) {
    std::unique_ptr<char[]> bytes{new (std::nothrow) char[size]};
    if (!bytes) return err(Errno::nomem);
    TextBuffer out{{bytes.get(), size}};
    TRY(source().entry().show(source().subject(), out));
    if (out.overflowed() && size * 4 <= kLargest) continue;
    text.bytes = std::move(bytes);
    text.size = out.size();
    text.printed = true;
    return {};
  }
  return err(Errno::nomem);
}

Result<std::size_t> TextFile::read(IoBuffer& to, IoAt& at) {
  const Entry& entry = source().entry();
  if (entry.read_at != nullptr) return entry.read_at(source().subject(), to, at.offset);
  if (entry.show == nullptr) return err(Errno::inval);
  Locked text{text_};
  if (at.offset == 0 || !text->printed) TRY(print(*text));
  if (at.offset >= text->size) return 0u;
  return to.copy_in(text->bytes.get() + at.offset, text->size - at.offset);
}

Result<std::size_t> TextFile::write(IoBuffer& from, IoAt& at) {
  const Entry& entry = source().entry();
  if (entry.write_at != nullptr) return entry.write_at(source().subject(), from, at.offset);
  if (entry.store == nullptr) return err(Errno::inval);
  char bytes[256];
  if (from.remaining() > sizeof bytes) return err(Errno::inval);
  const std::size_t n = TRY(from.copy_out(bytes, from.remaining()));
  TRY(entry.store(source().subject(), trim_newline({bytes, n})));
  return n;
}

Result<std::uint64_t> TextFile::seek(std::int64_t offset, Whence whence) {
  if (whence != Whence::set && whence != Whence::current) return err(Errno::inval);
  return seek_within(offset, whence, position(), 0);
}

/// Of a process's files only those tell of changes that show its mounts.
bool TextFile::can_poll() const { return source().subject().is_empty() || source().entry().name.starts_with("mount"); }

/// A text that only prints is no place to write at.
bool TextFile::takes_writes_at_offsets() const {
  const Entry& entry = source().entry();
  return entry.store != nullptr || entry.read_at != nullptr;
}

}  // namespace k::fs::proc

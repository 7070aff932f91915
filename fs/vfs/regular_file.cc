#include "fs/vfs/regular_file.h"

#include <asm/ioctls.h>
#include <linux/falloc.h>

#include <algorithm>

#include "fs/vfs/operations.h"
#include "kernel/sync/guarded.h"

namespace k::fs {

RegularFile::RegularFile(const PathRef& path, lib::Flags flags)
    : File(path, flags, Position::kept, &path.inode().regular()->mappings()), node_(*path.inode().regular()) {}

Result<Ref<File>> RegularFile::create(const PathRef& path, lib::Flags flags, RegularFileMemory* reserved) {
  auto* file = reserved != nullptr ? ::new (reserved->use()) RegularFile(path, flags)
                                   : new (std::nothrow) RegularFile(path, flags);
  if (file == nullptr) return err(Errno::nomem);
  if (file->writable()) path.mount().add_writer();
  return Ref<File>::adopt(*file);
}

void RegularFile::closed() {
  if (writable()) {
    inode().end_writing();
    mount()->drop_writer();
  } else if (readable()) {
    inode().end_reading();
  }
}

Result<std::size_t> RegularFile::read(IoBuffer& to, IoAt& at) {
  const auto n = read_pages(node_, inode().size(), to, at.offset);
  if (n && !flags().has(O_NOATIME)) touch_accessed(mount(), inode());
  return n;
}

/// Where the write begins and how much of it the limits allow; what writing does to the set-user-ID bits and times.
Result<void> RegularFile::begin_write(IoBuffer& from, IoAt& at) {
  if (at.append) at.offset = inode().size();
  const std::uint64_t limit = std::min(at.max_size, node_.max_size());
  if (at.offset >= limit) return err(Errno::fbig);
  (void)from.truncate(static_cast<std::size_t>(std::min<std::uint64_t>(from.remaining(), limit - at.offset)));
  if (node_.seals() != 0) [[unlikely]]
    TRY(heed_seals(from, at.offset));
  if (at.who != nullptr && (inode().mode() & (S_ISUID | S_ISGID)) != 0) [[unlikely]] {
    if (const auto kept = permissions_after_write(inode(), *at.who)) {
      TRY(inode().change_attributes(AttributeChange{.permissions = *kept}));
    }
  }
  inode().touch_modified();
  return {};
}

/// Page by page, as Linux: a page whose part of the write would end beyond the size is refused under F_SEAL_GROW, those before it
/// are written.
Result<void> RegularFile::heed_seals(IoBuffer& from, std::uint64_t offset) {
  if ((node_.seals() & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) != 0) return err(Errno::perm);
  const std::uint64_t size = inode().size();
  if ((node_.seals() & F_SEAL_GROW) == 0 || offset + from.remaining() <= size) return {};
  const std::uint64_t end = lib::align_down(size, kPageSize);
  if (end <= offset) return err(Errno::perm);
  (void)from.truncate(static_cast<std::size_t>(end - offset));
  return {};
}

Result<std::size_t> RegularFile::write(IoBuffer& from, IoAt& at) {
  sync::LockHeld held{node_.data_lock()};
  if (from.empty()) return 0;
  TRY(begin_write(from, at));
  return write_pages(node_, inode(), from, at.offset);
}

Result<long> RegularFile::ioctl(unsigned command, IoctlArg argument) {
  if (command != FIONREAD) return err(Errno::notty);
  const std::int64_t left = static_cast<std::int64_t>(inode().size()) - static_cast<std::int64_t>(position());
  TRY(argument.write(static_cast<int>(left)));
  return 0;
}

Result<std::uint64_t> RegularFile::seek(std::int64_t offset, Whence whence) {
  const std::uint64_t size = inode().size();
  const std::uint64_t to = TRY(seek_within(offset, whence, position(), size));
  if (whence == Whence::data) {
    const std::uint64_t index = node_.pages().next_present(to >> lib::kPageShift);
    if (index == UINT64_MAX || index << lib::kPageShift >= size) return err(Errno::nxio);
    return std::max(to, index << lib::kPageShift);
  }
  if (whence == Whence::hole) {
    auto index = static_cast<std::uint64_t>(offset) >> lib::kPageShift;
    if (node_.pages().next_present(index) != index) return static_cast<std::uint64_t>(offset);
    while (node_.pages().next_present(index) == index) ++index;
    return std::min(size, index << lib::kPageShift);
  }
  if (to > node_.max_size()) return err(Errno::inval);
  return to;
}

Result<mm::Frame*> RegularFile::get_page(std::uint64_t index, mm::Write) {
  if (index >= lib::pages_for(inode().size())) return err(Errno::inval);
  return page_for_access(node_, inode(), index);
}

std::size_t RegularFile::get_cached_pages(std::uint64_t first, std::span<mm::Frame*> out) {
  const std::uint64_t end = lib::pages_for(inode().size());
  const std::size_t inside = first < end ? std::min<std::size_t>(out.size(), end - first) : 0;
  std::ranges::fill(out.subspan(inside), nullptr);
  return node_.pages().find_range(first, out.first(inside));
}

Result<void> RegularFile::remove_pages(std::uint64_t first, std::uint64_t count) {
  sync::LockHeld held{node_.data_lock()};
  return node_.fallocate(
      {FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, first << lib::kPageShift, count << lib::kPageShift});
}

}  // namespace k::fs

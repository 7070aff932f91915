// sendfile, copy_file_range: bytes from one file to another by way of one page.
#include "syscalls/fs_copy.h"

#include <linux/fs.h>

#include "fs/vfs/regular_node.h"
#include "mm/phys/page_alloc.h"

namespace k::sys {
namespace {

/// One page of kernel memory for the length of a call.
class CopyPage {
 public:
  static Result<CopyPage> create() { return CopyPage{*TRY(mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no))}; }
  CopyPage(CopyPage&& o) noexcept : frame_(std::exchange(o.frame_, nullptr)) {}
  CopyPage& operator=(CopyPage&&) = delete;
  ~CopyPage() {
    if (frame_ != nullptr) mm::put_frame(*frame_);
  }
  std::span<std::byte> bytes() const { return {static_cast<std::byte*>(mm::page_pointer(*frame_)), kPageSize}; }

 private:
  explicit CopyPage(mm::Frame& frame) : frame_(&frame) {}
  mm::Frame* frame_;
};

/// A file and where to read or write it: at an offset of the call's own, or at the file's position.
struct Side {
  fs::File& file;
  std::optional<std::uint64_t> offset;

  Result<std::size_t> read(std::span<std::byte> to) {
    IoBuffer buffer = IoBuffer::kernel(to);
    const std::size_t n = TRY(offset ? file.read_at(buffer, *offset) : file.read_next(buffer));
    if (offset) *offset += n;
    return n;
  }
  Result<std::size_t> write(std::span<const std::byte> from, fs::IoAt& at) {
    IoBuffer buffer = IoBuffer::kernel(from);
    if (offset) at.offset = *offset;
    const std::size_t n = TRY(offset ? file.write_at(buffer, at) : file.write_next(buffer, at));
    if (offset) *offset += n;
    return n;
  }
  /// Takes back what was read and could not be written.
  void unread(std::size_t n) {
    if (offset) {
      *offset -= n;
    } else if (file.has_position()) {
      (void)file.move_position(-static_cast<std::int64_t>(n), fs::Whence::current);
    }
  }
};

Result<std::size_t> copy(Side& from, Side& to, std::size_t count, fs::IoAt& at) {
  const auto page = TRY(CopyPage::create());
  std::size_t done = 0;
  while (done < count) {
    const auto piece = page.bytes().first(std::min(kPageSize, count - done));
    const auto got = from.read(piece);
    if (!got) return done > 0 ? Result<std::size_t>{done} : got;
    if (*got == 0) break;
    const auto put = to.write(piece.first(*got), at);
    if (!put || *put < *got) from.unread(*got - put.value_or(0));
    if (!put) return done > 0 ? Result<std::size_t>{done} : put;
    done += *put;
    if (*put < *got) break;
  }
  return done;
}

/// One read and one write, however many pages it took.
Result<std::size_t> counted(Task& self, const Result<std::size_t>& moved) {
  return counted_write(self, counted_read(self, moved));
}

using Offset = std::optional<std::uint64_t>;

/// Not looked at further: `checked` does that.
Result<Offset> read_offset(UserInOut<std::int64_t> at) {
  if (at.in().is_null()) return Offset{};
  return Offset{static_cast<std::uint64_t>(TRY(at.in().read()))};
}

Result<Offset> checked(Offset offset) {
  if (offset && static_cast<std::int64_t>(*offset) < 0) return err(Errno::inval);
  return offset;
}

Result<void> write_offset(UserInOut<std::int64_t> at, const Side& side) {
  if (!side.offset) return {};
  return at.out().write(static_cast<std::int64_t>(*side.offset));
}

/// Bytes go from one regular file to another, each opened for its part.
Result<void> check_pair(const fs::File& source, const fs::File& target) {
  if (source.inode().is(fs::FileType::directory) || target.inode().is(fs::FileType::directory))
    return err(Errno::isdir);
  if (!source.inode().is(fs::FileType::regular) || !target.inode().is(fs::FileType::regular)) return err(Errno::inval);
  if (!source.readable() || !target.writable() || target.flags().has(O_APPEND)) return err(Errno::badf);
  return {};
}

Result<int> clone_source(unsigned command, IoctlArg argument) {
  if (command == FICLONE) return static_cast<int>(argument.value());
  return static_cast<int>(TRY(argument.read<uapi::file_clone_range>()).src_fd);
}

}  // namespace

Result<long> clone_ioctl(Task& self, fs::File& target, unsigned command, IoctlArg argument) {
  const auto source = TRY(self.fds().get(TRY(clone_source(command, argument))));
  if (&source->inode().superblock() != &target.inode().superblock()) return err(Errno::xdev);
  TRY(check_pair(*source, target));
  return err(Errno::opnotsupp);
}

namespace {

Result<std::size_t> send_file(Task& self, Fd out, Fd in, Offset& offset, std::size_t count) {
  const auto source = TRY(self.fds().get(in.number));
  if (!source->readable()) return err(Errno::badf);
  if (offset && !source->seekable()) return err(Errno::spipe);
  Side from{*source, TRY(checked(offset))};
  const auto target = TRY(self.fds().get(out.number));
  if (!target->writable()) return err(Errno::badf);
  if (target->flags().has(O_APPEND)) return err(Errno::inval);
  if (!source->inode().is(fs::FileType::regular)) return err(Errno::inval);
  Side to{*target, std::nullopt};
  fs::IoAt at = write_request(self);
  const auto moved = counted(self, with_signals(self, at, copy(from, to, std::min(count, kMaxTransfer), at)));
  offset = from.offset;
  return moved;
}

}  // namespace

/// The offset is written back in any case, and a fault there is the call's.
Result<std::size_t> sendfile(Task& self, Fd out, Fd in, UserInOut<std::int64_t> offset, std::size_t count) {
  Offset at = TRY(read_offset(offset));
  const auto moved = send_file(self, out, in, at, count);
  if (at) TRY(offset.out().write(static_cast<std::int64_t>(*at)));
  return moved;
}

Result<std::size_t> copy_file_range(Task& self, Fd in, UserInOut<std::int64_t> in_offset, Fd out,
                                    UserInOut<std::int64_t> out_offset, std::size_t count, Flags flags) {
  const auto source = TRY(self.fds().get(in.number));
  const auto target = TRY(self.fds().get(out.number));
  const Offset read_from = TRY(read_offset(in_offset)), write_to = TRY(read_offset(out_offset));
  if (flags.bits() != 0) return err(Errno::inval);
  TRY(check_pair(*source, *target));
  Side from{*source, TRY(checked(read_from))};
  Side to{*target, TRY(checked(write_to))};
  const std::uint64_t read_at = from.offset.value_or(source->position()),
                      write_at = to.offset.value_or(target->position());
  count = std::min(count, kMaxTransfer);
  const bool overlap = read_at < write_at + count && write_at < read_at + count;
  if (&source->inode() == &target->inode() && overlap) return err(Errno::inval);
  fs::IoAt at = write_request(self);
  const auto moved = counted(self, with_signals(self, at, copy(from, to, count, at)));
  TRY(write_offset(in_offset, from));
  TRY(write_offset(out_offset, to));
  return moved;
}

}  // namespace k::sys

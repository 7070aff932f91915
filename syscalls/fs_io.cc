// read, write and their kin.
#include <linux/fs.h>

#include <optional>

#include "syscalls/fs_args.h"

namespace k::sys {
namespace {

using mm::IoSegment;
using uapi::__kernel_rwf_t;  // in what the RWF_ macros expand to

/// FAULT: not in user memory as a whole, however little of it would be used. A file that is not open for it comes first.
Result<IoBuffer> flat(UserAddr at, std::size_t count, bool is_open_for_it) {
  if (!is_user_range(at, count)) [[unlikely]]
    return err(is_open_for_it ? Errno::fault : Errno::badf);
  return IoBuffer::user(at, std::min(count, kMaxTransfer));
}

Result<void> may_read(const fs::File& file) { return file.readable() ? Result<void>{} : err(Errno::badf); }
Result<void> may_write(const fs::File& file) { return file.writable() ? Result<void>{} : err(Errno::badf); }
/// SPIPE: reads and writes at an offset of their own are refused before their arguments are looked at.
Result<void> may_read_at_offset(const fs::File& file) { return file.seekable() ? Result<void>{} : err(Errno::spipe); }
Result<void> may_write_at_offset(const fs::File& file) {
  return file.takes_writes_at_offsets() ? Result<void>{} : err(Errno::spipe);
}

Result<std::uint64_t> offset_of(std::int64_t offset) {
  if (offset < 0) return err(Errno::inval);
  return static_cast<std::uint64_t>(offset);
}

/// INVAL: the last byte would have no offset.
Result<void> check_end(std::uint64_t offset, std::size_t count) {
  return offset <= INT64_MAX - count ? Result<void>{} : err(Errno::inval);
}

constexpr unsigned kPieceFlags = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_APPEND;  // a read takes those of writes too

/// RWF_DSYNC and RWF_SYNC: the data are stored before the call returns.
Result<std::size_t> synced(fs::File& file, Flags flags, Result<std::size_t> written) {
  if (written && *written > 0 && flags.any(RWF_DSYNC | RWF_SYNC)) TRY(file.sync());
  return written;
}

}  // namespace

Result<std::size_t> read(Task& self, Fd fd, UserAddr to, std::size_t count) {
  const auto file = TRY(self.fds().get(fd.number));
  IoBuffer buffer = TRY(flat(to, count, file->readable()));
  return counted_read(self, file->read_next(buffer));
}

Result<std::size_t> write(Task& self, Fd fd, UserAddr from, std::size_t count) {
  const auto file = TRY(self.fds().get(fd.number));
  IoBuffer buffer = TRY(flat(from, count, file->writable()));
  fs::IoAt at = write_request(self);
  return counted_write(self, with_signals(self, at, file->write_next(buffer, at)));
}

Result<std::size_t> pread64(Task& self, Fd fd, UserAddr to, std::size_t count, std::int64_t offset) {
  const std::uint64_t at = TRY(offset_of(offset));
  const auto file = TRY(self.fds().get(fd.number));
  TRY(may_read_at_offset(*file));
  IoBuffer buffer = TRY(flat(to, count, file->readable()));
  if (file->readable()) TRY(check_end(at, count));
  return counted_read(self, file->read_at(buffer, at));
}

Result<std::size_t> pwrite64(Task& self, Fd fd, UserAddr from, std::size_t count, std::int64_t offset) {
  fs::IoAt at = write_request(self);
  at.offset = TRY(offset_of(offset));
  const auto file = TRY(self.fds().get(fd.number));
  TRY(may_write_at_offset(*file));
  IoBuffer buffer = TRY(flat(from, count, file->writable()));
  if (file->writable()) TRY(check_end(at.offset, count));
  return counted_write(self, with_signals(self, at, file->write_at(buffer, at)));
}

namespace {

/// Where in the file a vectored call works; none is the file's position.
using Offset = std::optional<std::uint64_t>;

/// No bytes are no call of the file's.
Result<std::size_t> read_pieces(Task& self, fs::File& file, UserIn<IoSegment> vector, int count, Offset offset,
                                Flags flags) {
  if (offset) TRY(may_read_at_offset(file));
  VectorArg segments;
  TRY(segments.read(vector, count));
  TRY(may_read(file));
  IoBuffer buffer = segments.buffer();
  if (buffer.empty()) return 0;
  if (offset) TRY(check_end(*offset, buffer.remaining()));
  if (!flags.only(kPieceFlags)) return err(Errno::opnotsupp);
  return counted_read(self, offset ? file.read_at(buffer, *offset) : file.read_next(buffer));
}

Result<std::size_t> write_pieces(Task& self, fs::File& file, UserIn<IoSegment> vector, int count, Offset offset,
                                 Flags flags) {
  if (offset) TRY(may_write_at_offset(file));
  VectorArg segments;
  TRY(segments.read(vector, count));
  TRY(may_write(file));
  IoBuffer buffer = segments.buffer();
  if (buffer.empty()) return 0;
  if (offset) TRY(check_end(*offset, buffer.remaining()));
  if (!flags.only(kPieceFlags)) return err(Errno::opnotsupp);
  fs::IoAt at = write_request(self);
  at.append = flags.has(RWF_APPEND);
  if (offset) at.offset = *offset;
  const auto written = offset ? file.write_at(buffer, at) : file.write_next(buffer, at);
  return counted_write(self, with_signals(self, at, synced(file, flags, written)));
}

/// -1 is the file's position. Source: readv(2).
Result<Offset> offset_or_position(std::int64_t offset) {
  return offset == -1 ? Offset{} : Offset{TRY(offset_of(offset))};
}

}  // namespace

Result<std::size_t> readv(Task& self, Fd fd, UserIn<IoSegment> vector, int count) {
  return read_pieces(self, *TRY(self.fds().get(fd.number)), vector, count, {}, Flags{});
}

Result<std::size_t> writev(Task& self, Fd fd, UserIn<IoSegment> vector, int count) {
  return write_pieces(self, *TRY(self.fds().get(fd.number)), vector, count, {}, Flags{});
}

Result<std::size_t> preadv(Task& self, Fd fd, UserIn<IoSegment> vector, int count, std::int64_t offset) {
  const std::uint64_t at = TRY(offset_of(offset));
  return read_pieces(self, *TRY(self.fds().get(fd.number)), vector, count, at, Flags{});
}

Result<std::size_t> pwritev(Task& self, Fd fd, UserIn<IoSegment> vector, int count, std::int64_t offset) {
  const std::uint64_t at = TRY(offset_of(offset));
  return write_pieces(self, *TRY(self.fds().get(fd.number)), vector, count, at, Flags{});
}

Result<std::size_t> preadv2(Task& self, Fd fd, UserIn<IoSegment> vector, int count, std::int64_t offset, std::uint64_t,
                            Flags flags) {
  const Offset at = TRY(offset_or_position(offset));
  return read_pieces(self, *TRY(self.fds().get(fd.number)), vector, count, at, flags);
}

Result<std::size_t> pwritev2(Task& self, Fd fd, UserIn<IoSegment> vector, int count, std::int64_t offset, std::uint64_t,
                             Flags flags) {
  const Offset at = TRY(offset_or_position(offset));
  return write_pieces(self, *TRY(self.fds().get(fd.number)), vector, count, at, flags);
}

Result<std::uint64_t> lseek(Task& self, Fd fd, std::int64_t offset, unsigned whence) {
  const auto file = TRY(self.fds().get(fd.number));
  if (whence > static_cast<unsigned>(fs::Whence::hole)) return err(Errno::inval);
  return file->move_position(offset, static_cast<fs::Whence>(whence));
}

}  // namespace k::sys

// read, write and their kin.
#include <linux/fs.h>

#include "syscalls/fs_args.h"

namespace k::sys {
namespace {

using mm::IoSegment;
using uapi::__kernel_rwf_t;  // in what the RWF_ macros expand to

Result<IoBuffer> flat(UserAddr at, std::size_t count) {
  if (static_cast<std::int64_t>(count) < 0) [[unlikely]]
    return err(Errno::inval);
  return IoBuffer::user(at, std::min(count, kMaxTransfer));
}

Result<std::uint64_t> offset_of(std::int64_t offset) {
  if (offset < 0) return err(Errno::inval);
  return static_cast<std::uint64_t>(offset);
}

constexpr unsigned kReadFlags = RWF_HIPRI;
constexpr unsigned kWriteFlags = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_APPEND;

/// RWF_DSYNC and RWF_SYNC: the data are stored before the call returns.
Result<std::size_t> synced(fs::File& file, Flags flags, Result<std::size_t> written) {
  if (written && *written > 0 && flags.any(RWF_DSYNC | RWF_SYNC)) TRY(file.sync());
  return written;
}

}  // namespace

Result<std::size_t> read(Task& self, Fd fd, UserAddr to, std::size_t count) {
  const auto file = TRY(self.fds().get(fd.number));
  IoBuffer buffer = TRY(flat(to, count));
  return counted_read(self, file->read_next(buffer));
}

Result<std::size_t> write(Task& self, Fd fd, UserAddr from, std::size_t count) {
  const auto file = TRY(self.fds().get(fd.number));
  IoBuffer buffer = TRY(flat(from, count));
  fs::IoAt at = write_request(self);
  return counted_write(self, with_signals(self, at, file->write_next(buffer, at)));
}

Result<std::size_t> pread64(Task& self, Fd fd, UserAddr to, std::size_t count, std::int64_t offset) {
  const std::uint64_t at = TRY(offset_of(offset));
  const auto file = TRY(self.fds().get(fd.number));
  IoBuffer buffer = TRY(flat(to, count));
  return counted_read(self, file->read_at(buffer, at));
}

Result<std::size_t> pwrite64(Task& self, Fd fd, UserAddr from, std::size_t count, std::int64_t offset) {
  fs::IoAt at = write_request(self);
  at.offset = TRY(offset_of(offset));
  const auto file = TRY(self.fds().get(fd.number));
  IoBuffer buffer = TRY(flat(from, count));
  return counted_write(self, with_signals(self, at, file->write_at(buffer, at)));
}

Result<std::size_t> readv(Task& self, Fd fd, UserIn<IoSegment> vector, int count) {
  const auto file = TRY(self.fds().get(fd.number));
  VectorArg segments;
  TRY(segments.read(vector, count));
  IoBuffer buffer = segments.buffer();
  return counted_read(self, file->read_next(buffer));
}

Result<std::size_t> writev(Task& self, Fd fd, UserIn<IoSegment> vector, int count) {
  const auto file = TRY(self.fds().get(fd.number));
  VectorArg segments;
  TRY(segments.read(vector, count));
  IoBuffer buffer = segments.buffer();
  fs::IoAt at = write_request(self);
  return counted_write(self, with_signals(self, at, file->write_next(buffer, at)));
}

Result<std::size_t> preadv(Task& self, Fd fd, UserIn<IoSegment> vector, int count, std::int64_t offset) {
  const std::uint64_t at = TRY(offset_of(offset));
  const auto file = TRY(self.fds().get(fd.number));
  VectorArg segments;
  TRY(segments.read(vector, count));
  IoBuffer buffer = segments.buffer();
  return counted_read(self, file->read_at(buffer, at));
}

Result<std::size_t> pwritev(Task& self, Fd fd, UserIn<IoSegment> vector, int count, std::int64_t offset) {
  return pwritev2(self, fd, vector, count, TRY(offset_of(offset)), 0, Flags{});
}

/// An offset of -1 means the file's position. Source: readv(2).
Result<std::size_t> preadv2(Task& self, Fd fd, UserIn<IoSegment> vector, int count, std::int64_t offset, std::uint64_t,
                            Flags flags) {
  const auto file = TRY(self.fds().get(fd.number));
  if (!flags.only(kReadFlags)) return err(Errno::opnotsupp);
  VectorArg segments;
  TRY(segments.read(vector, count));
  IoBuffer buffer = segments.buffer();
  return counted_read(self, offset == -1 ? file->read_next(buffer) : file->read_at(buffer, TRY(offset_of(offset))));
}

Result<std::size_t> pwritev2(Task& self, Fd fd, UserIn<IoSegment> vector, int count, std::int64_t offset, std::uint64_t,
                             Flags flags) {
  const auto file = TRY(self.fds().get(fd.number));
  if (!flags.only(kWriteFlags)) return err(Errno::opnotsupp);
  VectorArg segments;
  TRY(segments.read(vector, count));
  IoBuffer buffer = segments.buffer();
  fs::IoAt at = write_request(self);
  at.append = flags.has(RWF_APPEND);
  if (offset != -1) at.offset = TRY(offset_of(offset));
  const auto written = offset == -1 ? file->write_next(buffer, at) : file->write_at(buffer, at);
  return counted_write(self, with_signals(self, at, synced(*file, flags, written)));
}

Result<std::uint64_t> lseek(Task& self, Fd fd, std::int64_t offset, unsigned whence) {
  const auto file = TRY(self.fds().get(fd.number));
  if (whence > static_cast<unsigned>(fs::Whence::hole)) return err(Errno::inval);
  return file->move_position(offset, static_cast<fs::Whence>(whence));
}

}  // namespace k::sys

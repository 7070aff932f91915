// splice, tee, vmsplice.
#include "ipc/pipe_file.h"
#include "mm/phys/page_alloc.h"
#include "syscalls/calls_ipc.h"
#include "syscalls/fs_args.h"

namespace k::sys {
namespace {

using ipc::Block;
using ipc::Pipe;
using ipc::PipeFile;

// SPLICE_F_*: no UAPI header has them. Source: splice(2), vmsplice(2).
constexpr unsigned kMove = 1, kNonblock = 2, kMore = 4, kGift = 8, kAll = kMove | kNonblock | kMore | kGift;

Block block_for(Flags flags, const fs::File& a, const fs::File& b) {
  return flags.has(kNonblock) || a.nonblocking() || b.nonblocking() ? Block::no : Block::yes;
}

Pipe* pipe_of(fs::File& file) {
  PipeFile* const p = fs::file_cast<PipeFile>(file);
  return p == nullptr ? nullptr : &p->pipe();
}

using Offset = std::optional<std::uint64_t>;

/// The offset of a call's own: none for the file's position. Not looked at further: `checked` does that.
Result<Offset> read_offset(UserInOut<std::int64_t> at) {
  if (at.in().is_null()) return Offset{};
  return Offset{static_cast<std::uint64_t>(TRY(at.in().read()))};
}

Result<Offset> checked(Offset offset, const fs::File& file) {
  if (offset && (!file.seekable() || static_cast<std::int64_t>(*offset) < 0)) return err(Errno::inval);
  return offset;
}

Result<void> write_offset(UserInOut<std::int64_t> at, Offset offset) {
  if (!offset) return {};
  return at.out().write(static_cast<std::int64_t>(*offset));
}

/// One page of the file into the pipe. What was read must not get lost, so that the pipe may be waited for.
Result<std::size_t> page_into(Pipe& pipe, fs::File& from, Offset& offset, std::size_t most) {
  mm::Frame& frame = *TRY(mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no));
  const std::span<std::byte> page{static_cast<std::byte*>(mm::page_pointer(frame)), std::min(most, kPageSize)};
  IoBuffer to = IoBuffer::kernel(page);
  auto moved = offset ? from.read_at(to, *offset) : from.read_next(to);
  if (moved && *moved > 0) {
    if (offset) *offset += *moved;
    IoBuffer out = IoBuffer::kernel(std::span<const std::byte>{page.first(*moved)});
    moved = pipe.write(out, Block::yes, ipc::Packets::no);
  }
  mm::put_frame(frame);
  return moved;
}

Result<std::size_t> file_to_pipe(fs::File& from, Offset& offset, Pipe& pipe, std::size_t bytes, Block block) {
  if (from.inode().is(fs::FileType::directory)) return err(Errno::inval);
  bytes = std::min(bytes, TRY(pipe.wait_for_room(block)));
  const bool goes_on = from.inode().is(fs::FileType::regular);  // others would wait for more
  std::size_t done = 0;
  do {
    const auto moved = page_into(pipe, from, offset, bytes - done);
    if (!moved) return done > 0 ? Result<std::size_t>{done} : moved;
    if (*moved == 0) break;
    done += *moved;
  } while (goes_on && done < bytes);
  return done;
}

Result<std::size_t> pipe_to_file(Pipe& pipe, fs::File& to, Offset& offset, std::size_t bytes, Block block,
                                 fs::IoAt& at) {
  std::size_t done = 0;
  while (done < bytes) {
    const auto some = pipe.wait_for_data(done > 0 ? Block::no : block);
    if (!some) return done > 0 ? Result<std::size_t>{done} : err(some.error());
    if (!*some) break;
    const ipc::PipePiece piece = pipe.peek();
    const auto data = piece.bytes().first(std::min(piece.bytes().size(), bytes - done));
    IoBuffer from = IoBuffer::kernel(data);
    if (offset) at.offset = *offset;
    const auto moved = offset ? to.write_at(from, at) : to.write_next(from, at);
    if (!moved) return done > 0 ? Result<std::size_t>{done} : moved;
    pipe.consume(piece, *moved);
    if (offset) *offset += *moved;
    done += *moved;
    if (*moved < data.size()) break;
  }
  return done;
}

/// EPIPE comes with SIGPIPE.
Result<std::size_t> with_pipe_signal(Task& self, Result<std::size_t> outcome) {
  fs::IoAt at = write_request(self);
  at.broken_pipe = !outcome && outcome.error() == Errno::pipe;
  return with_signals(self, at, outcome);
}

}  // namespace

Result<std::size_t> splice(Task& self, Fd in, UserInOut<std::int64_t> in_offset, Fd out,
                           UserInOut<std::int64_t> out_offset, std::size_t bytes, Flags flags) {
  if (bytes == 0) return 0;
  if (!flags.only(kAll)) return err(Errno::inval);
  const auto source = TRY(self.fds().get(in.number));
  const auto target = TRY(self.fds().get(out.number));
  Pipe *const from = pipe_of(*source), *const to = pipe_of(*target);
  if ((from != nullptr && !in_offset.is_null()) || (to != nullptr && !out_offset.is_null())) return err(Errno::spipe);
  const Offset write_to = TRY(read_offset(out_offset)), read_from = TRY(read_offset(in_offset));
  if (!source->readable() || !target->writable()) return err(Errno::badf);
  bytes = std::min(bytes, kMaxTransfer);
  if (from != nullptr && to != nullptr) {
    if (from == to) return err(Errno::inval);
    return with_pipe_signal(self, from->pass(*to, bytes, Pipe::Keep::no, block_for(flags, *source, *target)));
  }
  if (to != nullptr) {
    Offset offset = TRY(checked(read_from, *source));
    const Block block = block_for(flags, *target, *target);
    const auto moved = with_pipe_signal(self, file_to_pipe(*source, offset, *to, bytes, block));
    TRY(write_offset(in_offset, offset));
    return moved;
  }
  if (from == nullptr) return err(Errno::inval);
  Offset offset = TRY(checked(write_to, *target));
  if (target->flags().has(O_APPEND)) return err(Errno::inval);
  fs::IoAt at = write_request(self);
  const Block block = block_for(flags, *source, *source);
  const auto moved = with_signals(self, at, pipe_to_file(*from, *target, offset, bytes, block, at));
  TRY(write_offset(out_offset, offset));
  return moved;
}

Result<std::size_t> tee(Task& self, Fd in, Fd out, std::size_t bytes, Flags flags) {
  if (!flags.only(kAll)) return err(Errno::inval);
  if (bytes == 0) return 0;
  const auto source = TRY(self.fds().get(in.number));
  const auto target = TRY(self.fds().get(out.number));
  if (!source->readable() || !target->writable()) return err(Errno::badf);
  Pipe *const from = pipe_of(*source), *const to = pipe_of(*target);
  if (from == nullptr || to == nullptr || from == to) return err(Errno::inval);
  return with_pipe_signal(self, from->pass(*to, bytes, Pipe::Keep::yes, block_for(flags, *source, *target)));
}

/// Bytes are copied, also with SPLICE_F_GIFT: what the caller writes to its memory later does not show in the pipe.
Result<std::size_t> vmsplice(Task& self, Fd fd, UserIn<mm::IoSegment> vector, std::uint64_t count, Flags flags) {
  if (!flags.only(kAll)) return err(Errno::inval);
  const auto file = TRY(self.fds().get(fd.number));
  VectorArg pieces;
  if (!file->readable() && !file->writable()) return err(Errno::badf);
  TRY(pieces.read(vector, static_cast<int>(count)));  // the call's count is cut to 32 bits
  IoBuffer buffer = pieces.buffer();
  if (buffer.empty()) return 0;
  Pipe* const pipe = pipe_of(*file);
  if (pipe == nullptr) return err(Errno::badf);
  const Block block = flags.has(kNonblock) ? Block::no : Block::yes;  // O_NONBLOCK does not count here
  if (!file->writable()) return pipe->read(buffer, block);
  if (const auto room = pipe->wait_for_room(block); !room) return with_pipe_signal(self, err(room.error()));
  return with_pipe_signal(self, pipe->write(buffer, Block::no, ipc::Packets::no));
}

}  // namespace k::sys

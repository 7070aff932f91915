/// Pipe: the byte queue behind pipe(2) and FIFOs.
///
/// One Pipe is shared by every open file description of its two ends.
/// Invariants  a write of at most PIPE_BUF bytes lands contiguously or not at all. used_, readers_ and writers_ change under the
///             lock only and are read without it by poll and by the predicates of waits, whose fences (kernel/sync/
///             wait_queue.h) make a change before a wake-up visible.
/// Lock order  Rank::pipe, a sleeping lock, two of them by address; above Rank::mmap, because a user copy under it may fault.
/// Context     task context; `read` and `write` may sleep when asked to block.
/// Errors      AGAIN, interrupted, FAULT, PIPE (no reader: kernel/task raises SIGPIPE), NOMEM.
/// Source      pipe(7), read(2), write(2), poll(2).
#pragma once

#include <optional>

#include "fs/vfs/async_notice.h"
#include "fs/vfs/inode.h"
#include "ipc/pipe_ring.h"
#include "kernel/sync/guarded.h"
#include "kernel/sync/poll.h"
#include "kernel/sync/wait_queue.h"
#include "mm/phys/slab.h"

namespace k::ipc {

enum class Block : bool { no, yes };
enum class End : std::uint8_t { read = 1, write = 2 };
using Ends = lib::EnumSet<End>;

class Pipe final : public fs::InodeAttachment, public mm::SlabAllocated<Pipe> {
 public:
  static Result<Ref<Pipe>> create() { return make_ref<Pipe>(); }

  /// Moves up to `to.remaining()` bytes out. 0 is end of file: nothing queued and no writer left.
  Result<std::size_t> read(IoBuffer& to, Block block);
  Result<std::size_t> write(IoBuffer& from, Block block, Packets packets);
  sync::PollEvents poll_read(sync::PollTable* table, std::uint32_t writers_before);
  sync::PollEvents poll_write(sync::PollTable* table);

  /// How it stood with the other end when one was opened.
  struct Others {
    bool there;
    std::uint32_t openings;  // so far
  };
  /// Nothing when all who had it open are gone: the pipe is over, and whoever comes by a name needs another.
  std::optional<Others> open_ends(Ends ends);
  /// True when nobody has either end open any more.
  bool close_ends(Ends ends);
  /// Waits until the end that is not `mine` is open, or was since `mine` was opened and it was not. interrupted: nobody came, and
  /// `mine` is closed; whoever opens the other end from now on does not take this opener for a partner.
  Result<void> wait_for_other_end(End mine, const Others& before);
  /// How often an end was opened so far.
  std::uint32_t openings(End end) const {
    return (end == End::read ? read_openings_ : write_openings_).load(std::memory_order_relaxed);
  }
  bool has(End end) const { return (end == End::read ? readers_ : writers_).load(std::memory_order_relaxed) != 0; }

  /// For splice(2). False: nothing queued and no writer left. AGAIN, interrupted.
  Result<bool> wait_for_data(Block block);
  /// The room in whole pages. PIPE, AGAIN, interrupted.
  Result<std::size_t> wait_for_room(Block block);
  PipePiece peek();
  void consume(const PipePiece& piece, std::size_t bytes);
  /// Hands up to `bytes` on to another pipe by page reference; with Keep::yes (tee(2)) they stay here, too.
  enum class Keep : bool { no, yes };
  Result<std::size_t> pass(Pipe& to, std::size_t bytes, Keep keep, Block block);

  /// Whom O_ASYNC tells that `end` became ready.
  fs::AsyncNotices& async(End end) { return end == End::read ? readers_async_ : writers_async_; }

  std::size_t queued_bytes();
  std::size_t capacity();
  Result<std::size_t> set_capacity(std::size_t bytes);

 private:
  bool readable() const { return used_.load(std::memory_order_relaxed) != 0 || !has(End::write); }
  bool writable() const { return !full_.load(std::memory_order_relaxed) || !has(End::read); }
  void note(const PipeRing& ring);
  struct Left {
    bool last_reader, last_writer;
  };
  Left leave(Ends ends);
  void tell(Left left);
  static std::size_t pass_on(PipeRing& from, PipeRing& to, std::size_t bytes, Keep keep);
  std::size_t pass_some(Pipe& to, std::size_t bytes, Keep keep);
  Result<std::size_t> read_some(IoBuffer& to);
  struct Pushed {
    std::size_t moved;
    bool memory_ended;  // the caller's memory, not the room in the ring
  };
  Result<Pushed> write_some(IoBuffer& from, Packets packets);

  sync::Guarded<PipeRing, sync::Rank::pipe> ring_;
  std::atomic<std::uint32_t> used_{0}, readers_{0}, writers_{0};
  std::atomic<bool> full_{false};
  std::atomic<std::uint32_t> read_openings_{0}, write_openings_{0};
  sync::WaitQueue readers_waiting_, writers_waiting_;
  fs::AsyncNotices readers_async_, writers_async_;
  bool over_ = false;  // the ring's lock guards it
};

}  // namespace k::ipc

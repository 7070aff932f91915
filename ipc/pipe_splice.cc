// splice(2) and tee(2) between pipes, and by pages to whatever is no pipe.
#include <asm/siginfo.h>

#include "ipc/pipe.h"

namespace k::ipc {

Result<bool> Pipe::wait_for_data(Block block) {
  for (;;) {
    const bool had_writers = has(End::write);  // before the look: what they wrote is then seen
    if (used_.load(std::memory_order_acquire) != 0) return true;
    if (!had_writers) return false;
    if (block == Block::no) return err(Errno::again);
    TRY(readers_waiting_.wait_until([&] { return readable(); }));
  }
}

Result<std::size_t> Pipe::wait_for_room(Block block) {
  for (;;) {
    if (!has(End::read)) return err(Errno::pipe);
    {
      sync::Locked ring{ring_};
      if (!ring->full()) return (ring->slots() - ring->used()) * kPageSize;
    }
    if (block == Block::no) return err(Errno::again);
    TRY(writers_waiting_.wait_until([&] { return writable(); }));
  }
}

PipePiece Pipe::peek() {
  sync::Locked ring{ring_};
  return ring->peek();
}

void Pipe::consume(const PipePiece& piece, std::size_t bytes) {
  bool made_room;
  {
    sync::Locked ring{ring_};
    const bool was_full = ring->full();
    ring->consume(piece, bytes);
    note(*ring);
    made_room = was_full && !ring->full();
  }
  if (made_room) writers_waiting_.wake_one(sync::kWritable);
  if (bytes > 0) writers_async_.tell(POLL_OUT);
}

std::size_t Pipe::pass_on(PipeRing& from, PipeRing& to, std::size_t bytes, Keep keep) {
  return keep == Keep::yes ? to.share_from(from, bytes) : to.move_from(from, bytes);
}

/// What is there now, as far as it fits. Both locks are taken by address, so that two threads in opposite directions pass.
std::size_t Pipe::pass_some(Pipe& to, std::size_t bytes, Keep keep) {
  std::size_t moved;
  bool leaves_some;
  {
    Pipe& first = this < &to ? *this : to;
    Pipe& second = this < &to ? to : *this;
    sync::Locked one{first.ring_};
    sync::Locked two{second.ring_};
    PipeRing& source = this < &to ? *one : *two;
    PipeRing& target = this < &to ? *two : *one;
    moved = pass_on(source, target, bytes, keep);
    note(source);
    to.note(target);
    leaves_some = !source.empty();
  }
  if (moved > 0) to.readers_waiting_.wake_one(sync::kReadable);
  if (moved > 0 && keep == Keep::no) writers_waiting_.wake_one(sync::kWritable);
  if (leaves_some) readers_waiting_.wake_one(sync::kReadable);
  if (moved > 0) to.readers_async_.tell(POLL_IN);
  if (moved > 0 && keep == Keep::no) writers_async_.tell(POLL_OUT);
  return moved;
}

Result<std::size_t> Pipe::pass(Pipe& to, std::size_t bytes, Keep keep, Block block) {
  for (;;) {
    if (!TRY(wait_for_data(block))) return 0;
    (void)TRY(to.wait_for_room(block));
    const std::size_t moved = pass_some(to, bytes, keep);
    if (moved > 0) return moved;
  }
}

}  // namespace k::ipc

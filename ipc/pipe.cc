#include "ipc/pipe.h"

#include <asm/siginfo.h>

#include <bit>

namespace k::ipc {

void Pipe::note(const PipeRing& ring) {
  used_.store(ring.used(), std::memory_order_relaxed);
  full_.store(ring.full(), std::memory_order_relaxed);
}

/// What is queued, without waiting. Wakes a writer when this made room where there was none, and the next reader when
/// something is left for it.
Result<std::size_t> Pipe::read_some(IoBuffer& to) {
  bool made_room, leaves_some;
  std::size_t moved;
  {
    sync::Locked ring{ring_};
    const bool was_full = ring->full();
    const auto popped = ring->pop(to);
    note(*ring);
    if (!popped) return popped;
    moved = *popped;
    made_room = was_full && !ring->full();
    leaves_some = moved > 0 && !ring->empty();
  }
  if (made_room) writers_waiting_.wake_one(sync::kWritable, sched::WakeHint::sync);
  if (leaves_some) readers_waiting_.wake_one(sync::kReadable);
  if (moved > 0) writers_async_.tell(POLL_OUT);
  return moved;
}

Result<std::size_t> Pipe::read(IoBuffer& to, Block block) {
  if (to.empty()) return 0;
  for (;;) {
    const bool had_writers = has(End::write);  // before the look: what they wrote is then seen
    const std::size_t moved = TRY(read_some(to));
    if (moved > 0 || !had_writers) return moved;
    if (block == Block::no) return err(Errno::again);
    TRY(readers_waiting_.wait_until([&] { return readable(); }));
  }
}

Result<Pipe::Pushed> Pipe::write_some(IoBuffer& from, Packets packets) {
  bool was_empty, leaves_room;
  std::size_t moved;
  {
    sync::Locked ring{ring_};
    was_empty = ring->empty();
    const auto pushed = ring->push(from, packets);
    note(*ring);
    if (!pushed) return err(pushed.error());
    moved = *pushed;
    leaves_room = !ring->full();
  }
  if (was_empty && moved > 0) readers_waiting_.wake_one(sync::kReadable, sched::WakeHint::sync);
  if (leaves_room && from.empty()) writers_waiting_.wake_one(sync::kWritable);
  if (moved > 0) readers_async_.tell(POLL_IN);
  return Pushed{moved, leaves_room && !from.empty()};
}

Result<std::size_t> Pipe::write(IoBuffer& from, Block block, Packets packets) {
  std::size_t done = 0;
  while (!from.empty()) {
    if (!has(End::read)) return done > 0 ? Result<std::size_t>{done} : err(Errno::pipe);
    const auto pushed = write_some(from, packets);
    if (!pushed) return done > 0 ? Result<std::size_t>{done} : err(pushed.error());
    done += pushed->moved;
    if (from.empty() || pushed->memory_ended) break;
    if (block == Block::no) return done > 0 ? Result<std::size_t>{done} : err(Errno::again);
    const auto waited = writers_waiting_.wait_until([&] { return writable(); });
    if (!waited) return done > 0 ? Result<std::size_t>{done} : err(waited.error());
  }
  return done;
}

sync::PollEvents Pipe::poll_read(sync::PollTable* table, std::uint32_t writers_before) {
  if (table != nullptr) table->watch(readers_waiting_);
  sync::PollEvents events;
  if (used_.load(std::memory_order_relaxed) != 0) events = sync::kReadable;
  if (!has(End::write) && openings(End::write) != writers_before) events = events | sync::PollEvent::hup;
  return events;
}

sync::PollEvents Pipe::poll_write(sync::PollTable* table) {
  if (table != nullptr) table->watch(writers_waiting_);
  sync::PollEvents events;
  if (!full_.load(std::memory_order_relaxed)) events = sync::kWritable;
  if (!has(End::read)) events = events | sync::PollEvent::err;
  return events;
}

std::optional<Pipe::Others> Pipe::open_ends(Ends ends) {
  const End other = ends.has(End::read) ? End::write : End::read;
  Others before;
  {
    sync::Locked ring{ring_};
    if (over_) return std::nullopt;
    before = {has(other), openings(other)};
    if (ends.has(End::read)) readers_.fetch_add(1), read_openings_.fetch_add(1);
    if (ends.has(End::write)) writers_.fetch_add(1), write_openings_.fetch_add(1);
  }
  readers_waiting_.wake_all();
  writers_waiting_.wake_all();
  return before;
}

/// The ring is locked.
Pipe::Left Pipe::leave(Ends ends) {
  Left left{};
  if (ends.has(End::read)) left.last_reader = readers_.fetch_sub(1) == 1;
  if (ends.has(End::write)) left.last_writer = writers_.fetch_sub(1) == 1;
  return left;
}

void Pipe::tell(Left left) {
  constexpr sync::PollEvents kEnd = sync::PollEvents{sync::PollEvent::hup} | sync::PollEvent::err;
  if (left.last_writer) readers_waiting_.wake_all(sync::kReadable | kEnd);
  if (left.last_reader) writers_waiting_.wake_all(sync::kWritable | kEnd);
  if (left.last_writer) readers_async_.tell(POLL_IN);
  if (left.last_reader) writers_async_.tell(POLL_OUT);
}

bool Pipe::close_ends(Ends ends) {
  Left left;
  bool nobody;
  {
    sync::Locked ring{ring_};
    left = leave(ends);
    nobody = !has(End::read) && !has(End::write);
    over_ = nobody;
  }
  tell(left);
  return nobody;
}

Result<void> Pipe::wait_for_other_end(End mine, const Others& before) {
  if (before.there) return {};
  const End other = mine == End::read ? End::write : End::read;
  sync::WaitQueue& queue = mine == End::read ? readers_waiting_ : writers_waiting_;
  const auto has_come = [&] { return openings(other) != before.openings; };
  auto came = queue.wait_until(has_come);
  if (came) return {};
  Left left;
  {
    sync::Locked ring{ring_};
    if (has_come()) return {};
    left = leave(mine);
  }
  tell(left);
  return came;
}

std::size_t Pipe::queued_bytes() {
  return sync::Locked { ring_ } -> bytes();
}
std::size_t Pipe::capacity() {
  return sync::Locked { ring_ } -> slots() * kPageSize;
}

Result<std::size_t> Pipe::set_capacity(std::size_t bytes) {
  std::size_t capacity;
  {
    sync::Locked ring{ring_};
    TRY(ring->resize(static_cast<unsigned>(std::bit_ceil(std::max<std::size_t>(lib::pages_for(bytes), 1)))));
    note(*ring);
    capacity = ring->slots() * kPageSize;
  }
  writers_waiting_.wake_all(sync::kWritable);
  return capacity;
}

}  // namespace k::ipc

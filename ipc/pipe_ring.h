/// PipeRing: the queued bytes of a pipe, as a ring of page slots.
///
/// Invariants  a slot holds bytes [offset, offset + length) of a page and at least one byte. Small writes are merged into the last
///             page; a packet (O_DIRECT) keeps its slot to itself, and a read takes at most one packet. A write of at most
///             PIPE_BUF bytes fits into the last page or into one fresh slot: it lands whole or not at all. A page that another
///             ring refers to is not written.
/// Lock order  none: the Pipe locks.
/// Context     task context: moves bytes to and from user memory.
/// Errors      FAULT, NOMEM when nothing was moved; resize: BUSY, NOMEM.
/// Source      pipe(7), fcntl(2) F_SETPIPE_SZ.
#pragma once

#include <cstdint>

#include "kernel/lib/result.h"
#include "mm/phys/frame.h"
#include "mm/user/io_buffer.h"

namespace k::ipc {

enum class Packets : bool { no, yes };

/// Bytes at the head of a ring, held by reference: a splice writes them elsewhere without the ring's lock.
class PipePiece {
 public:
  PipePiece() = default;
  PipePiece(mm::Frame& frame, std::uint32_t offset, std::uint32_t length)
      : frame_(&frame), offset_(offset), length_(length) {}
  PipePiece(const PipePiece&) = delete;
  PipePiece& operator=(const PipePiece&) = delete;
  ~PipePiece();
  std::span<const std::byte> bytes() const;

 private:
  friend class PipeRing;
  mm::Frame* frame_ = nullptr;
  std::uint32_t offset_ = 0, length_ = 0;
};

class PipeRing {
 public:
  static constexpr unsigned kDefaultSlots = 16;  // 64 KiB, pipe(7)

  PipeRing() = default;
  ~PipeRing();
  PipeRing(const PipeRing&) = delete;
  PipeRing& operator=(const PipeRing&) = delete;

  unsigned slots() const { return slots_; }
  unsigned used() const { return tail_ - head_; }
  bool empty() const { return head_ == tail_; }
  bool full() const { return used() == slots_; }
  std::size_t bytes() const;

  /// Takes what there is room for; 0 when there is none.
  Result<std::size_t> push(IoBuffer& from, Packets packets);
  /// Gives what is there; 0 when it is empty.
  Result<std::size_t> pop(IoBuffer& to);
  /// What is at the head, if anything; consume() takes the first `bytes` of it away, unless somebody else did.
  PipePiece peek();
  void consume(const PipePiece& piece, std::size_t bytes);
  /// Page references, as many as there is room for; the bytes are nowhere copied. share_from leaves them in `from`, too.
  std::size_t share_from(PipeRing& from, std::size_t bytes);
  std::size_t move_from(PipeRing& from, std::size_t bytes);
  /// Changes the number of slots (a power of two).
  Result<void> resize(unsigned slots);

 private:
  struct Slot {
    mm::Frame* frame = nullptr;
    std::uint32_t offset = 0, length = 0;
    bool packet = false;
  };

  Slot& at(unsigned position) { return ring()[position & (slots_ - 1)]; }
  Slot* ring() { return wide_ != nullptr ? wide_ : inline_; }
  static Result<void> take_bytes(IoBuffer& from, std::byte* to, std::size_t n);
  Result<std::size_t> merge(IoBuffer& from, std::size_t wanted);
  Result<std::size_t> add_page(IoBuffer& from, Packets packets);
  Result<mm::Frame*> take_frame();
  void give_frame(mm::Frame& frame);
  void drop_head();

  unsigned head_ = 0, tail_ = 0;  // positions; only their low bits select a slot
  unsigned slots_ = kDefaultSlots;
  Slot* wide_ = nullptr;  // after a resize beyond the inline slots
  mm::Frame* spare_ = nullptr;
  Slot inline_[kDefaultSlots];
};

}  // namespace k::ipc

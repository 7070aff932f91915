// Pages of a PipeRing that go elsewhere by reference.
#include <algorithm>

#include "ipc/pipe_ring.h"
#include "mm/phys/page_alloc.h"

namespace k::ipc {

PipePiece::~PipePiece() {
  if (frame_ != nullptr) mm::put_frame(*frame_);
}

std::span<const std::byte> PipePiece::bytes() const {
  if (frame_ == nullptr) return {};
  return {static_cast<const std::byte*>(mm::page_pointer(*frame_)) + offset_, length_};
}

PipePiece PipeRing::peek() {
  if (empty()) return {};
  const Slot& first = at(head_);
  first.frame->ref();
  return PipePiece{*first.frame, first.offset, first.length};
}

/// Nothing when somebody else has read it meanwhile.
void PipeRing::consume(const PipePiece& piece, std::size_t bytes) {
  if (empty() || bytes == 0) return;
  Slot& first = at(head_);
  if (first.frame != piece.frame_ || first.offset != piece.offset_) return;
  first.offset += static_cast<std::uint32_t>(bytes);
  first.length -= static_cast<std::uint32_t>(bytes);
  if (first.length == 0) drop_head();
}

/// A frame with two owners is written by neither any more: see merge() and give_frame().
std::size_t PipeRing::share_from(PipeRing& from, std::size_t bytes) {
  std::size_t done = 0;
  for (unsigned p = from.head_; p != from.tail_ && !full() && done < bytes; ++p) {
    Slot part = from.at(p);
    part.length = static_cast<std::uint32_t>(std::min<std::size_t>(part.length, bytes - done));
    part.frame->ref();
    at(tail_++) = part;
    done += part.length;
  }
  return done;
}

std::size_t PipeRing::move_from(PipeRing& from, std::size_t bytes) {
  std::size_t done = 0;
  while (!from.empty() && !full() && done < bytes) {
    Slot& first = from.at(from.head_);
    Slot part = first;
    part.length = static_cast<std::uint32_t>(std::min<std::size_t>(part.length, bytes - done));
    done += part.length;
    at(tail_++) = part;
    if (part.length == first.length) {
      ++from.head_;
      continue;
    }
    part.frame->ref();
    first.offset += part.length;
    first.length -= part.length;
  }
  return done;
}

}  // namespace k::ipc

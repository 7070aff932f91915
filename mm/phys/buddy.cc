#include "mm/phys/buddy.h"

#include <algorithm>
#include <bit>

#include "kernel/lib/assert.h"

namespace k::mm {

void Buddy::link(Frame& block, unsigned order) {
  block.use = FrameUse::free;
  block.order = static_cast<std::uint8_t>(order);
  block.link = {lists_[order], nullptr};
  if (lists_[order] != nullptr) lists_[order]->link.previous = &block;
  lists_[order] = &block;
  non_empty_ |= 1u << order;
}

void Buddy::unlink(Frame& block) {
  const unsigned order = block.order;
  if (block.link.next != nullptr) block.link.next->link.previous = block.link.previous;
  if (block.link.previous != nullptr) {
    block.link.previous->link.next = block.link.next;
  } else {
    lists_[order] = block.link.next;
    if (lists_[order] == nullptr) non_empty_ &= ~(1u << order);
  }
  block.use = FrameUse::reserved;
}

/// Keeps the first 2^to frames and frees the rest of a block of 2^from.
void Buddy::split(Frame& block, unsigned from, unsigned to) {
  while (from > to) {
    --from;
    link(*(&block + (std::size_t{1} << from)), from);
  }
}

Frame* Buddy::take(unsigned order) {
  const unsigned candidates = non_empty_ >> order << order;
  if (candidates == 0) return nullptr;
  const unsigned found = static_cast<unsigned>(std::countr_zero(candidates));
  Frame& block = *lists_[found];
  unlink(block);
  split(block, found, order);
  free_frames_ -= std::size_t{1} << order;
  return &block;
}

Frame* Buddy::neighbour(Frame& block, unsigned order) const {
  const std::size_t index = static_cast<std::size_t>(&block - table_) ^ (std::size_t{1} << order);
  Frame* other = table_ + index;
  if (other >= end_ || other->use != FrameUse::free || other->order != order) return nullptr;
  return other;
}

void Buddy::give(Frame& first, unsigned order) {
  HT_ASSERT(first.use != FrameUse::free);
  Frame* block = &first;
  free_frames_ += std::size_t{1} << order;
  for (; order < kMaxOrder; ++order) {
    Frame* other = neighbour(*block, order);
    if (other == nullptr) break;
    unlink(*other);
    block->use = FrameUse::reserved;
    block = std::min(block, other);
  }
  link(*block, order);
}

void Buddy::add_range(Frame* first, Frame* last) {
  while (first < last) {
    const auto index = static_cast<std::size_t>(first - table_);
    const auto aligned = index == 0 ? kMaxOrder : static_cast<unsigned>(std::countr_zero(index));
    const auto fits = static_cast<unsigned>(std::bit_width(static_cast<std::size_t>(last - first)) - 1);
    const unsigned order = std::min({aligned, fits, kMaxOrder});
    give(*first, order);
    first += std::size_t{1} << order;
  }
}

}  // namespace k::mm

/// Buddy: the free blocks of RAM by order.
///
/// Invariants  a free block of order n is 2^n frames, aligned to its size; only its first frame says so (use free,
/// order n). A frame
///             inside a larger block never says `free`, so a stale mark cannot be merged.
/// Lock order  none of its own: mm/phys/page_alloc.cc keeps it inside Rank::buddy.
/// Host        pure.
/// Source      Knuth, The Art of Computer Programming 1, 2.5.
#pragma once

#include <cstddef>

#include "mm/phys/frame.h"

namespace k::mm {

inline constexpr unsigned kMaxOrder = 10;  // 4 MiB

class Buddy {
 public:
  /// A block of exactly `order`, or null. Its frames' marks are the caller's to set.
  Frame* take(unsigned order);
  /// Gives a block back, merging it with its free neighbours.
  void give(Frame& first, unsigned order);
  /// Adds frames [first, last) of the table, which were never allocatable before.
  void add_range(Frame* first, Frame* last);
  std::size_t free_frames() const { return free_frames_; }
  /// Frames below this one may be looked at when a block looks for its neighbour.
  void set_limit(Frame* table, Frame* end) { table_ = table, end_ = end; }

 private:
  void link(Frame& block, unsigned order);
  void unlink(Frame& block);
  void split(Frame& block, unsigned from, unsigned to);
  Frame* neighbour(Frame& block, unsigned order) const;

  Frame* lists_[kMaxOrder + 1] = {};
  unsigned non_empty_ = 0;  // bit n: lists_[n] has a block
  Frame* table_ = nullptr;
  Frame* end_ = nullptr;
  std::size_t free_frames_ = 0;
};

}  // namespace k::mm

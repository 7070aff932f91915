/// TlbGather: collects what a change of page tables leaves behind, then flushes once and frees.
///
/// Invariants  a frame or table handed in is released only after every CPU that may have a translation to it has flushed.
///             The destructor flushes.
/// Lock order  holds none; may be flushed with spin locks held (Rank::mappings), interrupts on.
/// Context     task context.
/// Source      Intel SDM volume 3, 4.10 (caching of translations).
#pragma once

#include <cstdint>

#include "kernel/sched/space_binding.h"
#include "mm/phys/frame.h"

namespace k::mm {

class TlbGather {
 public:
  /// `dead`: the space is loaded nowhere and never will be again, so nothing needs a flush.
  enum class Mode : bool { live, dead };
  explicit TlbGather(sched::SpaceBinding& binding, Mode mode = Mode::live) : binding_(binding), mode_(mode) {}
  ~TlbGather() { flush(); }
  TlbGather(const TlbGather&) = delete;
  TlbGather& operator=(const TlbGather&) = delete;

  /// The entry for `address` lost rights or changed its frame.
  void changed(std::uint64_t address) { changed(address, address + kPageSize); }
  void changed(std::uint64_t start, std::uint64_t end) {
    if (start < low_) low_ = start;
    if (end > high_) high_ = end;
  }
  /// Drops one reference of `frame` after the flush.
  void drop(Frame& frame) {
    if (frame_count_ == kFrames) [[unlikely]]
      flush();
    frames_[frame_count_++] = &frame;
  }
  /// Gives up a share of a huge block after the flush.
  void drop_block(Frame& block) {
    if (block_count_ == kBlocks) [[unlikely]]
      flush();
    blocks_[block_count_++] = &block;
  }
  /// Frees an empty leaf table after the flush.
  void free_table(Frame& leaf) {
    leaf.owner.pointer = tables_;
    tables_ = &leaf;
  }
  void flush();

 private:
  static constexpr unsigned kFrames = 48, kBlocks = 8;
  void shoot_down();

  sched::SpaceBinding& binding_;
  Mode mode_;
  std::uint64_t low_ = ~std::uint64_t{0}, high_ = 0;
  Frame* tables_ = nullptr;
  unsigned frame_count_ = 0, block_count_ = 0;
  Frame* frames_[kFrames];
  Frame* blocks_[kBlocks];
};

}  // namespace k::mm

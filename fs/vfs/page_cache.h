/// PageCache: the pages of one file, by index.
///
/// Invariants  a radix tree of frames, 64 children a node; a file of one page has no node at all. Each cached frame carries one
///             reference of the cache's. Look-up takes no lock: nodes live, and the cache's references last, a grace
///             period longer than their place in the tree.
/// Lock order  Rank::page_cache for changes.
/// Context     find: any task context. Others: task context, may sleep.
/// Errors      NOMEM.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "kernel/lib/result.h"
#include "kernel/sync/mutex.h"
#include "mm/phys/frame.h"

namespace k::fs {

class PageCache {
 public:
  PageCache() = default;
  ~PageCache();
  PageCache(const PageCache&) = delete;
  PageCache& operator=(const PageCache&) = delete;

  /// The frame at `index` with a reference for the caller, or null.
  mm::Frame* find(std::uint64_t index) const;
  /// The frames from `first` on, referenced, null where there is none; returns how many there are.
  std::size_t find_range(std::uint64_t first, std::span<mm::Frame*> out) const;
  /// Enters `frame`, of which the cache takes a reference of its own, unless a frame is there already; returns the one that
  /// is there afterwards, with one more reference for the caller.
  Result<mm::Frame*> insert(std::uint64_t index, mm::Frame& frame);
  /// Drops all pages with first <= index < end; returns how many. `Users::none`: nobody can be looking any more.
  enum class Users : bool { none, possible };
  std::size_t remove(std::uint64_t first, std::uint64_t end, Users users = Users::possible);
  /// The first index >= `from` that has a page (SEEK_DATA); UINT64_MAX when none has.
  std::uint64_t next_present(std::uint64_t from) const;
  std::size_t resident() const { return resident_.load(std::memory_order_relaxed); }

 private:
  struct Node;
  static constexpr unsigned kFanoutShift = 6, kMaxHeight = 11;

  static unsigned height_of(const void* tagged);
  std::atomic<void*>* slot_of(std::uint64_t index) const;
  Result<void> grow_for(std::uint64_t index);
  Result<std::atomic<void*>*> make_slot(std::uint64_t index);
  mm::Frame* take_out(std::uint64_t index);
  void prune();

  /// Null, a frame (a file of one page), or a node with its height in the low bits.
  std::atomic<void*> root_{nullptr};
  std::atomic<std::size_t> resident_{0};
  mutable sync::Mutex<sync::Rank::page_cache> lock_;
};

}  // namespace k::fs

/// EpollTable: the interest list's entries by descriptor number and file.
///
/// Invariants  a power of two of buckets, at least as many as entries, so a look-up meets about one: numbers are dense.
/// Context     the owner locks.
/// Errors      reserve: NOMEM; insert cannot fail after it.
#pragma once

#include "fs/event/epoll_item.h"

namespace k::fs::event {

class EpollTable {
 public:
  EpollItem* find(const File& file, int fd) const;
  /// Room for one more.
  Result<void> reserve();
  void insert(EpollItem& item);
  void erase(EpollItem& item);
  std::size_t size() const { return size_; }

  /// Visits all, in no order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t b = 0; b < capacity_; ++b)
      for (EpollItem* item = buckets_[b]; item != nullptr; item = item->next_in_bucket) visit(*item);
  }

  /// Empties the table; `visit` may free what it is given.
  template <class Visit>
  void drain(Visit visit) {
    for (std::size_t b = 0; b < capacity_; ++b) {
      while (EpollItem* const item = buckets_[b]) {
        buckets_[b] = item->next_in_bucket;
        --size_;
        visit(*item);
      }
    }
  }

 private:
  static constexpr std::size_t kFirst = 8;
  EpollItem*& bucket(int fd) const { return buckets_[static_cast<unsigned>(fd) & (capacity_ - 1)]; }

  Box<EpollItem*[]> buckets_;
  std::size_t capacity_ = 0, size_ = 0;
};

}  // namespace k::fs::event

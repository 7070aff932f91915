#include "fs/event/epoll_table.h"

namespace k::fs::event {

EpollItem* EpollTable::find(const File& file, int fd) const {
  if (capacity_ == 0) return nullptr;
  EpollItem* item = bucket(fd);
  while (item != nullptr && (item->fd != fd || &item->file != &file)) item = item->next_in_bucket;
  return item;
}

Result<void> EpollTable::reserve() {
  if (size_ < capacity_) return {};
  const std::size_t wider = capacity_ == 0 ? kFirst : capacity_ * 2;
  Box<EpollItem*[]> fresh{new (std::nothrow) EpollItem*[wider]()};
  if (!fresh) return err(Errno::nomem);
  for (std::size_t b = 0; b < capacity_; ++b) {
    while (EpollItem* const item = buckets_[b]) {
      buckets_[b] = item->next_in_bucket;
      EpollItem*& to = fresh[static_cast<unsigned>(item->fd) & (wider - 1)];
      item->next_in_bucket = to;
      to = item;
    }
  }
  buckets_ = std::move(fresh);
  capacity_ = wider;
  return {};
}

void EpollTable::insert(EpollItem& item) {
  EpollItem*& to = bucket(item.fd);
  item.next_in_bucket = to;
  to = &item;
  ++size_;
}

void EpollTable::erase(EpollItem& item) {
  EpollItem** link = &bucket(item.fd);
  while (*link != &item) link = &(*link)->next_in_bucket;
  *link = item.next_in_bucket;
  --size_;
}

}  // namespace k::fs::event

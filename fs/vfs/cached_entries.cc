#include "fs/vfs/cached_entries.h"

namespace k::fs {

void CachedEntries::enter(Dentry& dentry) {
  dentry.set_position(next_position_++);
  list_.push_back(dentry);
}

void CachedEntries::leave(Dentry& dentry) {
  const auto after = list_.erase(list_.iterator_to(dentry));
  if (reading_ == &dentry) reading_ = after == list_.end() ? nullptr : &*after;
}

Dentry* CachedEntries::first_from(std::uint64_t position) {
  if (reading_ != nullptr && reading_->position() == position) return reading_;
  for (Dentry& entry : list_) {
    if (entry.position() >= position) return &entry;
  }
  return nullptr;
}

void CachedEntries::read(std::uint64_t position, DirectorySink& sink) {
  reading_ = first_from(position);
  if (reading_ == nullptr) return;
  for (auto at = list_.iterator_to(*reading_); at != list_.end(); ++at) {
    const Inode& inode = *at->inode();
    reading_ = &*at;
    if (!sink.add(at->name(), inode.number(), inode.type(), at->position() + 1)) return;
  }
  reading_ = nullptr;
}

}  // namespace k::fs

#include "fs/event/epoll_item.h"

#include "fs/event/epoll.h"

namespace k::fs::event {

EpollItem::Hook::Kind EpollItem::kind_for(const EpollInterest& interest) {
  return (interest.events & EPOLLEXCLUSIVE) != 0 ? Hook::Kind::exclusive : Hook::Kind::shared;
}

EpollItem::EpollItem(Epoll& o, File& f, int n, const EpollInterest& interest)
    : FileWatch(o), owner(o), file(f), fd(n), first_(*this, kind_for(interest)) {
  set(interest);
}

EpollItem::~EpollItem() { HT_ASSERT(!first_.queued() && more_ == nullptr && !listed && edge == nullptr); }

/// Errors and hang-ups are always told. The fence is the other half of the wait queues' own: an event is seen by a hook that
/// looks at the new `wanted`, or by the caller's look at the file after this.
void EpollItem::set(const EpollInterest& interest) {
  modes = interest.events & kEpollModes;
  data = interest.data;
  wanted.store((interest.events & ~kEpollModes) | EPOLLERR | EPOLLHUP, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

Result<void> EpollItem::hook(sync::WaitQueue& queue) {
  Hook* hook = &first_;
  if (hooked_) {
    hook = TRY(make<Hook>(*this, has(EPOLLEXCLUSIVE) ? Hook::Kind::exclusive : Hook::Kind::shared)).release();
    hook->next = more_;
    more_ = hook;
  }
  hooked_ = true;
  queue.add(*hook);
  return {};
}

void EpollItem::unhook() {
  sync::WaitQueue::release(first_);
  while (Hook* const hook = more_) {
    more_ = hook->next;
    sync::WaitQueue::release(*hook);
    delete hook;
  }
}

bool EpollItem::Hook::called(Waiter& self, sync::PollEvents events) {
  EpollItem& item = static_cast<Hook&>(self).item;
  if ((item.wanted.load(std::memory_order_relaxed) & events.bits()) == 0) return false;
  return item.owner.note_event(item);
}

}  // namespace k::fs::event

#include "fs/event/epoll.h"

#include "fs/event/epoll_file.h"

namespace k::fs::event {
namespace {

/// The instance behind `file`, if it is one.
Epoll* instance_of(File& file) {
  auto* const nested = file_cast<EpollFile>(file);
  return nested != nullptr ? &nested->epoll() : nullptr;
}

}  // namespace

/// Hooks an item into every queue that the file's poll names.
class Epoll::HookTable final : public sync::PollTable {
 public:
  explicit HookTable(EpollItem& item) : PollTable(sync::kAnyEvent), item_(item) {}
  void watch(sync::WaitQueue& queue) override {
    if (status_) status_ = item_.hook(queue);
  }
  Result<void> status() const { return status_; }

 private:
  EpollItem& item_;
  Result<void> status_;
};

bool Epoll::note_event(EpollItem& item) {
  if (item.arrived.exchange(true, std::memory_order_acq_rel)) return false;
  EpollItem* top = arrivals_.load(std::memory_order_relaxed);
  do {
    item.next_arrival = top;
  } while (!arrivals_.compare_exchange_weak(top, &item, std::memory_order_release, std::memory_order_relaxed));
  return wake();
}

bool Epoll::wake() {
  const bool waited_for = waiting_.has_waiters();
  if (waited_for) waiting_.wake_one(sync::kReadable);
  watchers_.wake_one(sync::kReadable);
  return waited_for;
}

void Epoll::list(EpollItem& item, At end) {
  item.listed = true;
  end == At::back ? ready_.push_back(item) : ready_.push_front(item);
  ready_count_.store(ready_count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

EpollItem& Epoll::unlist_first() {
  EpollItem& item = *ready_.pop_front();
  item.listed = false;
  ready_count_.store(ready_count_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  return item;
}

/// The stack has the latest on top: turned round, it is in order of arrival.
void Epoll::collect_arrivals() {
  if (arrivals_.load(std::memory_order_relaxed) == nullptr) return;
  EpollItem* in_order = nullptr;
  for (EpollItem* item = arrivals_.exchange(nullptr, std::memory_order_acquire); item != nullptr;) {
    EpollItem* const next = item->next_arrival;
    item->next_arrival = in_order;
    in_order = std::exchange(item, next);
  }
  while (EpollItem* const item = in_order) {
    in_order = item->next_arrival;
    item->arrived.exchange(false, std::memory_order_acq_rel);
    if (!item->listed) list(*item, At::back);
  }
}

bool Epoll::list_if_ready(EpollItem& item, std::uint32_t events) {
  if (item.listed || (events & item.wanted.load(std::memory_order_relaxed)) == 0) return false;
  list(item, At::back);
  return true;
}

Result<void> Epoll::add(File& file, int fd, const EpollInterest& interest) {
  Epoll* const nested = instance_of(file);
  const EpollGraphHeld graph{nested != nullptr};
  if (nested != nullptr) TRY(check_edge(node, nested->node));
  return insert(file, fd, interest, nested);
}

Result<void> Epoll::insert(File& file, int fd, const EpollInterest& interest, Epoll* nested) {
  bool ready;
  {
    sync::LockHeld held{lock_};
    if (table_.find(file, fd) != nullptr) return err(Errno::exist);
    TRY(table_.reserve());
    auto fresh = TRY(make<EpollItem>(*this, file, fd, interest));
    if (nested != nullptr) fresh->edge = TRY(make<EpollEdge>(node, nested->node)).release();
    EpollItem& item = *fresh.release();
    file.watches().add(item);
    HookTable hooks{item};
    const std::uint32_t events = file.poll(&hooks).bits();
    if (const auto hooked = hooks.status(); !hooked) {
      discard(item);
      return hooked;
    }
    table_.insert(item);
    ready = list_if_ready(item, events);
  }
  if (ready) wake();
  return {};
}

Result<void> Epoll::modify(File& file, int fd, const EpollInterest& interest) {
  bool ready;
  {
    sync::LockHeld held{lock_};
    EpollItem* const item = table_.find(file, fd);
    if (item == nullptr) return err(Errno::noent);
    if (item->has(EPOLLEXCLUSIVE)) return err(Errno::inval);
    item->set(interest);
    ready = list_if_ready(*item, file.poll(nullptr).bits());
  }
  if (ready) wake();
  return {};
}

Result<void> Epoll::remove(File& file, int fd) {
  const EpollGraphHeld graph{instance_of(file) != nullptr};
  sync::LockHeld held{lock_};
  EpollItem* const item = table_.find(file, fd);
  if (item == nullptr) return err(Errno::noent);
  table_.erase(*item);
  discard(*item);
  return {};
}

/// Out of the queues first, while the file holds them: after that no event comes, and it is among the arrivals or not.
void Epoll::discard(EpollItem& item) {
  item.unhook();
  collect_arrivals();
  if (item.listed) {
    ready_.erase(item);
    item.listed = false;
    ready_count_.store(ready_count_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  }
  delete std::exchange(item.edge, nullptr);
  item.file.watches().remove(item);
  delete &item;
}

void Epoll::forget(File& file) {
  const EpollGraphHeld graph{instance_of(file) != nullptr};
  sync::LockHeld held{lock_};
  while (FileWatch* const watch = file.watches().of(*this)) {
    auto& item = static_cast<EpollItem&>(*watch);
    table_.erase(item);
    discard(item);
  }
}

/// Nobody adds any more; what others watch of this instance, their entries, went before.
void Epoll::close() {
  const EpollGraphHeld graph{node.watches.front() != nullptr};
  sync::LockHeld held{lock_};
  table_.drain([this](EpollItem& item) HT_NO_ANALYSIS { discard(item); });
}

sync::PollEvents Epoll::poll(sync::PollTable* table) {
  if (table != nullptr) table->watch(watchers_);
  if (!may_be_ready()) return {};
  sync::LockHeld held{lock_};
  collect_arrivals();
  while (ready_count_.load(std::memory_order_relaxed) != 0) {
    EpollItem& item = unlist_first();
    if (item.ready_events() == 0) continue;
    list(item, At::front);
    return sync::kReadable;
  }
  return {};
}

}  // namespace k::fs::event

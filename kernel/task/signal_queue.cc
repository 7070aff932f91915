#include "kernel/task/signal_queue.h"

#include <algorithm>
#include <memory>

namespace k::task {

Result<void> SignalQueue::add(const SignalInfo& info, User& user, std::uint64_t limit) {
  // Linux: signals of the kernel and of kill(2) below the real-time range are never refused a record by the limit.
  const bool exempt = !is_realtime(info.number) && info.code >= 0;
  if (exempt || user.queued_signals.load(std::memory_order_relaxed) < limit) {
    if (auto record = make<QueuedSignal>(info, Ref<User>::share(user))) {
      add_record(*record->release());
      return {};
    }
  }
  if (is_realtime(info.number) && info.code != SI_USER) return err(Errno::again);
  set_.add(info.number);
  return {};
}

void SignalQueue::add_record(QueuedSignal& record) {
  set_.add(record.info.number);
  record.queued = true;
  list_.push_back(record);
  ++queued_;
}

SignalQueue::List::iterator SignalQueue::remove(List::iterator at, QueuedSignal::Left how, SignalInfo& info) {
  QueuedSignal& record = *at;
  const auto next = list_.erase(at);
  --queued_;
  record.queued = false;
  if (record.owner != nullptr) {
    record.owner(record, how, info);
  } else {
    delete &record;
  }
  return next;
}

SignalInfo SignalQueue::take(SignalSet wanted) {
  const int number = next(set_ & wanted);
  const auto is_it = [number](const QueuedSignal& record) { return record.info.number == number; };
  SignalInfo found;
  found.number = number;
  found.code = SI_USER;
  auto at = std::ranges::find_if(list_, is_it);
  if (at != list_.end()) {
    found = at->info;
    at = std::find_if(remove(at, QueuedSignal::Left::taken, found), list_.end(), is_it);
  }
  if (at == list_.end()) set_.remove(number);
  return found;
}

template <class Condition>
void SignalQueue::discard_if(Condition unwanted) {
  SignalInfo nobodys;
  for (auto it = list_.begin(); it != list_.end();) {
    it = unwanted(*it) ? remove(it, QueuedSignal::Left::discarded, nobodys) : std::next(it);
  }
}

void SignalQueue::discard(SignalSet numbers) {
  if (!set_.any(numbers)) return;
  discard_if([numbers](const QueuedSignal& record) { return numbers.has(record.info.number); });
  set_ = set_.without(numbers);
}

void SignalQueue::discard_records() {
  SignalSet gone, left;
  for (const QueuedSignal& record : list_) (record.owner != nullptr ? gone : left).add(record.info.number);
  if (gone.empty()) return;
  discard_if([](const QueuedSignal& record) { return record.owner != nullptr; });
  set_ = set_.without(gone.without(left));
}

}  // namespace k::task

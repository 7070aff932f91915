#include "kernel/task/signal_queue.h"

#include <memory>

namespace k::task {

Result<void> SignalQueue::add(const SignalInfo& info, User& user, std::uint64_t limit) {
  // Linux: signals of the kernel and of kill(2) below the real-time range are never refused a record by the limit.
  const bool exempt = !is_realtime(info.number) && info.code >= 0;
  if (exempt || user.queued_signals.load(std::memory_order_relaxed) < limit) {
    if (auto record = make<QueuedSignal>(info, Ref<User>::share(user))) {
      set_.add(info.number);
      list_.push_back(*record->release());
      ++queued_;
      return {};
    }
  }
  if (is_realtime(info.number) && info.code != SI_USER) return err(Errno::again);
  set_.add(info.number);
  return {};
}

SignalInfo SignalQueue::take(SignalSet wanted) {
  const int number = next(set_ & wanted);
  SignalInfo found;
  found.number = number;
  found.code = SI_USER;
  bool more = false;
  bool taken = false;
  for (auto it = list_.begin(); it != list_.end();) {
    if (it->info.number != number) {
      ++it;
    } else if (taken) {
      more = true;
      break;
    } else {
      Box<QueuedSignal> record{&*it};
      it = list_.erase(it);
      found = record->info;
      taken = true;
      --queued_;
      if (!is_realtime(number)) break;
    }
  }
  if (!more) set_.remove(number);
  return found;
}

void SignalQueue::discard(SignalSet numbers) {
  if (!set_.any(numbers)) return;
  for (auto it = list_.begin(); it != list_.end();) {
    if (numbers.has(it->info.number)) {
      Box<QueuedSignal> record{&*it};
      it = list_.erase(it);
      --queued_;
    } else {
      ++it;
    }
  }
  set_ = set_.without(numbers);
}

}  // namespace k::task

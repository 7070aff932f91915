#include "kernel/time/timer_queue.h"

#include "kernel/sync/spin/guarded.h"

namespace k::time {

void TimerQueue::insert(Timer& timer, std::uint64_t expires) {
  sync::LockHeld held{lock_};
  timer.expires_ = expires;
  tree_.insert(timer);
  timer.queue_.store(this, std::memory_order_relaxed);
  timer.armings_.store(timer.armings_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

bool TimerQueue::erase(Timer& timer) {
  sync::LockHeld held{lock_};
  if (timer.queue_.load(std::memory_order_relaxed) != this) return false;
  tree_.erase(timer);
  timer.queue_.store(nullptr, std::memory_order_relaxed);
  return true;
}

std::uint64_t TimerQueue::expire(std::uint64_t now) {
  for (;;) {
    Timer* timer;
    {
      sync::LockHeld held{lock_};
      timer = tree_.first();
      if (timer == nullptr) return Deadline::never().ns();
      if (timer->expires_ > now) return timer->expires_;
      tree_.erase(*timer);
      timer->running_.fetch_add(1, std::memory_order_relaxed);
      timer->queue_.store(nullptr, std::memory_order_release);  // who sees that it left sees that it runs
    }
    timer->callback_(*timer);
    timer->running_.fetch_sub(1, std::memory_order_release);  // from here on it may be gone
  }
}

/// Off its queue and not running is not enough: the callback may have armed it between the two looks, and it may run again. It stays
/// away if nobody armed it since before the first look.
bool TimerQueue::cancel(Timer& timer) {
  bool was_queued = false;
  std::uint32_t seen;
  do {
    seen = timer.armings_.load(std::memory_order_acquire);
    TimerQueue* const queue = timer.queue_.load(std::memory_order_acquire);
    if (queue != nullptr && queue->erase(timer)) was_queued = true;
    while (timer.running_.load(std::memory_order_acquire) != 0) arch::pause();
  } while (timer.armings_.load(std::memory_order_relaxed) != seen);
  return was_queued;
}

}  // namespace k::time

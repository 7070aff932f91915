#include "kernel/time/timer_queue.h"

#include "kernel/sync/spin/guarded.h"

namespace k::time {

void TimerQueue::insert(Timer& timer, std::uint64_t expires) {
  sync::LockHeld held{lock_};
  timer.expires_ = expires;
  tree_.insert(timer);
  timer.queue_.store(this, std::memory_order_relaxed);
  timer.last_.store(this, std::memory_order_relaxed);
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
      running_.store(timer, std::memory_order_relaxed);
      timer->queue_.store(nullptr, std::memory_order_relaxed);
    }
    timer->callback_(*timer);
    running_.store(nullptr, std::memory_order_release);  // from here on it may be gone
  }
}

}  // namespace k::time

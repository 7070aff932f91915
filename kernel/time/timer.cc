#include "kernel/time/timer.h"

#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/upcalls.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/spin/guarded.h"
#include "kernel/sync/wait_queue.h"
#include "kernel/time/clock.h"
#include "kernel/time/event.h"
#include "kernel/time/timer_queue.h"

namespace k::time {
namespace {

HT_PER_CPU(TimerQueue, timer_queue);
constexpr std::uint64_t kNever = Deadline::never().ns();

}  // namespace

namespace detail {
HT_PER_CPU(ArmedEvent, armed_event);

void arm_event(std::uint64_t ns) {
  this_cpu(armed_event).ns = ns;
  arch::timer_arm(monotonic_to_cycles(ns));
}
}  // namespace detail

void TimerQueue::insert(Timer& timer, std::uint64_t expires) {
  {
    sync::LockHeld held{lock_};
    timer.expires_ = expires;
    tree_.insert(timer);
    timer.queue_.store(this, std::memory_order_relaxed);
    timer.last_.store(this, std::memory_order_relaxed);
  }
  want_event(expires);
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
      if (timer == nullptr) return kNever;
      if (timer->expires_ > now) return timer->expires_;
      tree_.erase(*timer);
      running_.store(timer, std::memory_order_relaxed);
      timer->queue_.store(nullptr, std::memory_order_relaxed);
    }
    timer->callback_(*timer);
    running_.store(nullptr, std::memory_order_release);  // from here on it may be gone
  }
}

void Timer::arm(Deadline deadline) {
  arch::IrqOff off;
  if (TimerQueue* const old = queue_.load(std::memory_order_relaxed)) old->erase(*this);
  if (!deadline.is_never()) this_cpu(timer_queue).insert(*this, deadline.ns());
}

bool Timer::cancel() {
  bool was_queued = false;
  if (TimerQueue* const queue = queue_.load(std::memory_order_acquire)) was_queued = queue->erase(*this);
  if (TimerQueue* const last = last_.load(std::memory_order_relaxed)) {
    while (last->is_running(*this)) arch::pause();
  }
  return was_queued;
}

void sleep_uninterruptible(std::uint64_t ns) {
  sync::WaitQueue nobody;
  const Deadline deadline = Deadline::after(ns);
  nobody.wait_uninterruptible([&] { return deadline.passed(); }, deadline);
}

}  // namespace k::time

namespace k::arch {

void ht_on_timer() {
  const sync::rcu::IrqScope scope;
  if (arch::preempt_count() == 0) sync::rcu::quiescent();
  this_cpu(time::detail::armed_event).ns = time::kNever;
  const std::uint64_t now = time::monotonic_ns();
  const std::uint64_t first_timer = this_cpu(time::timer_queue).expire(now);
  const std::uint64_t scheduler = sched::on_timer(now);
  time::want_event(first_timer < scheduler ? first_timer : scheduler);
}

}  // namespace k::arch

#include "kernel/time/timer.h"

#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/upcalls.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/rcu.h"
#include "kernel/time/clock.h"
#include "kernel/time/event.h"
#include "kernel/time/timer_queue.h"

namespace k::time {
namespace {

HT_PER_CPU(TimerQueue, timer_queue);

}  // namespace

namespace detail {
HT_PER_CPU(ArmedEvent, armed_event);

void arm_event(std::uint64_t ns) {
  this_cpu(armed_event).ns = ns;
  arch::timer_arm(monotonic_to_cycles(ns));
}
}  // namespace detail

void Timer::arm(Deadline deadline) {
  arch::IrqOff off;
  if (TimerQueue* const old = queue_.load(std::memory_order_relaxed)) old->erase(*this);
  if (deadline.is_never()) return;
  this_cpu(timer_queue).insert(*this, deadline.ns());
  want_event(deadline.ns());
}

bool Timer::cancel() { return TimerQueue::cancel(*this); }

}  // namespace k::time

namespace k::arch {

void ht_on_timer() {
  const sync::rcu::IrqScope scope;
  if (arch::preempt_count() == 0) sync::rcu::quiescent();
  this_cpu(time::detail::armed_event).ns = Deadline::never().ns();
  const std::uint64_t now = time::monotonic_ns();
  const std::uint64_t first_timer = this_cpu(time::timer_queue).expire(now);
  const std::uint64_t scheduler = sched::on_timer(now);
  time::want_event(first_timer < scheduler ? first_timer : scheduler);
}

}  // namespace k::arch

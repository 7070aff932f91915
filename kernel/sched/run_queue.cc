#include "kernel/sched/run_queue.h"

#include <algorithm>

#include "arch/include/arch/percpu.h"
#include "kernel/sched/accounting.h"
#include "kernel/time/deadline.h"

namespace k::sched {

HT_PER_CPU(RunQueue, run_queues);

namespace {

Thread& thread_of(FairEntity& e) { return *e.thread; }
Thread& thread_of(RtEntity& e) { return *e.thread; }

}  // namespace

RunQueue& lock_home(const Thread& thread) {
  for (;;) {
    RunQueue& home = run_queue_of(thread.cpu());
    home.lock();
    if (thread.cpu() == home.cpu) [[likely]]
      return home;
    home.unlock();
  }
}

void RunQueue::count(int change, std::uint64_t now) {
  const unsigned before = runnable();
  load.note(before, now);
  runnable_.store(before + static_cast<unsigned>(change), std::memory_order_relaxed);
}

void RunQueue::enqueue(Thread& thread, std::uint64_t now) {
  RunState& run = thread.run;
  run.cpu.store(cpu, std::memory_order_relaxed);
  run.queued = true;
  run.moving = false;
  count(+1, now);
  if (is_realtime(run.policy)) {
    rt_bandwidth_.renew(now);
    rt_.push_back(run.rt);
  } else {
    // The average must be that of now, or the newcomer is placed too early.
    charge(now);
    fair_.enqueue(run.fair);
  }
}

void RunQueue::remove(Thread& thread, std::uint64_t now) {
  thread.run.queued = false;
  count(-1, now);
  if (is_realtime(thread.run.policy)) {
    rt_.erase(thread.run.rt);
  } else {
    fair_.dequeue(thread.run.fair);
  }
}

void RunQueue::put_back(Thread& thread) {
  RunState& run = thread.run;
  if (!is_realtime(run.policy)) {
    fair_.put_back(run.fair);
  } else if (run.policy == Policy::rr && run.rt.slice_left_ns == 0) {
    run.rt.slice_left_ns = kRrSliceNs;
    rt_.push_back(run.rt);
  } else {
    rt_.push_front(run.rt);
  }
}

void RunQueue::put_to_sleep(Thread& thread, std::uint64_t now) {
  thread.run.queued = false;
  count(-1, now);
  if (!is_realtime(thread.run.policy)) fair_.put_to_sleep(thread.run.fair);
}

Thread& RunQueue::take_next() {
  if (realtime_first()) [[unlikely]]
    return thread_of(*rt_.take_next());
  FairEntity* const e = fair_.take_next();
  return e != nullptr ? thread_of(*e) : *idle;
}

Thread& RunQueue::take_next_but(Thread& yielding) {
  RunState& run = yielding.run;
  if (is_realtime(run.policy)) {
    rt_.push_back(run.rt);
    return take_next();
  }
  fair_.forfeit(run.fair);
  if (!rt_.empty() && !rt_bandwidth_.exhausted()) {
    fair_.put_back(run.fair);
    return thread_of(*rt_.take_next());
  }
  return thread_of(*fair_.take_next_but(run.fair));
}

bool RunQueue::charge(std::uint64_t now) {
  RunState& run = current->run;
  // Another CPU's clock may be a hair ahead.
  const std::uint64_t ran = now > run.run_start_ns ? now - run.run_start_ns : 0;
  run.run_start_ns += ran;
  run.runtime_ns += ran;
  if (current == idle) return false;
  if (!is_realtime(run.policy)) return fair_.charge(run.fair, ran);
  rt_bandwidth_.charge(now, ran);
  const bool others_turn = rt_bandwidth_.exhausted() && !fair_.empty();
  if (run.policy != Policy::rr) return others_turn;
  run.rt.slice_left_ns -= std::min(run.rt.slice_left_ns, ran);
  return others_turn || run.rt.slice_left_ns == 0;
}

bool RunQueue::realtime_due(std::uint64_t now) {
  if (rt_.empty() || is_realtime(current->run.policy)) return false;
  rt_bandwidth_.renew(now);
  return !rt_bandwidth_.exhausted();
}

bool RunQueue::should_preempt(const Thread& woken) const {
  if (current == idle) return true;
  const RunState &w = woken.run, &c = current->run;
  if (is_realtime(w.policy) && is_realtime(c.policy)) return w.rt.priority > c.rt.priority;
  if (is_realtime(w.policy)) return !rt_bandwidth_.exhausted();
  if (is_realtime(c.policy)) return rt_bandwidth_.exhausted();
  if (c.policy == Policy::idle) return w.policy != Policy::idle;
  if (w.policy != Policy::other) return false;
  return fair_.should_preempt(w.fair, c.fair, c.run_start_ns - c.picked_ns);
}

Thread* RunQueue::find_movable(unsigned to) const {
  // Only so far: a long queue of pinned threads is not worth a walk with the lock held.
  constexpr int kLookAt = 16;
  if (RtEntity* const e = rt_.first(); e != nullptr && thread_of(*e).affinity().has(to)) return &thread_of(*e);
  int looked = 0;
  for (FairEntity* e = fair_.first(); e != nullptr && looked < kLookAt; e = FairQueue::next(*e), ++looked) {
    Thread& t = thread_of(*e);
    if (t.affinity().has(to)) return &t;
  }
  return nullptr;
}

std::uint64_t RunQueue::next_event(std::uint64_t now) {
  std::uint64_t event = time::Deadline::never().ns();
  if (current == idle) return event;
  if (current->is_user) {
    if (next_sample_ns <= now) next_sample_ns = now + kSampleNs;
    event = next_sample_ns;
  }
  if (runnable() < 2) return event;
  const RunState& run = current->run;
  if (!is_realtime(run.policy)) {
    if (!rt_.empty()) [[unlikely]]
      event = std::min(event, rt_bandwidth_.period_end_ns());
    return std::min(event, now + FairQueue::slice_left(run.fair));
  }
  event = std::min(event, rt_bandwidth_.next_change(now));
  return run.policy == Policy::rr ? std::min(event, now + run.rt.slice_left_ns) : event;
}

void RunQueue::enqueue_as(Thread& thread, bool running, std::uint64_t now) {
  RunState& run = thread.run;
  if (!running) return enqueue(thread, now);
  run.queued = true;
  count(+1, now);
  if (is_realtime(run.policy)) return;
  fair_.enqueue(run.fair);
  fair_.make_current(run.fair);
}

}  // namespace k::sched

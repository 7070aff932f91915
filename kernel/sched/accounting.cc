#include "kernel/sched/accounting.h"

#include <algorithm>
#include <atomic>

#include "arch/include/arch/interrupts.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/switch.h"
#include "kernel/sync/spin/guarded.h"

namespace k::sched {
namespace {

constinit std::atomic<void (*)(Thread&)> sample_hook{nullptr};

/// `part` of `whole` shares of `total`, without overflow for 584 years of CPU time.
std::uint64_t portion(std::uint64_t total, std::uint64_t part, std::uint64_t whole) {
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(total) * part / whole);
}

std::uint64_t total_ns(const Thread& thread, const RunQueue& home) {
  const RunState& run = thread.run;
  if (home.current != &thread) return run.runtime_ns;
  const std::uint64_t now = time::monotonic_ns();
  return run.runtime_ns + (now > run.run_start_ns ? now - run.run_start_ns : 0);
}

/// Calls `read` with the thread's run queue locked.
template <class Read>
auto with_home(const Thread& thread, Read read) {
  arch::IrqOff off;
  RunQueue& home = lock_home(thread);
  auto result = read(home);
  home.unlock();
  return result;
}

}  // namespace

void on_cpu_time_sample(void (*hook)(Thread&)) { sample_hook.store(hook, std::memory_order_release); }

void take_sample(RunQueue& rq) {
  Thread& thread = *rq.current;
  if (arch::this_cpu_block().from_user != 0) {
    ++thread.run.user_samples;
    ++(thread.nice() > 0 ? rq.samples.nice : rq.samples.user);
  } else {
    ++thread.run.system_samples;
    ++rq.samples.system;
  }
}

std::uint64_t on_timer(std::uint64_t now) {
  RunQueue& rq = this_run_queue();
  rq.lock();
  const bool slice_done = rq.charge(now);
  const bool sampled = rq.current->is_user && now >= rq.next_sample_ns;
  if (sampled) take_sample(rq);
  const unsigned waiting = rq.waiting();
  if ((slice_done && waiting > 0) || rq.realtime_due(now)) request_reschedule(rq);
  if (rq.current == rq.idle && waiting > 0) request_reschedule(rq);
  // A wake-up kept a thread here because the waker seemed about to sleep; it did not, and a CPU idles.
  if (rq.current != rq.idle && waiting > 0) wake_an_idle_cpu();
  const std::uint64_t next = rq.next_event(now);
  Thread& running = *rq.current;
  rq.unlock();
  if (sampled) {
    if (const auto hook = sample_hook.load(std::memory_order_acquire)) hook(running);
  }
  return next;
}

CpuTime cpu_time(const Thread& thread) {
  return with_home(thread, [&](RunQueue& home) {
    RunState& run = const_cast<Thread&>(thread).run;
    const std::uint64_t total = total_ns(thread, home);
    const std::uint64_t samples = std::uint64_t{run.user_samples} + run.system_samples;
    CpuTime time{total, 0};
    if (samples != 0) time.system_ns = portion(total, run.system_samples, samples);
    time.system_ns = std::clamp(time.system_ns, run.told_system_ns, total - run.told_user_ns);
    time.user_ns = total - time.system_ns;
    run.told_user_ns = time.user_ns;
    run.told_system_ns = time.system_ns;
    return time;
  });
}

std::uint64_t cpu_time_ns(const Thread& thread) {
  return with_home(thread, [&](RunQueue& home) { return total_ns(thread, home); });
}

CpuCounters cpu_counters(unsigned cpu) {
  arch::IrqOff off;
  RunQueue& rq = run_queue_of(cpu);
  rq.lock();
  const std::uint64_t now = time::monotonic_ns();
  const std::uint64_t idle = total_ns(*rq.idle, rq);
  const CpuSamples s = rq.samples;
  const std::uint64_t switches = rq.switches.load(std::memory_order_relaxed);
  rq.unlock();
  const std::uint64_t busy = now > idle ? now - idle : 0;
  const std::uint64_t all = std::uint64_t{s.user} + s.nice + s.system;
  CpuCounters c{0, 0, busy, idle, switches};
  if (all == 0) return c;
  c.user_ns = portion(busy, s.user, all);
  c.nice_ns = portion(busy, s.nice, all);
  c.system_ns = busy - c.user_ns - c.nice_ns;
  return c;
}

unsigned runnable_count() {
  unsigned n = 0;
  for (unsigned cpu = 0; cpu < arch::cpu_count(); ++cpu) n += run_queue_of(cpu).runnable();
  return n;
}

std::array<std::uint64_t, 3> load_average() {
  static constinit sync::SpinGuarded<LoadAverage, sync::Rank::timer_queue> average;
  const std::uint64_t now = time::monotonic_ns();
  std::uint64_t integral = 0;
  for (unsigned cpu = 0; cpu < arch::cpu_count(); ++cpu) {
    const RunQueue& rq = run_queue_of(cpu);
    integral += rq.load.read(rq.runnable(), now);
  }
  sync::Locked a{average};
  a->update(integral, now);
  return a->values();
}

}  // namespace k::sched

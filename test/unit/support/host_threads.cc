// kernel/sched's and kernel/time's interfaces on host threads. The linker takes these definitions instead of the kernel's.
#include "test/unit/support/host_threads.h"

#include <chrono>
#include <set>
#include <vector>

#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/percpu.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/wait_queue.h"
#include "kernel/time/clock.h"
#include "kernel/time/timer.h"

namespace k::test {
namespace {

/// To RCU, a CPU whose host thread sleeps or is gone is idle.
void enter_idle() {
  while (!sync::rcu::idle_enter()) {
  }
}

std::mutex cpu_mutex;
std::set<unsigned> free_cpus = [] {
  std::set<unsigned> all;
  for (unsigned cpu = 1; cpu < arch::kMaxCpus; ++cpu) all.insert(cpu);
  return all;
}();

unsigned take_cpu() {
  for (;;) {
    if (std::lock_guard hold{cpu_mutex}; !free_cpus.empty()) return free_cpus.extract(free_cpus.begin()).value();
    std::this_thread::yield();
  }
}
void give_cpu(unsigned cpu) {
  std::lock_guard hold{cpu_mutex};
  free_cpus.insert(cpu);
}

void bind(unsigned cpu) {
  std::lock_guard hold{cpu_mutex};
  arch::host_bind_cpu(cpu);
}

/// The bound CPU runs `thread`, and nothing once it has left.
void enter_cpu(sched::Thread& thread) {
  sync::rcu::idle_exit();
  arch::CpuBlock& block = arch::this_cpu_block();
  block.current_thread = &thread;
  block.held_locks = &thread.held_locks;
}
void leave_cpu() {
  enter_idle();
  arch::CpuBlock& block = arch::this_cpu_block();
  block.current_thread = nullptr;
  block.held_locks = nullptr;
}

void run_as(sched::Thread& thread, unsigned cpu) {
  bind(cpu);
  enter_cpu(thread);
  thread.state_word.store(0);
  thread.run.on_cpu.store(true);
  thread.run.cpu.store(cpu);
}

thread_local std::vector<time::Timer*> my_timers;

std::uint64_t first_expiry() {
  std::uint64_t first = Deadline::never().ns();
  for (time::Timer* t : my_timers) first = std::min(first, t->deadline().ns());
  return first;
}

}  // namespace

void on_another_cpu(const std::function<void()>& body) {
  const unsigned own = arch::cpu_id(), other = take_cpu();
  sched::Thread& thread = sched::current();
  bind(other);
  enter_cpu(thread);
  body();
  leave_cpu();
  bind(own);
  give_cpu(other);
}

bool start_rcu() {
  static const bool started = sync::rcu::start().has_value();
  return started;
}

HostThread::HostThread(std::function<void()> body) {
  if (!body) return;
  host_ = std::thread{[this, body = std::move(body)]() mutable {
    const unsigned cpu = take_cpu();
    run_as(*this, cpu);
    body();
    body = nullptr;  // what it holds is given up by this thread too
    run.on_cpu.store(false);
    leave_cpu();
    give_cpu(cpu);
  }};
}
void HostThread::join() {
  if (host_.joinable()) host_.join();
}

AsThread::AsThread() : thread_(nullptr) { run_as(thread_, 0); }
AsThread::~AsThread() { leave_cpu(); }

}  // namespace k::test

namespace k::sched {

Thread::~Thread() = default;

void prepare_to_sleep(ThreadState how) { current().state_word.store(static_cast<std::uint32_t>(how)); }
void cancel_sleep() { current().state_word.store(0); }

void schedule() {
  auto& self = static_cast<test::HostThread&>(current());
  self.run.on_cpu.store(false);
  test::enter_idle();
  std::unique_lock hold{self.mutex};
  while (self.state() != ThreadState::running) {
    const std::uint64_t expiry = test::first_expiry(), now = time::monotonic_ns();
    if (expiry <= now) {
      hold.unlock();
      for (time::Timer* t : std::vector{test::my_timers}) {
        if (t->deadline().ns() <= now) time::Timer::fire_on_host(*t);
      }
      hold.lock();
    } else if (expiry == Deadline::never().ns()) {
      self.woken.wait(hold);
    } else {
      self.woken.wait_for(hold, std::chrono::nanoseconds{expiry - now});
    }
  }
  hold.unlock();
  sync::rcu::idle_exit();
  self.run.on_cpu.store(true);
}

bool wake(Thread& thread, StateSet states, WakeHint) {
  auto& host = static_cast<test::HostThread&>(thread);
  std::lock_guard hold{host.mutex};
  if ((host.state_word.load() & states.bits()) == 0) return false;
  host.state_word.store(0);
  host.woken.notify_one();
  return true;
}

void yield() { std::this_thread::yield(); }

/// Host threads have no priorities; what they would run at is all that tests look at.
void inherit_priority(Thread& thread, Priority from_waiters) {
  thread.run.inherited = from_waiters;
  thread.run.nice = thread.run.own.nice;
  thread.run.policy = thread.run.own.policy;
  thread.run.rt_priority = thread.run.own.rt_priority;
  if (from_waiters >= thread.priority()) return;
  const bool realtime = is_realtime_priority(from_waiters);
  thread.run.policy = realtime ? Policy::fifo : Policy::other;
  if (realtime) thread.run.rt_priority = static_cast<std::uint8_t>(kMaxRtPriority - from_waiters);
  if (!realtime) thread.run.nice = static_cast<std::int8_t>(from_waiters - kNiceZeroPriority);
}

Result<Thread*> spawn_kernel_thread(std::string_view, void (*function)(void*), void* argument) {
  // Lives as long as the process, as the kernel's service threads do.
  auto* thread = new test::HostThread{[=] { function(argument); }};
  return thread;
}

}  // namespace k::sched

namespace k::time {

std::uint64_t monotonic_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}
void Timer::arm(Deadline deadline) {
  cancel();
  if (deadline.is_never()) return;
  expires_ = deadline.ns();
  test::my_timers.push_back(this);
}
std::int64_t realtime_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}
Deadline realtime_deadline(std::int64_t ns) {
  const std::int64_t left = ns - realtime_ns();
  return Deadline::at(monotonic_ns() + (left > 0 ? static_cast<std::uint64_t>(left) : 0));
}
std::uint64_t clock_set_count() { return 0; }
sync::WaitQueue& clock_set_waiters() {
  static constinit sync::WaitQueue nobody_sets_it;
  return nobody_sets_it;
}
bool Timer::cancel() { return std::erase(test::my_timers, this) > 0; }
void Timer::fire_on_host(Timer& timer) {
  timer.cancel();
  timer.callback_(timer);
}

}  // namespace k::time

// The idle loop: look for work, poll for a while where that pays, halt.
//
// No wake-up is lost between looking and halting: the CPU (1) says that it is halted, (2) passes a full fence, (3) looks at
// its queue, (4) halts with interrupts becoming enabled by the same instruction. A waker (a) queues the thread, (b) passes a
// full fence, (c) reads the state and sends an interrupt if it says halted. Either (3) sees (a), or (c) sees (1).
#include "arch/include/arch/interrupts.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/switch.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/spin/preempt.h"

namespace k::sched {
namespace {

constinit std::atomic<std::uint64_t> idle_mask{0};

bool has_work(const RunQueue& rq) { return rq.runnable() != 0 || arch::need_resched(); }

/// How long to poll before halting: learned from how soon the work came that ended the last halts. A halt costs a wake-up
/// interrupt (tens of microseconds in emulation, a few on hardware), so polling pays when work is nearer than that.
class PollTime {
 public:
  std::uint64_t ns() const { return arch::cpu_count() == 1 ? 0 : ns_; }
  /// Work came `after` nanoseconds of idling; polling had or had not been enough.
  void learn(std::uint64_t after) {
    if (after < ns_) return;
    if (after < kMost) {
      ns_ = ns_ == 0 ? kLeast : ns_ * 2 < kMost ? ns_ * 2 : kMost;
    } else {
      ns_ = ns_ / 2 < kLeast ? 0 : ns_ / 2;
    }
  }

 private:
  static constexpr std::uint64_t kLeast = 10'000, kMost = 80'000;
  std::uint64_t ns_ = 0;
};

bool poll(const RunQueue& rq, std::uint64_t since, std::uint64_t ns) {
  while (time::monotonic_ns() - since < ns) {
    for (int i = 0; i < 16; ++i) {
      if (has_work(rq)) return true;
      arch::pause();
    }
  }
  return has_work(rq);
}

void halt(RunQueue& rq) {
  arch::interrupts_disable();
  rq.idle_state.store(IdleState::halted, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (!has_work(rq) && sync::rcu::idle_enter()) {
    arch::wait_for_interrupt();
    sync::rcu::idle_exit();
  }
  arch::interrupts_enable();
  rq.idle_state.store(IdleState::looking, std::memory_order_relaxed);
}

}  // namespace

CpuMask idle_cpus() { return CpuMask{idle_mask.load(std::memory_order_relaxed)}; }

void mark_idle(unsigned cpu, bool is_idle) {
  const std::uint64_t bit = CpuMask::of(cpu).bits();
  if (is_idle) {
    idle_mask.fetch_or(bit, std::memory_order_relaxed);
  } else {
    idle_mask.fetch_and(~bit, std::memory_order_relaxed);
  }
}

void wake_an_idle_cpu() {
  const CpuMask idle = idle_cpus();
  if (!idle.empty()) arch::send_reschedule(idle.lowest());
}

void run_idle() {
  RunQueue& rq = this_run_queue();
  PollTime poll_time;
  for (;;) {
    // Interrupts return here, not into another thread: one way in, one way out.
    sync::preempt_disable();
    const std::uint64_t since = time::monotonic_ns();
    mark_idle(rq.cpu, true);
    rq.idle_state.store(IdleState::looking, std::memory_order_relaxed);
    if (const std::uint64_t ns = poll_time.ns(); !poll(rq, since, ns)) halt(rq);
    rq.idle_state.store(IdleState::busy, std::memory_order_relaxed);
    mark_idle(rq.cpu, false);
    poll_time.learn(time::monotonic_ns() - since);
    sync::preempt_enable_no_resched();
    leave_cpu(Leave::yield);
  }
}

}  // namespace k::sched

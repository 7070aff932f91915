#include "kernel/sync/rcu.h"

#include <utility>

#include "arch/include/arch/interrupts.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/relaxed.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/spin/guarded.h"
#include "kernel/sync/wait_queue.h"

namespace k::sync::rcu {
namespace detail {
HT_PER_CPU(std::atomic<std::uint32_t>, attention);
}
namespace {

/// Bits of `attention`.
constexpr std::uint32_t kOwesReport = 1, kWakeThread = 2;
/// Callbacks that make a batch: few enough to be cheap in memory, enough to share a grace period's cost.
constexpr unsigned kBatch = 64;
/// After this long, a CPU that has not reported is interrupted.
constexpr std::uint64_t kPatienceNs = 5'000'000;

/// Callbacks in order of arrival.
struct List {
  Head *first = nullptr, *last = nullptr;
  lib::Relaxed<unsigned> count{0};  // idle_enter looks at its own CPU's without the lock

  void push(Head& head) {
    head.next = nullptr;
    (first == nullptr ? first : last->next) = &head;
    last = &head;
    count = count + 1;
  }
  Head* take() {
    count = 0;
    return std::exchange(first, nullptr);
  }
};
struct Callbacks {
  SpinGuarded<List, Rank::rcu> list{};
};
HT_PER_CPU(Callbacks, waiting);

constinit std::atomic<std::uint64_t> owing{0};  // CPUs that have not reported
constinit std::atomic<std::uint64_t> idle{0};   // CPUs that are halted
constinit std::atomic<bool> thread_wanted{false}, thread_started{false};
constinit WaitQueue thread_wakes;  // the rcu thread: it is wanted, or the grace period ended

std::uint64_t my_bit() { return std::uint64_t{1} << arch::cpu_id(); }

void ask_this_cpu(std::uint32_t what) { this_cpu(detail::attention).fetch_or(what, std::memory_order_relaxed); }

/// Takes CPUs off the list of those waited for; tells the thread when it was the last.
void report(std::uint64_t cpus) {
  if (owing.fetch_and(~cpus, std::memory_order_acq_rel) == cpus) thread_wakes.wake_all();
}

void want_thread() {
  thread_wanted.store(true, std::memory_order_seq_cst);
  thread_wakes.wake_all();
}

bool have_callbacks() { return this_cpu(waiting).list.unguarded().count != 0; }

Head* take_callbacks(unsigned cpu) {
  Locked list{on_cpu(waiting, cpu).list};
  return list->take();
}

/// Why no grace period ends early. The thread (1) marks a CPU as owing and passes a full fence, (2) looks whether it is halted. A
/// CPU (a) stops being halted and passes a full fence, (b) reads. If (2) finds the CPU halted, (a) comes after (1), so readers
/// there began after the grace period did; any other CPU reports by itself, when it is in no reader.
void begin_grace_period() {
  const std::uint64_t self = my_bit();
  const std::uint64_t others = ((arch::cpu_count() == 64 ? 0 : std::uint64_t{1} << arch::cpu_count()) - 1) & ~self;
  owing.store(others, std::memory_order_relaxed);
  for (unsigned cpu = 0; cpu < arch::cpu_count(); ++cpu) {
    if ((others >> cpu & 1) != 0) on_cpu(detail::attention, cpu).fetch_or(kOwesReport);
  }
  std::atomic_thread_fence(std::memory_order_seq_cst);
  owing.fetch_and(~idle.load(std::memory_order_acquire),
                  std::memory_order_relaxed);  // a halted CPU's readers ended before
}

/// The rcu thread itself is in no reader; the other CPUs are asked.
void wait_for_grace_period() {
  {
    PreemptOff off;
    begin_grace_period();
  }
  const auto finished = [] { return owing.load(std::memory_order_acquire) == 0; };
  while (!thread_wakes.wait_until(finished, Deadline::after(kPatienceNs))) {
    const std::uint64_t late = owing.load(std::memory_order_relaxed);
    for (unsigned cpu = 0; cpu < arch::cpu_count(); ++cpu) {
      if ((late >> cpu & 1) != 0) arch::send_reschedule(cpu);
    }
  }
}

void run(Head* batch) {
  while (batch != nullptr) {
    Head* const next = batch->next;
    batch->function(batch);
    batch = next;
  }
}

void thread_main(void*) {
  for (;;) {
    (void)thread_wakes.wait_until([] { return thread_wanted.exchange(false, std::memory_order_seq_cst); });
    Head* batches[arch::kMaxCpus] = {};
    const unsigned cpus = arch::cpu_count();
    for (unsigned cpu = 0; cpu < cpus; ++cpu) batches[cpu] = take_callbacks(cpu);
    wait_for_grace_period();
    for (unsigned cpu = 0; cpu < cpus; ++cpu) run(batches[cpu]);
  }
}

struct Waiting : Head {
  std::atomic<bool> done{false};
};
constinit WaitQueue synchronizers;

}  // namespace

void detail::attend() {
  const std::uint32_t what = this_cpu(attention).exchange(0, std::memory_order_acq_rel);
  if ((what & kOwesReport) != 0) report(my_bit());
  if ((what & kWakeThread) != 0) want_thread();
}

void call(Head& head, void (*function)(Head*)) {
  head.function = function;
  PreemptOff off;
  bool full;
  {
    Locked list{this_cpu(waiting).list};
    list->push(head);
    full = list->count >= kBatch;
  }
  // The caller may hold locks: the thread is woken at the next switch.
  if (full) ask_this_cpu(kWakeThread);
}

bool idle_enter() {
  // Idle time is free: reclaim now. A thread that is wanted already comes here when its grace period ends.
  if (have_callbacks() && thread_started.load(std::memory_order_relaxed) && !thread_wanted.exchange(true)) {
    thread_wakes.wake_all();
    return false;
  }
  idle.fetch_or(my_bit(), std::memory_order_seq_cst);
  quiescent();
  return true;
}

void idle_exit() { idle.fetch_and(~my_bit(), std::memory_order_seq_cst); }

IrqScope::IrqScope() : was_idle_((idle.load(std::memory_order_relaxed) & my_bit()) != 0) {
  if (was_idle_) idle_exit();
}
IrqScope::~IrqScope() {
  if (!was_idle_) return;
  idle.fetch_or(my_bit(), std::memory_order_seq_cst);
  quiescent();
}

void synchronize() {
  Waiting me;
  call(me, [](Head* head) {
    static_cast<Waiting*>(head)->done.store(true, std::memory_order_release);  // `me` may be gone from here on
    synchronizers.wake_all();
  });
  want_thread();
  synchronizers.wait_uninterruptible([&] { return me.done.load(std::memory_order_acquire); });
}

void barrier() {
  // The first batch includes all callbacks queued so far and starts before the second.
  synchronize();
  synchronize();
}

Result<void> start() {
  HT_VERIFY(!thread_started.load(std::memory_order_relaxed));  // grace periods are one thread's
  TRY(sched::spawn_kernel_thread("rcu", thread_main, nullptr));
  thread_started.store(true, std::memory_order_relaxed);
  return {};
}

}  // namespace k::sync::rcu

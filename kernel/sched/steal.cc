// Work stealing: a CPU about to idle takes a thread that waits elsewhere.
#include "kernel/sched/switch.h"

namespace k::sched {
namespace {

/// The CPU with most threads waiting for it; this one when none has any.
unsigned busiest(unsigned self) {
  unsigned found = self, most = 0;
  for (unsigned i = 1; i < arch::cpu_count(); ++i) {
    const unsigned cpu = (self + i) % arch::cpu_count();
    const unsigned waiting = run_queue_of(cpu).waiting();
    if (waiting > most) most = waiting, found = cpu;
  }
  return found;
}

}  // namespace

void steal_into(RunQueue& rq, std::uint64_t now) {
  if (arch::cpu_count() == 1) return;
  const unsigned from = busiest(rq.cpu);
  if (from == rq.cpu) return;
  RunQueue& victim = run_queue_of(from);
  // Not lock(): both CPUs may be at it. Who fails goes idle; the victim's timer calls again.
  if (!victim.try_lock()) return;
  Thread* const thread = victim.find_movable(rq.cpu);
  if (thread != nullptr) {
    victim.remove(*thread, now);
    thread->run.cpu.store(rq.cpu, std::memory_order_relaxed);  // who changes it from here on takes this CPU's lock
  }
  victim.unlock();
  if (thread == nullptr) return;
  if (thread->notify_on_move) thread->add_exit_work(arch::ExitWork::notify);
  rq.enqueue(*thread, now);
}

}  // namespace k::sched

#include "kernel/task/oom.h"

#include <algorithm>
#include <atomic>

#include "kernel/log/log.h"
#include "kernel/task/signal.h"
#include "mm/phys/page_alloc.h"

namespace k::task {
namespace {

constexpr int kNever = -1000;
constexpr std::uint64_t kPatienceNs = 2'000'000'000;  // for a victim that cannot leave

/// When the last victim was chosen; 0: none is dying.
constinit std::atomic<std::uint64_t> g_killed_at{0};
constinit std::atomic<pid_t> g_victim{0};

std::uint64_t resident_pages(Process& process) {
  RefOrNull<mm::AddressSpace> space;
  {
    const sync::rcu::ReadGuard reading;
    if (const Task* thread = any_thread(process)) space = thread->shared_address_space();
  }
  return space ? space->resident_pages() : 0;
}

/// Pages, moved by oom_score_adj thousandths of all memory; negative: never.
std::int64_t badness(Process& process) {
  if (process.is_init() || process.oom_score_adj == kNever || process.life != Life::running) return -1;
  const auto resident = static_cast<std::int64_t>(resident_pages(process));
  if (resident == 0) return -1;
  const auto total = static_cast<std::int64_t>(mm::memory_counters().total_frames);
  return std::max<std::int64_t>(resident + process.oom_score_adj * total / 1000, 1);
}

RefOrNull<Process> choose() {
  RefOrNull<Process> worst;
  std::int64_t most = 0;
  for (RefOrNull<Process> p = next_process(2); p; p = next_process(p->id() + 1)) {
    const std::int64_t points = badness(*p);
    if (points > most) {
      most = points;
      worst = p;
    }
  }
  return worst;
}

bool victim_is_still_leaving() {
  const pid_t number = g_victim.load(std::memory_order_relaxed);
  if (number == 0 || time::monotonic_ns() - g_killed_at.load(std::memory_order_relaxed) > kPatienceNs) return false;
  const sync::rcu::ReadGuard reading;
  const Process* victim = find_process(number);
  return victim != nullptr && victim->life == Life::running;
}

/// True: try the allocation again.
bool on_out_of_memory() {
  if (sched::current().kill_pending()) return false;  // the victim itself: give up and leave
  if (victim_is_still_leaving()) {
    sched::yield();
    return true;
  }
  RefOrNull<Process> victim = choose();
  if (!victim) return false;
  g_victim.store(victim->id(), std::memory_order_relaxed);
  g_killed_at.store(time::monotonic_ns(), std::memory_order_relaxed);
  log::error("Out of memory: Killed process {} with {} KiB resident", victim->id(),
             resident_pages(*victim) * (kPageSize / 1024));
  kill_process(*victim);
  return !sched::current().kill_pending();
}

}  // namespace

void register_oom_killer() { mm::set_out_of_memory_handler(&on_out_of_memory); }

int oom_score(Process& process) {
  const std::int64_t points = badness(process);
  const std::size_t total = mm::memory_counters().total_frames;
  return points <= 0 || total == 0 ? 0 : static_cast<int>(points * 1000 / static_cast<std::int64_t>(total));
}

}  // namespace k::task

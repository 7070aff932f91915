#include "mm/vm/commit.h"

#include <algorithm>
#include <atomic>

#include "arch/include/arch/percpu.h"
#include "mm/phys/page_alloc.h"

namespace k::mm {
namespace {

HT_PER_CPU(std::atomic<std::int64_t>, g_committed);  // only the sum over all CPUs means anything
constinit std::atomic<Overcommit> g_mode{Overcommit::heuristic};
constinit std::atomic<unsigned> g_ratio{50};
constinit std::atomic<std::uint64_t> g_room_pages{0};

void add(std::int64_t pages) { this_cpu(g_committed).fetch_add(pages, std::memory_order_relaxed); }

bool allows(std::uint64_t pages) {
  switch (overcommit()) {
    case Overcommit::always:
      return true;
    case Overcommit::heuristic:  // refuses only what could never be there
      return pages <= memory_counters().total_frames;
    case Overcommit::never:
      return committed_pages() + pages <= commit_limit_pages();
  }
  return false;
}

}  // namespace

void set_overcommit(Overcommit mode) { g_mode.store(mode, std::memory_order_relaxed); }
Overcommit overcommit() { return g_mode.load(std::memory_order_relaxed); }

void set_commit_room(CommitRoom room) {
  g_ratio.store(room.ratio_percent, std::memory_order_relaxed);
  g_room_pages.store(room.pages, std::memory_order_relaxed);
}
CommitRoom commit_room() {
  return {g_ratio.load(std::memory_order_relaxed), g_room_pages.load(std::memory_order_relaxed)};
}

Result<void> charge_commit(std::uint64_t pages) {
  // Small requests under the heuristic need no look at the counters.
  constexpr std::uint64_t kSmall = 1024;
  if ((overcommit() != Overcommit::heuristic || pages > kSmall) && !allows(pages)) return err(Errno::nomem);
  add(static_cast<std::int64_t>(pages));
  return {};
}

void uncharge_commit(std::uint64_t pages) { add(-static_cast<std::int64_t>(pages)); }

std::uint64_t committed_pages() {
  std::int64_t sum = 0;
  for (unsigned cpu = 0; cpu < arch::cpu_count(); ++cpu)
    sum += on_cpu(g_committed, cpu).load(std::memory_order_relaxed);
  return static_cast<std::uint64_t>(std::max<std::int64_t>(sum, 0));
}

std::uint64_t commit_limit_pages() {
  const CommitRoom room = commit_room();
  return room.pages != 0 ? room.pages : memory_counters().total_frames * room.ratio_percent / 100;
}

}  // namespace k::mm

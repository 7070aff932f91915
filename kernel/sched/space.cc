// Switching address spaces, and telling lazy CPUs of changes.
//
// A kernel thread borrows the space that is loaded ("lazy"): no CR3 write on the way to it or back. A shootdown leaves lazy CPUs
// alone and counts a generation instead; a CPU that comes back from lazy compares. No flush is missed: the changer (1) edits
// tables, (2) counts the generation, (3) reads who is lazy; the CPU (a) stops being lazy, (b) passes a full fence, (c) reads the
// generation. Either (3) sees it not lazy and interrupts it, or (c) sees the new count and it flushes.
#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/page_table.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/switch.h"

namespace k::sched {
namespace {

struct LoadedSpace {
  std::atomic<SpaceBinding*> binding{nullptr};  // what is loaded; null: the kernel's own tables
  std::uint64_t seen = 0;                       // generation up to which this CPU's TLB is flushed
};
HT_PER_CPU(LoadedSpace, loaded_space);
constinit std::atomic<std::uint64_t> lazy_cpus{0};

std::uint64_t my_bit() { return CpuMask::of(arch::cpu_id()).bits(); }

void load(LoadedSpace& mine, SpaceBinding* next) {
  SpaceBinding* const old = mine.binding.load(std::memory_order_relaxed);
  if (next != nullptr) {
    next->cpus.fetch_or(my_bit());
    mine.seen = next->generation.load();
  }
  mine.binding.store(next, std::memory_order_relaxed);
  arch::load_page_table(next != nullptr ? next->root : arch::kernel_page_table());
  if (old != nullptr) old->cpus.fetch_and(~my_bit());
}

void stop_being_lazy(LoadedSpace& mine, SpaceBinding& binding) {
  lazy_cpus.fetch_and(~my_bit());  // also the full fence
  const std::uint64_t generation = binding.generation.load(std::memory_order_relaxed);
  if (generation == mine.seen) return;
  arch::tlb_flush_all();
  mine.seen = generation;
}

/// On one CPU there is nobody to interrupt and nothing to miss.
bool alone() { return arch::cpu_count() == 1; }

}  // namespace

void switch_space(Thread& next) {
  LoadedSpace& mine = this_cpu(loaded_space);
  SpaceBinding* const wanted = next.binding;
  if (wanted == nullptr) {
    if (!alone()) lazy_cpus.fetch_or(my_bit());
    return;
  }
  const bool was_lazy = !alone() && (lazy_cpus.load(std::memory_order_relaxed) & my_bit()) != 0;
  if (mine.binding.load(std::memory_order_relaxed) == wanted) [[likely]] {
    if (was_lazy) stop_being_lazy(mine, *wanted);
    return;
  }
  if (was_lazy) lazy_cpus.fetch_and(~my_bit());
  load(mine, wanted);
}

Shootdown announce_change(SpaceBinding& binding, TablesFreed tables) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const CpuMask others = CpuMask{binding.cpus.load()}.without(CpuMask::of(arch::cpu_id()));
  if (others.empty()) return {};  // a CPU that loads it from now on loads it fresh
  const std::uint64_t generation = binding.generation.fetch_add(1) + 1;
  note_flushed(binding, generation);
  const CpuMask skip{tables == TablesFreed::yes ? 0 : lazy_cpus.load()};
  return {others.without(skip), generation};
}

void note_flushed(SpaceBinding& binding, std::uint64_t generation) {
  LoadedSpace& mine = this_cpu(loaded_space);
  if (mine.binding.load(std::memory_order_relaxed) == &binding && mine.seen + 1 == generation) mine.seen = generation;
}

void use_space(SpaceBinding* binding) {
  arch::IrqOff off;
  current().binding = binding;
  if (!alone()) lazy_cpus.fetch_and(~my_bit());
  load(this_cpu(loaded_space), binding);
}

void evict_space(SpaceBinding& binding) {
  const auto drop = [](void* argument) {
    LoadedSpace& mine = this_cpu(loaded_space);
    if (mine.binding.load(std::memory_order_relaxed) == argument) load(mine, nullptr);
  };
  {
    arch::IrqOff off;
    drop(&binding);
  }
  const std::uint64_t others = binding.cpus.load();
  if (others != 0) arch::call_on_cpus(others, drop, &binding);
}

}  // namespace k::sched

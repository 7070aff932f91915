// Kernel stacks. The last few are kept per CPU: a fork soon after an exit finds one that is mapped and warm.
#include "kernel/sched/switch.h"
#include "kernel/sync/rcu.h"
#include "mm/phys/page_alloc.h"

namespace k::sched {
namespace {

struct StackCache {
  static constexpr unsigned kMax = 4;
  void* tops[kMax] = {};
  unsigned count = 0;
};
HT_PER_CPU(StackCache, stack_cache);

/// Lies in the dead stack itself.
sync::rcu::Head& head_in(void* top) {
  return *reinterpret_cast<sync::rcu::Head*>(static_cast<char*>(top) - arch::kKernelStackSize);
}

}  // namespace

Result<void*> take_stack() {
  {
    arch::IrqOff off;
    StackCache& cache = this_cpu(stack_cache);
    if (cache.count > 0) return cache.tops[--cache.count];
  }
  void* const bottom = TRY(mm::allocate_virtual(arch::kKernelStackSize));
  return static_cast<char*>(bottom) + arch::kKernelStackSize;
}

void give_back_stack(void* top) {
  arch::IrqOff off;
  StackCache& cache = this_cpu(stack_cache);
  if (cache.count < StackCache::kMax) {
    cache.tops[cache.count++] = top;
    return;
  }
  // Unmapping may have to wait for other CPUs: leave it to the rcu thread.
  sync::rcu::call(head_in(top), [](sync::rcu::Head* head) { mm::free_virtual(head, arch::kKernelStackSize); });
}

}  // namespace k::sched

// allocate_virtual: kernel stacks and large tables, each with an unmapped page below.
//
// A freed kernel stack stays mapped: this CPU keeps a few, the rest wait in one list, and only the shrinker unmaps
// them. So a new thread's stack costs a pop, and freeing one needs no shootdown and works in any context.
#include <utility>

#include "arch/include/arch/context.h"
#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/page_table.h"
#include "arch/include/arch/percpu.h"
#include "kernel/lib/fault_injection.h"
#include "kernel/sync/spin/guarded.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/virtual_memory.h"
#include "mm/phys/virtual_slots.h"

namespace k::mm {
namespace {

constexpr std::size_t kStackPages = lib::pages_for(arch::kKernelStackSize);
static_assert(kStackPages == VirtualSlots::kSmallestPages);
constexpr unsigned kStacksPerCpu = 8;

/// In the memory of a cached stack.
struct FreeStack {
  FreeStack* next;
};
struct LocalStacks {
  FreeStack* head = nullptr;
  std::uint64_t count = 0;
};
HT_PER_CPU(LocalStacks, g_local_stacks);

struct Shared {
  VirtualSlots slots;
  FreeStack* stacks = nullptr;
  std::size_t stack_count = 0;
};
constinit sync::SpinGuarded<Shared, sync::Rank::kernel_map> g_shared;

struct Range {
  std::uint64_t start;
  std::size_t pages;
};
void flush_here(void* argument) {
  const auto& range = *static_cast<const Range*>(argument);
  for (std::size_t i = 0; i < range.pages; ++i) arch::tlb_flush_page(UserAddr{range.start + i * kPageSize});
}

/// Unmaps and frees the first `mapped` pages of a slot and gives the slot back.
void release(std::uint64_t start, std::size_t mapped, std::size_t pages) {
  Range range{start, mapped};
  Frame* frames = nullptr;
  for (std::size_t i = 0; i < mapped; ++i) {
    Frame& frame = frame_of(arch::unmap_kernel_page(start + i * kPageSize));
    frame.owner.pointer = std::exchange(frames, &frame);
  }
  arch::call_on_cpus(~std::uint64_t{0}, flush_here, &range);
  while (frames != nullptr) put_frame(*std::exchange(frames, static_cast<Frame*>(frames->owner.pointer)));
  sync::Locked shared{g_shared};
  shared->slots.give(start - arch::kernel_virtual_area().base, pages);
}

Result<std::uint64_t> take_slot(std::size_t pages) {
  sync::Locked shared{g_shared};
  const auto offset = shared->slots.take(pages);
  if (!offset || *offset + pages * kPageSize > arch::kernel_virtual_area().bytes) return err(Errno::nomem);
  return arch::kernel_virtual_area().base + *offset;
}

bool map_page(std::uint64_t at, FrameUse use) {
  auto frame = allocate_frame(use, Zero::no);
  if (!frame) return false;
  if (arch::map_kernel_page(at, address_of(**frame), {.write = true, .user = false, .global = true}, false))
    return true;
  put_frame(**frame);
  return false;
}

Result<void*> map_new(std::size_t pages, FrameUse use) {
  const std::uint64_t start = TRY(take_slot(pages));
  for (std::size_t i = 0; i < pages; ++i) {
    if (map_page(start + i * kPageSize, use)) continue;
    release(start, i, pages);
    return err(Errno::nomem);
  }
  return reinterpret_cast<void*>(start);
}

void* pop_shared_stack() {
  sync::Locked shared{g_shared};
  FreeStack* stack = shared->stacks;
  if (stack == nullptr) return nullptr;
  shared->stacks = stack->next;
  --shared->stack_count;
  return stack;
}

void* pop_stack() {
  {
    const arch::IrqOff off;
    LocalStacks& local = this_cpu(g_local_stacks);
    if (FreeStack* stack = local.head) {
      local.head = stack->next;
      --local.count;
      return stack;
    }
  }
  return pop_shared_stack();
}

void push_stack(void* start) {
  auto* stack = static_cast<FreeStack*>(start);
  const arch::IrqOff off;
  LocalStacks& local = this_cpu(g_local_stacks);
  if (local.count < kStacksPerCpu) {
    stack->next = std::exchange(local.head, stack);
    ++local.count;
    return;
  }
  sync::Locked shared{g_shared};
  stack->next = std::exchange(shared->stacks, stack);
  ++shared->stack_count;
}

}  // namespace

Result<void*> allocate_virtual(std::size_t bytes) {
  if (lib::injected_failure()) return err(Errno::nomem);
  const std::size_t pages = lib::pages_for(bytes);
  if (pages != kStackPages) return map_new(pages, FrameUse::kernel);
  if (void* stack = pop_stack()) return stack;
  return map_new(pages, FrameUse::stack);
}

void free_virtual(void* start, std::size_t bytes) {
  const std::size_t pages = lib::pages_for(bytes);
  if (pages == kStackPages) return push_stack(start);
  release(reinterpret_cast<std::uint64_t>(start), pages, pages);
}

std::size_t shrink_stacks(std::size_t target) {
  std::size_t freed = 0;
  while (freed < target) {
    void* stack = pop_shared_stack();
    if (stack == nullptr) break;
    release(reinterpret_cast<std::uint64_t>(stack), kStackPages, kStackPages);
    freed += kStackPages;
  }
  return freed;
}

}  // namespace k::mm

#include "mm/vm/table_cache.h"

#include <algorithm>

#include "arch/include/arch/page_table.h"
#include "arch/include/arch/percpu.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/fault_injection.h"
#include "mm/phys/page_alloc.h"

namespace k::mm {
namespace {

struct Cache {
  Frame* head = nullptr;
  std::uint32_t count = 0;
};
constexpr std::uint32_t kMaxTables = 32, kMaxTops = 8;
HT_PER_CPU(Cache, g_tables);
HT_PER_CPU(Cache, g_tops);

Frame* pop(Cache& cache) {
  Frame* frame = cache.head;
  if (frame == nullptr) return nullptr;
  cache.head = frame->link.next;
  --cache.count;
  frame->owner = {nullptr, 0};
  return frame;
}

bool push(Cache& cache, Frame& frame, std::uint32_t limit) {
  if (cache.count >= limit) return false;
  frame.link.next = cache.head;
  cache.head = &frame;
  ++cache.count;
  return true;
}

void reset(Frame& frame) {
  frame.references.store(1, std::memory_order_relaxed);
  frame.map_count.store(0, std::memory_order_relaxed);
  frame.flags.store(0, std::memory_order_relaxed);
  frame.index_low = 0;
}

[[maybe_unused]] bool is_empty(const Frame& frame, unsigned entries) {
  const auto* table = static_cast<const arch::PageTable*>(page_pointer(frame));
  return std::all_of(table->entries, table->entries + entries, [](const auto& e) { return e.load() == 0; });
}

}  // namespace

Result<Frame*> take_table() {
  if (lib::injected_failure()) return err(Errno::nomem);
  {
    const arch::IrqOff off;
    if (Frame* frame = pop(this_cpu(g_tables))) [[likely]]
      return frame;
  }
  return allocate_frame(FrameUse::page_table, Zero::yes);
}

void give_table(Frame& frame) {
  HT_ASSERT(is_empty(frame, arch::kEntriesPerTable));
  reset(frame);
  {
    const arch::IrqOff off;
    if (push(this_cpu(g_tables), frame, kMaxTables)) return;
  }
  put_frame(frame);
}

Result<Frame*> take_top_table() {
  if (lib::injected_failure()) return err(Errno::nomem);
  {
    const arch::IrqOff off;
    if (Frame* frame = pop(this_cpu(g_tops))) [[likely]]
      return frame;
  }
  Frame* frame = TRY(allocate_frame(FrameUse::page_table, Zero::yes));
  arch::init_top_level(*static_cast<arch::PageTable*>(page_pointer(*frame)));
  return frame;
}

void give_top_table(Frame& frame) {
  HT_ASSERT(is_empty(frame, arch::kEntriesPerTable / 2));
  reset(frame);
  {
    const arch::IrqOff off;
    if (push(this_cpu(g_tops), frame, kMaxTops)) return;
  }
  put_frame(frame);
}

}  // namespace k::mm

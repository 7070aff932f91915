#include "arch/x86_64/smp/low_memory.h"

#include "arch/include/arch/boot_info.h"
#include "arch/include/arch/memory.h"
#include "arch/include/arch/page_table.h"
#include "arch/x86_64/boot/hand_over.h"
#include "arch/x86_64/boot/state.h"

namespace k::arch {
namespace {

constexpr std::uint64_t kPages = 5, kLimit = 1 << 20;
constinit PhysAddr g_base;

PageTable& table(unsigned page) { return *static_cast<PageTable*>(phys_to_virt(g_base + page * kPageSize)); }
void set(PageTable& in, unsigned index, Pte entry) { in.entries[index].store(entry.raw(), std::memory_order_release); }

}  // namespace

void reserve_low_memory() {
  for (const MemoryRange& r : boot_info().memory) {
    const std::uint64_t end = r.base.value + r.bytes < kLimit ? r.base.value + r.bytes : kLimit;
    if (r.kind != MemoryKind::usable || r.base.value + kPages * kPageSize > end) continue;
    g_base = PhysAddr{end - kPages * kPageSize};
    boot::g_hand_over.add_range(g_base.value, kPages * kPageSize, MemoryKind::reserved);
    return;
  }
}

PhysAddr low_memory() { return g_base; }

void map_low_memory() {
  for (unsigned page = 2; page < kPages; ++page) zero_page(&table(page));
  set(table(2), 0, Pte::table(g_base + 3 * kPageSize));
  set(table(3), 0, Pte::table(g_base + 4 * kPageSize));
  const unsigned first = level_index(g_base.value, 1);
  set(table(4), first, Pte::leaf(g_base, {.execute = true, .user = false}));
  set(table(4), first + 1, Pte::leaf(g_base + kPageSize, {.user = false}));
}

void enable_low_memory() { set(g_kernel_root, 0, Pte::table(g_base + 2 * kPageSize)); }
void disable_low_memory() { set(g_kernel_root, 0, Pte{}); }

}  // namespace k::arch

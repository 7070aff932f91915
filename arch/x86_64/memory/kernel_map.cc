// Changes to the kernel's half of the address space, and loading address spaces.
#include <atomic>
#include <cstring>

#include "arch/include/arch/memory.h"
#include "arch/include/arch/page_table.h"
#include "arch/x86_64/boot/early_frames.h"
#include "arch/x86_64/boot/state.h"
#include "arch/x86_64/cpu/control.h"
#include "arch/x86_64/memory/kernel_map.h"
#include "kernel/lib/alloc.h"

namespace k::arch {

alignas(kPageSize) constinit PageTable g_kernel_root;
constinit std::uint64_t g_direct_map_base = 0;

namespace {

constinit bool g_heap_ready = false;

PhysAddr allocate_table() {
  if (!g_heap_ready) return PhysAddr{boot::g_early_frames.take(1, g_direct_map_base)};
  void* page = lib::allocate(kPageSize, kPageSize);
  if (page == nullptr) return PhysAddr{0};
  std::memset(page, 0, kPageSize);
  return virt_to_phys(page);
}

/// The table below `entry`; another CPU may add it at the same time, then its table wins.
PageTable* lower_table(std::atomic<std::uint64_t>& entry) {
  std::uint64_t seen = entry.load(std::memory_order_acquire);
  if (seen == 0) {
    const PhysAddr fresh = allocate_table();
    if (fresh.value == 0) return nullptr;
    const std::uint64_t wanted = Pte::table(fresh).raw();
    if (entry.compare_exchange_strong(seen, wanted, std::memory_order_acq_rel)) {
      seen = wanted;
    } else {
      lib::deallocate(phys_to_virt(fresh));
    }
  }
  return static_cast<PageTable*>(phys_to_virt(Pte{seen}.frame()));
}

/// The entry that maps `at`, at level 1 or a huge page's level; null when there is none.
std::atomic<std::uint64_t>* find_entry(std::uint64_t at) {
  PageTable* table = &g_kernel_root;
  for (unsigned level = kTopLevel;; --level) {
    auto& entry = table->entries[level_index(at, level)];
    const Pte pte{entry.load(std::memory_order_acquire)};
    if (!pte.present()) return nullptr;
    if (level == 1 || pte.huge()) return &entry;
    table = static_cast<PageTable*>(phys_to_virt(pte.frame()));
  }
}

}  // namespace

KernelArea kernel_virtual_area() {
  return {boot::g_state.placement.virtual_area, boot::kTopSlotBytes - kBootStackAreaBytes};
}

void use_heap_for_tables() { g_heap_ready = true; }

bool map_kernel_page(std::uint64_t at, PhysAddr frame, PageProtection protection, bool uncached) {
  protection.user = false;
  protection.global = true;
  PageTable* table = &g_kernel_root;
  for (unsigned level = kTopLevel; level > 1; --level) {
    table = lower_table(table->entries[level_index(at, level)]);
    if (table == nullptr) return false;
  }
  const Pte pte = Pte::leaf(frame, protection).with(uncached ? Pte::kCacheDisable | Pte::kWriteThrough : 0);
  table->entries[level_index(at, 1)].store(pte.raw(), std::memory_order_release);
  return true;
}

PhysAddr unmap_kernel_page(std::uint64_t at) {
  std::atomic<std::uint64_t>* entry = find_entry(at);
  if (entry == nullptr) return PhysAddr{0};
  const Pte was{entry->exchange(0, std::memory_order_acq_rel)};
  asm volatile("invlpg (%0)" ::"r"(at) : "memory");
  return was.frame();
}

bool is_kernel_mapped(std::uint64_t at) { return at >= kUserEnd && find_entry(at) != nullptr; }

void* map_device(PhysAddr base, std::size_t bytes) {
  for (std::uint64_t page = base.page_down().value; page < base.value + bytes; page += kPageSize) {
    const std::uint64_t at = g_direct_map_base + page;
    if (find_entry(at) != nullptr) continue;
    if (!map_kernel_page(at, PhysAddr{page}, {.write = true}, true)) return nullptr;
  }
  return phys_to_virt(base);
}

const void* map_firmware_table(PhysAddr base, std::size_t bytes) {
  for (std::uint64_t page = base.page_down().value; page < base.value + bytes; page += kPageSize) {
    const std::uint64_t at = g_direct_map_base + page;
    if (find_entry(at) != nullptr) continue;
    if (!map_kernel_page(at, PhysAddr{page}, {}, false)) return nullptr;
  }
  return phys_to_virt(base);
}

void load_page_table(PhysAddr root) { write_cr3(root.value); }
PhysAddr loaded_page_table() { return PhysAddr{read_cr3()}.page_down(); }
PhysAddr kernel_page_table() { return image_to_phys(&g_kernel_root); }

void init_top_level(PageTable& table) {
  for (unsigned i = kEntriesPerTable / 2; i < kEntriesPerTable; ++i) {
    table.entries[i].store(g_kernel_root.entries[i].load(std::memory_order_relaxed), std::memory_order_relaxed);
  }
}

void tlb_flush_page(UserAddr address) { asm volatile("invlpg (%0)" ::"r"(address.value) : "memory"); }
void tlb_flush_all() { write_cr3(read_cr3()); }

}  // namespace k::arch

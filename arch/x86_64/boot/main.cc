// First code at the kernel's final addresses: the boot CPU's own structures, then the platform, then kernel/init.
#include "arch/include/arch/context.h"
#include "arch/include/arch/memory.h"
#include "arch/include/arch/percpu.h"
#include "arch/include/arch/platform.h"
#include "arch/include/arch/upcalls.h"
#include "arch/x86_64/boot/boot_info.h"
#include "arch/x86_64/boot/early_frames.h"
#include "arch/x86_64/boot/image.h"
#include "arch/x86_64/boot/state.h"
#include "arch/x86_64/cpu/control.h"
#include "arch/x86_64/cpu/cpu_area.h"
#include "arch/x86_64/cpu/features.h"
#include "arch/x86_64/entry/idt.h"
#include "arch/x86_64/memory/kernel_map.h"
#include "arch/x86_64/memory/page.h"
#include "arch/x86_64/platform/console.h"
#include "arch/x86_64/platform/init.h"

namespace k::arch {
namespace {

constexpr std::uint64_t kLeastMemory = std::uint64_t{24} << 20;

[[noreturn]] void stop(std::string_view why) {
  console_write_raw("hardtack: ");
  console_write_raw(why);
  console_write_raw("\n");
  panic_halt();
}

std::uint64_t usable_bytes() {
  std::uint64_t bytes = 0;
  for (const MemoryRange& r : boot_info().memory) {
    if (r.kind != MemoryKind::reserved) bytes += r.bytes;
  }
  return bytes;
}

void load_boot_cpu() {
  const std::uint64_t memory = boot::g_early_frames.take(CpuArea::bytes() / kPageSize, g_direct_map_base);
  if (memory == 0) stop("no memory for the boot CPU's structures");
  CpuArea& area = init_cpu_area(phys_to_virt(PhysAddr{memory}), 0);
  load_cpu_area(area);
  g_cpu_count = 1;
  set_kernel_stack(ht_boot_stack_top);
}

/// Tries page routines on two frames that nobody uses yet.
void choose_routines() {
  const std::uint64_t frames = boot::g_early_frames.take(2, g_direct_map_base);
  if (frames == 0) return;
  auto* first = static_cast<std::byte*>(phys_to_virt(PhysAddr{frames}));
  choose_page_routines(first, first + kPageSize);
  boot::g_early_frames.give_back(2);
}

}  // namespace

// Reached by a jump on the new stack, before there is a canary to protect it with.
extern "C" [[noreturn]] void ht_boot_main() {
  init_console();
  g_direct_map_base = boot::g_state.placement.direct_map;
  detect_features();
  init_idt();
  load_boot_cpu();
  // Identity-mapped code has had its last run.
  g_kernel_root.entries[0].store(0, std::memory_order_relaxed);
  write_cr3(read_cr3());
  boot::publish_boot_info();
  if (usable_bytes() < kLeastMemory) stop("not enough memory: 32 MiB of RAM are needed");
  init_platform();
  choose_routines();
  boot::publish_boot_info();  // less what init_platform took
  use_heap_for_tables();
  ht_kernel_main();
}

}  // namespace k::arch

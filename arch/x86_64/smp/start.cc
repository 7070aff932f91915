// Starting secondary CPUs, one after the other.
#include <atomic>
#include <cstring>

#include "arch/include/arch/context.h"
#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/memory.h"
#include "arch/include/arch/page_table.h"
#include "arch/include/arch/percpu.h"
#include "arch/include/arch/upcalls.h"
#include "arch/x86_64/acpi/machine.h"
#include "arch/x86_64/apic/local_apic.h"
#include "arch/x86_64/apic/timer.h"
#include "arch/x86_64/boot/state.h"
#include "arch/x86_64/cpu/asm.h"
#include "arch/x86_64/cpu/control.h"
#include "arch/x86_64/cpu/cpu_area.h"
#include "arch/x86_64/memory/kernel_map.h"
#include "arch/x86_64/smp/cpus.h"
#include "arch/x86_64/smp/low_memory.h"
#include "arch/x86_64/time/delay.h"
#include "kernel/lib/alloc.h"

extern "C" const std::byte ht_trampoline_begin[], ht_trampoline_protected[], ht_trampoline_long[], ht_trampoline_end[];

namespace k::arch {
namespace {

struct [[gnu::packed]] FarPointer {
  std::uint32_t offset;
  std::uint16_t selector;
};

/// The page after the trampoline's code; offsets are known to trampoline.S.
struct TrampolineArguments {
  std::uint16_t gdt_limit;
  std::uint16_t gdt_base_low, gdt_base_high, unused0;
  FarPointer protected_mode;
  std::uint16_t unused1;
  FarPointer long_mode;
  std::uint16_t unused2;
  std::uint64_t root;
  std::uint64_t stack;
  CpuArea* area;
  void (*entry)(CpuArea*);
  std::uint64_t gdt[5];
};
static_assert(offsetof(TrampolineArguments, protected_mode) == 8 && offsetof(TrampolineArguments, long_mode) == 16);
static_assert(offsetof(TrampolineArguments, root) == 24 && offsetof(TrampolineArguments, entry) == 48);

constinit std::uint32_t g_apic_ids[kMaxCpus];

enum class Stage : unsigned { asleep, arrived, released, online };
constinit std::atomic<Stage> g_stage{Stage::asleep};

bool wait_for(Stage stage, unsigned milliseconds) {
  for (unsigned i = 0; i < milliseconds * 100; ++i) {
    if (g_stage.load(std::memory_order_acquire) == stage) return true;
    delay_ns(10'000);
  }
  return false;
}

// The canary changes under this function's feet.
[[noreturn, gnu::no_stack_protector]] void secondary_entry(CpuArea* area) {
  load_cpu_area(*area);
  g_stage.store(Stage::arrived, std::memory_order_release);
  while (g_stage.load(std::memory_order_acquire) != Stage::released) pause();
  write_cr3(read_cr3());  // the trampoline's mapping is gone
  apic::enable();
  apic::enable_timer();
  __atomic_store_n(&g_cpu_count, area->block.cpu_id + 1, __ATOMIC_RELEASE);
  g_stage.store(Stage::online, std::memory_order_release);
  ht_secondary_main();
}

/// The stack on which `cpu` starts and later idles, an unmapped page below; 0 when memory is exhausted.
std::uint64_t map_boot_stack(unsigned cpu) {
  const std::uint64_t base = boot_stack_area() + cpu * (kKernelStackSize + kPageSize) + kPageSize;
  for (std::size_t at = 0; at < kKernelStackSize; at += kPageSize) {
    void* page = lib::allocate(kPageSize, kPageSize);
    if (page == nullptr || !map_kernel_page(base + at, virt_to_phys(page), {.write = true}, false)) return 0;
  }
  return base + kKernelStackSize;
}

TrampolineArguments& prepare_trampoline() {
  const std::uint64_t base = low_memory().value;
  auto* page = static_cast<std::byte*>(phys_to_virt(low_memory()));
  std::memcpy(page, ht_trampoline_begin, static_cast<std::size_t>(ht_trampoline_end - ht_trampoline_begin));
  auto& arguments = *reinterpret_cast<TrampolineArguments*>(page + kPageSize);
  arguments = {};
  const auto address = [&](const std::byte* label) {
    return static_cast<std::uint32_t>(base + static_cast<std::uint64_t>(label - ht_trampoline_begin));
  };
  constexpr std::uint64_t kCode32 = 0x00cf'9b00'0000'ffff, kCode64 = 0x00af'9b00'0000'ffff,
                          kData = 0x00cf'9300'0000'ffff;
  arguments.gdt[1] = kCode32;
  arguments.gdt[KERNEL_CS / 8] = kCode64;
  arguments.gdt[KERNEL_DS / 8] = kData;
  const auto gdt = static_cast<std::uint32_t>(base + kPageSize + offsetof(TrampolineArguments, gdt));
  arguments.gdt_limit = sizeof arguments.gdt - 1;
  arguments.gdt_base_low = static_cast<std::uint16_t>(gdt);
  arguments.gdt_base_high = static_cast<std::uint16_t>(gdt >> 16);
  arguments.protected_mode = {address(ht_trampoline_protected), 8};
  arguments.long_mode = {address(ht_trampoline_long), KERNEL_CS};
  arguments.root = kernel_page_table().value;
  arguments.entry = secondary_entry;
  map_low_memory();
  return arguments;
}

/// INIT, then up to two start-up IPIs. Source: Intel SDM volume 3, 9.4.4.1.
bool wake(std::uint32_t apic_id) {
  const auto page = static_cast<std::uint8_t>(low_memory().value >> 12);
  apic::send_ipi(apic_id, apic::Delivery::init, 0);
  delay_ns(200'000);
  apic::send_ipi(apic_id, apic::Delivery::startup, page);
  if (wait_for(Stage::arrived, 20)) return true;
  apic::send_ipi(apic_id, apic::Delivery::startup, page);
  return wait_for(Stage::arrived, 1000);
}

bool start(unsigned cpu, std::uint32_t apic_id, TrampolineArguments& arguments) {
  void* memory = lib::allocate(CpuArea::bytes(), kPageSize);
  const std::uint64_t stack_top = map_boot_stack(cpu);
  if (memory == nullptr || stack_top == 0) return false;
  std::memset(memory, 0, CpuArea::bytes());
  CpuArea& area = init_cpu_area(memory, cpu);
  arguments.stack = stack_top;
  area.block.kernel_stack_top = area.tss.rsp0 = arguments.stack;
  arguments.area = &area;
  set_apic_id(cpu, apic_id);
  g_stage.store(Stage::asleep, std::memory_order_release);
  enable_low_memory();
  const bool arrived = wake(apic_id);
  disable_low_memory();
  if (!arrived) return false;  // its memory stays its own: the CPU may still come
  g_stage.store(Stage::released, std::memory_order_release);
  return wait_for(Stage::online, 1000);
}

}  // namespace

std::uint32_t apic_id_of(unsigned cpu) { return g_apic_ids[cpu]; }
void set_apic_id(unsigned cpu, std::uint32_t id) { g_apic_ids[cpu] = id; }

unsigned start_secondary_cpus() {
  const acpi::Machine& machine = acpi::machine();
  if (machine.cpu_count <= 1 || low_memory().value == 0) return 1;
  TrampolineArguments& arguments = prepare_trampoline();
  unsigned online = 1;
  for (unsigned i = 0; i < machine.cpu_count && online < kMaxCpus; ++i) {
    if (machine.apic_ids[i] == apic_id_of(0) || machine.apic_ids[i] > apic::highest_id()) continue;
    if (start(online, machine.apic_ids[i], arguments)) ++online;
  }
  return online;
}

}  // namespace k::arch

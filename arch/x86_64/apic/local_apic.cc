#include "arch/x86_64/apic/local_apic.h"

#include "arch/include/arch/cpu.h"
#include "arch/x86_64/cpu/asm.h"
#include "arch/x86_64/cpu/features.h"
#include "arch/x86_64/cpu/mmio.h"
#include "arch/x86_64/cpu/msr.h"
#include "arch/x86_64/entry/idt.h"
#include "arch/x86_64/memory/kernel_map.h"

namespace k::arch::apic {
namespace {

constexpr std::uint64_t kGlobalEnable = 1 << 11, kX2apicEnable = 1 << 10;
constexpr std::uint32_t kSoftwareEnable = 1 << 8, kMasked = 1 << 16, kAssert = 1 << 14, kPending = 1 << 12;

constinit bool g_x2apic = false;
constinit void* g_registers = nullptr;

}  // namespace

void init(PhysAddr base) {
  // Firmware may have switched to x2APIC already (more than 255 CPUs): there is no way back without a reset.
  g_x2apic = g_features.x2apic;
  if (!g_x2apic) g_registers = map_device(base, kPageSize);
}

std::uint32_t read(Reg reg) {
  const auto number = static_cast<std::uint32_t>(reg);
  if (g_x2apic) return static_cast<std::uint32_t>(read_msr(MSR_X2APIC + number));
  return mmio_read<std::uint32_t>(g_registers, number * 16);
}

void write(Reg reg, std::uint32_t value) {
  const auto number = static_cast<std::uint32_t>(reg);
  if (g_x2apic) {
    write_msr(MSR_X2APIC + number, value);
  } else {
    mmio_write(g_registers, number * 16, value);
  }
}

void enable() {
  std::uint64_t base = read_msr(MSR_APIC_BASE) | kGlobalEnable;
  write_msr(MSR_APIC_BASE, base);
  if (g_x2apic) write_msr(MSR_APIC_BASE, base | kX2apicEnable);
  write(Reg::task_priority, 0);
  write(Reg::lvt_timer, kMasked);
  write(Reg::lvt_lint0, kMasked);
  write(Reg::lvt_lint1, 0x400);  // NMI, as firmware leaves it on PCs
  write(Reg::lvt_error, kMasked);
  write(Reg::spurious, kSoftwareEnable | kSpuriousVector);
}

std::uint32_t id() { return g_x2apic ? read(Reg::id) : read(Reg::id) >> 24; }

std::uint32_t highest_id() { return g_x2apic ? 0xffff'fffe : 0xfe; }

void end_of_interrupt() { write(Reg::eoi, 0); }

void send_ipi(std::uint32_t destination, Delivery delivery, std::uint8_t vector) {
  const std::uint32_t command = static_cast<std::uint32_t>(delivery) << 8 | kAssert | vector;
  if (g_x2apic) {
    // An x2APIC write does not wait for earlier stores, which the receiver is to see. Source: SDM volume 3, 11.12.3.
    asm volatile("mfence; lfence" ::: "memory");
    write_msr(MSR_X2APIC + static_cast<std::uint32_t>(Reg::command), std::uint64_t{destination} << 32 | command);
    return;
  }
  const IrqOff off;
  while ((read(Reg::command) & kPending) != 0) pause();
  write(Reg::command_high, destination << 24);
  write(Reg::command, command);
}

}  // namespace k::arch::apic

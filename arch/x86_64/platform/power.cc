// Switching off and starting over.
#include "arch/include/arch/cpu.h"
#include "arch/include/arch/platform.h"
#include "arch/include/arch/port_io.h"
#include "arch/x86_64/acpi/machine.h"
#include "arch/x86_64/cpu/mmio.h"
#include "arch/x86_64/memory/kernel_map.h"
#include "arch/x86_64/time/delay.h"

namespace k::arch {
namespace {

// PM1 control register. Source: ACPI 6.4, 4.8.3.2.1.
constexpr std::uint16_t kSciEnable = 1, kSleepEnable = 1 << 13, kSleepTypeMask = 7 << 10;
constexpr std::uint64_t kSettle = 100'000'000;

constexpr std::uint16_t kDebugExit = 0xf4;
constexpr std::uint8_t kPanicked = 1;  // QEMU exits with 2 * value + 1

void enter_acpi_mode(const acpi::Machine& m) {
  if ((port_in16(m.pm1a_control) & kSciEnable) != 0 || m.smi_command == 0 || m.acpi_enable == 0) return;
  port_out8(static_cast<std::uint16_t>(m.smi_command), m.acpi_enable);
  for (unsigned i = 0; i < 1000 && (port_in16(m.pm1a_control) & kSciEnable) == 0; ++i) delay_ns(1'000'000);
}

void sleep(std::uint16_t port, std::uint8_t type) {
  if (port == 0) return;
  const auto kept = static_cast<std::uint16_t>(port_in16(port) & ~(kSleepTypeMask | kSleepEnable));
  port_out16(port, static_cast<std::uint16_t>(kept | (type & 7) << 10 | kSleepEnable));
}

void reset_by_acpi(const acpi::ResetRegister& reset) {
  using Space = acpi::ResetRegister::Space;
  if (reset.space == Space::io) port_out8(static_cast<std::uint16_t>(reset.address), reset.value);
  if (reset.space == Space::memory) {
    void* at = map_device(PhysAddr{reset.address}, 1);
    if (at != nullptr) mmio_write(at, 0, reset.value);
  }
}

/// Source: IBM PC/AT technical reference: pulse the reset line by the keyboard controller.
void reset_by_keyboard_controller() {
  for (unsigned i = 0; i < 1000 && (port_in8(0x64) & 2) != 0; ++i) delay_ns(10'000);
  port_out8(0x64, 0xfe);
}

[[noreturn]] void triple_fault() {
  const struct [[gnu::packed]] {
    std::uint16_t limit = 0;
    std::uint64_t base = 0;
  } none;
  asm volatile("lidt %0; int3" ::"m"(none));
  halt_forever();
}

}  // namespace

void power_off() {
  const acpi::Machine& m = acpi::machine();
  if (!m.soft_off.known || m.pm1a_control == 0) return;
  const IrqOff off;
  enter_acpi_mode(m);
  sleep(m.pm1a_control, m.soft_off.type_a);
  sleep(m.pm1b_control, m.soft_off.type_b);
  delay_ns(kSettle);
}

void reboot() {
  interrupts_disable();
  reset_by_acpi(acpi::machine().reset);
  delay_ns(kSettle);
  reset_by_keyboard_controller();
  delay_ns(kSettle);
  triple_fault();
}

void panic_halt() {
  port_out8(kDebugExit, kPanicked);
  halt_forever();
}

}  // namespace k::arch

#include "arch/x86_64/time/reference.h"

#include "arch/include/arch/port_io.h"
#include "arch/x86_64/acpi/machine.h"
#include "arch/x86_64/cpu/mmio.h"
#include "arch/x86_64/memory/kernel_map.h"

namespace k::arch::time {
namespace {

constexpr std::uint64_t kHpetCapabilities = 0x00, kHpetConfiguration = 0x10, kHpetCounter = 0xf0;
constexpr std::uint64_t kFemtosecondsPerSecond = 1'000'000'000'000'000, kSlowestHpetPeriod = 100'000'000;
constexpr std::uint64_t kPmTimerHertz = 3'579'545, kPitHertz = 1'193'182;

constinit void* g_hpet = nullptr;

std::uint64_t read_hpet() { return mmio_read<std::uint64_t>(g_hpet, kHpetCounter); }
std::uint64_t read_pm_timer() { return port_in32(acpi::machine().pm_timer); }

constexpr std::uint16_t kPitChannel2 = 0x42, kPitCommand = 0x43, kPitGate = 0x61;
std::uint64_t read_pit() {
  port_out8(kPitCommand, 0x80);  // latch channel 2
  const unsigned low = port_in8(kPitChannel2), high = port_in8(kPitChannel2);
  return 0xffff - (high << 8 | low);  // it counts down
}

bool start_hpet(Reference& out) {
  const PhysAddr base = acpi::machine().hpet;
  if (base.value == 0) return false;
  g_hpet = map_device(base, kPageSize);
  if (g_hpet == nullptr) return false;
  const std::uint64_t capabilities = mmio_read<std::uint64_t>(g_hpet, kHpetCapabilities);
  const std::uint64_t period = capabilities >> 32;
  if (period == 0 || period > kSlowestHpetPeriod) return false;
  mmio_write(g_hpet, kHpetConfiguration, mmio_read<std::uint64_t>(g_hpet, kHpetConfiguration) | 1);
  const bool wide = (capabilities >> 13 & 1) != 0;
  out = {read_hpet, kFemtosecondsPerSecond / period, wide ? ~std::uint64_t{0} : 0xffff'ffff};
  return true;
}

Reference start_pit() {
  port_out8(kPitGate, static_cast<std::uint8_t>((port_in8(kPitGate) & ~2) | 1));  // gate on, speaker off
  port_out8(kPitCommand, 0xb4);  // channel 2, both bytes, rate generator
  port_out8(kPitChannel2, 0xff);
  port_out8(kPitChannel2, 0xff);
  return {read_pit, kPitHertz, 0xffff};
}

}  // namespace

Reference choose_reference() {
  Reference r{};
  if (start_hpet(r)) return r;
  if (acpi::machine().pm_timer != 0) {
    return {read_pm_timer, kPmTimerHertz, acpi::machine().pm_timer_32_bits ? 0xffff'ffffu : 0xff'ffffu};
  }
  return start_pit();
}

}  // namespace k::arch::time

// FADT: power management registers, reset, and the way to the DSDT.
// Source: ACPI 6.4, 5.2.9.
#include "arch/x86_64/acpi/machine.h"
#include "arch/x86_64/acpi/tables.h"

namespace k::arch::acpi {
namespace {

constexpr std::uint32_t kTimer32Bits = 1 << 8, kResetSupported = 1 << 10;

ResetRegister reset_of(const Fadt& fadt) {
  const GenericAddress& r = fadt.reset_register;
  if ((fadt.flags & kResetSupported) == 0 || r.address == 0 || r.space > 1) return {};
  const auto space = r.space == 1 ? ResetRegister::Space::io : ResetRegister::Space::memory;
  return {space, r.address, fadt.reset_value};
}

}  // namespace

void read_fadt(Machine& m) {
  const auto* fadt = find<Fadt>("FACP", kFadtMinimum);
  if (fadt == nullptr) return;
  m.pm_timer = fadt->pm_timer_length == 4 ? static_cast<std::uint16_t>(fadt->pm_timer) : 0;
  m.pm_timer_32_bits = (fadt->flags & kTimer32Bits) != 0;
  m.pm1a_control = static_cast<std::uint16_t>(fadt->pm1a_control);
  m.pm1b_control = static_cast<std::uint16_t>(fadt->pm1b_control);
  m.smi_command = static_cast<std::uint16_t>(fadt->smi_command);
  m.acpi_enable = fadt->acpi_enable;
  m.century_register = fadt->century;
  if (fadt->header.length >= offsetof(Fadt, reset_value) + 1) m.reset = reset_of(*fadt);

  std::uint64_t dsdt = fadt->dsdt;
  if (fadt->header.length >= sizeof(Fadt) && fadt->x_dsdt != 0) dsdt = fadt->x_dsdt;
  const Header* table = table_at(PhysAddr{dsdt}, "DSDT");
  if (table == nullptr) return;
  m.soft_off = find_soft_off(reinterpret_cast<const std::uint8_t*>(table + 1), table->length - sizeof(Header));
}

}  // namespace k::arch::acpi

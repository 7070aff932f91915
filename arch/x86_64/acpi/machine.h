/// What ACPI says about the machine, in the kernel's terms.
///
/// Invariants  filled once at boot; without ACPI it describes a PC with one CPU and the APICs at their usual addresses.
/// Source      ACPI 6.4, 5.2.9 (FADT), 5.2.12 (MADT).
#pragma once

#include <cstdint>

#include "arch/include/arch/percpu.h"
#include "kernel/lib/types.h"

namespace k::arch::acpi {

struct IoApic {
  PhysAddr base;
  std::uint32_t first_gsi;
};
enum class Polarity : bool { high, low };
enum class Trigger : bool { edge, level };
struct IsaLine {
  std::uint32_t gsi;
  Polarity polarity;
  Trigger trigger;
};
/// Sleep state S5: the values of SLP_TYP for the two control registers.
struct SoftOff {
  bool known;
  std::uint8_t type_a, type_b;
};
struct ResetRegister {
  enum class Space : std::uint8_t { none, memory, io } space;
  std::uint64_t address;
  std::uint8_t value;
};

struct Machine {
  static constexpr unsigned kMaxIoApics = 16, kIsaLines = 16;

  PhysAddr local_apic;
  unsigned cpu_count;
  std::uint32_t apic_ids[kMaxCpus];
  unsigned io_apic_count;
  IoApic io_apics[kMaxIoApics];
  IsaLine isa[kIsaLines];

  PhysAddr hpet;           // 0: none
  std::uint16_t pm_timer;  // I/O port, 0: none
  bool pm_timer_32_bits;
  std::uint16_t pm1a_control, pm1b_control, smi_command;
  std::uint8_t acpi_enable;
  SoftOff soft_off;
  ResetRegister reset;
  std::uint8_t century_register;  // in CMOS, 0: none
  PhysAddr pci_window;            // MCFG, 0: none
  std::uint8_t pci_first_bus, pci_last_bus;
};

const Machine& machine();
/// Reads the tables. False when there are none; machine() then has the defaults.
bool read_machine(PhysAddr rsdp);

/// The \_S5 package of a DSDT or SSDT body.
SoftOff find_soft_off(const std::uint8_t* aml, std::size_t bytes);
void read_madt(Machine& machine);
void read_fadt(Machine& machine);

}  // namespace k::arch::acpi

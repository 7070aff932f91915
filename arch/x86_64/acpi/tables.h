/// ACPI tables: finding and checking them, and the fields the kernel reads.
///
/// Invariants  a table that find_table returns lies wholly in mapped memory, is at least as long as asked for, at most
///             kMaxTableBytes, and its checksum is right. Contents stay untrusted: readers check every length inside.
/// Context     boot.
/// Source      ACPI 6.4, 5.2; IA-PC HPET 1.0a, 3.2.4; PCI Firmware 3.2, 4.1.2 (MCFG).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kernel/lib/types.h"

namespace k::arch::acpi {

inline constexpr std::size_t kMaxTableBytes = std::size_t{4} << 20;

struct [[gnu::packed]] Header {
  char signature[4];
  std::uint32_t length;
  std::uint8_t revision, checksum;
  char oem[26];
};
static_assert(sizeof(Header) == 36);

struct [[gnu::packed]] GenericAddress {
  std::uint8_t space, bit_width, bit_offset, access_size;
  std::uint64_t address;
};

struct [[gnu::packed]] Fadt {
  Header header;
  std::uint32_t firmware_control, dsdt;
  std::uint8_t reserved0, profile;
  std::uint16_t sci_interrupt;
  std::uint32_t smi_command;
  std::uint8_t acpi_enable, acpi_disable, s4bios, pstate_control;
  std::uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control, pm2_control, pm_timer, gpe0, gpe1;
  std::uint8_t pm1_event_length, pm1_control_length, pm2_control_length, pm_timer_length, gpe0_length, gpe1_length,
      gpe1_base, cst_control;
  std::uint16_t p_level2_latency, p_level3_latency, flush_size, flush_stride;
  std::uint8_t duty_offset, duty_width, day_alarm, month_alarm, century;
  std::uint16_t boot_flags;
  std::uint8_t reserved1;
  std::uint32_t flags;
  // From ACPI 2.0 on.
  GenericAddress reset_register;
  std::uint8_t reset_value;
  std::uint8_t reserved2[3];
  std::uint64_t x_firmware_control, x_dsdt;
};
static_assert(offsetof(Fadt, flags) == 112 && offsetof(Fadt, x_dsdt) == 140);
inline constexpr std::size_t kFadtMinimum = offsetof(Fadt, reset_register);

struct [[gnu::packed]] Madt {
  Header header;
  std::uint32_t local_apic, flags;
};
struct [[gnu::packed]] Hpet {
  Header header;
  std::uint32_t id;
  GenericAddress base;
  std::uint8_t number;
  std::uint16_t minimum_tick;
  std::uint8_t protection;
};
struct [[gnu::packed]] Mcfg {
  Header header;
  std::uint64_t reserved;
  struct [[gnu::packed]] Window {
    std::uint64_t base;
    std::uint16_t segment;
    std::uint8_t first_bus, last_bus;
    std::uint32_t reserved;
  } first;
};

/// Finds the root table from `rsdp`, or (0) from the BIOS areas. False when there is no valid one.
bool find_root(PhysAddr rsdp);
/// The first table with `signature` of at least `minimum` bytes; null when there is none.
const Header* find_table(std::string_view signature, std::size_t minimum);
/// A table at a known address (the DSDT).
const Header* table_at(PhysAddr address, std::string_view signature);

template <class T>
const T* find(std::string_view signature, std::size_t minimum = sizeof(T)) {
  return reinterpret_cast<const T*>(find_table(signature, minimum));
}

}  // namespace k::arch::acpi

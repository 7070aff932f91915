/// What a loader passed, copied out of its memory before that is reused.
///
/// Invariants  addresses are physical. Filled on identity-mapped tables, before the kernel is relocated: no code that
/// runs then
///             may read a stored pointer.
/// Source      Xen hvm/start_info.h; Multiboot2 specification 3.6.
#pragma once

#include <cstddef>
#include <cstdint>

#include "arch/include/arch/boot_info.h"

namespace k::arch::boot {

enum class Loader : std::uint32_t { none = 0, pvh = 1, multiboot2 = 2 };

struct HandOver {
  static constexpr unsigned kMaxRanges = 256;
  static constexpr unsigned kCommandLineBytes = 2048;  // COMMAND_LINE_SIZE of Linux on x86

  Loader loader = Loader::none;
  bool uefi = false;
  unsigned range_count = 0;
  MemoryRange ranges[kMaxRanges] = {};
  std::size_t command_line_length = 0;
  char command_line[kCommandLineBytes] = {};
  std::uint64_t initramfs_base = 0, initramfs_bytes = 0;
  std::uint64_t rsdp = 0;
  std::byte rsdp_copy[64] = {};  // multiboot2 passes the table, not its address

  void add_range(std::uint64_t base, std::uint64_t bytes, MemoryKind kind);
  void set_command_line(const char* text, std::size_t max);
};

extern constinit HandOver g_hand_over;

/// Fill g_hand_over from the loader's structures.
void read_pvh(std::uint64_t info);
void read_multiboot2(std::uint64_t info);

/// The kind of an ACPI address range type. Source: ACPI 6.4, table 15.10.
constexpr MemoryKind kind_of_e820(std::uint32_t type) {
  return type == 1 ? MemoryKind::usable : type == 3 ? MemoryKind::acpi_reclaimable : MemoryKind::reserved;
}

}  // namespace k::arch::boot

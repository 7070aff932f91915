/// What the boot loader (GRUB by multiboot2, or PVH) handed over, in one form.
///
/// Invariants  filled before ht_kernel_main; the spans stay valid until mm/phys frees boot memory
///             (`release_boot_memory`, called by kernel/init after the initramfs is unpacked).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "kernel/lib/types.h"

namespace k::arch {

enum class MemoryKind : std::uint8_t { usable, reserved, acpi_reclaimable, initramfs, kernel_image };

struct MemoryRange {
  PhysAddr base;
  std::uint64_t bytes;
  MemoryKind kind;
};

struct BootInfo {
  std::span<const MemoryRange>
      memory;  // sorted, disjoint, page-aligned; usable excludes kernel image, initramfs, boot data
  std::string_view command_line;
  std::span<const std::byte> initramfs;  // direct-map view; empty when there is none
  std::string_view loader;               // "pvh", "multiboot2-bios", "multiboot2-uefi"
  PhysAddr rsdp;                         // 0 when the loader gave none and the BIOS area was searched in vain
};

const BootInfo& boot_info();

}  // namespace k::arch

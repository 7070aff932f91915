/// Device registers and firmware tables in the kernel's address space.
///
/// Invariants  both appear in the direct map's range, at their physical address plus g_direct_map_base; what RAM's
/// mapping covers
///             already is left alone.
/// Context     boot and driver probe.
/// Errors      null when a page table is needed and memory is exhausted.
#pragma once

#include <cstddef>

#include "arch/include/arch/memory.h"
#include "arch/x86_64/boot/image.h"
#include "arch/x86_64/boot/state.h"

namespace k::arch {

/// Physical address of an object in the kernel image.
inline PhysAddr image_to_phys(const void* object) {
  const std::uint64_t virtual_base = kImageLinkBase + boot::g_state.placement.slide;
  return PhysAddr{reinterpret_cast<std::uint64_t>(object) - virtual_base + boot::g_state.image_physical};
}

/// Address space for the secondary CPUs' first stacks: the end of the virtual area's slot, which kernel_virtual_area() leaves out.
inline constexpr std::uint64_t kBootStackAreaBytes = std::uint64_t{1} << 30;
inline std::uint64_t boot_stack_area() {
  return boot::g_state.placement.virtual_area + boot::kTopSlotBytes - kBootStackAreaBytes;
}

/// Uncached, writable.
void* map_device(PhysAddr base, std::size_t bytes);
/// Cached, read-only.
const void* map_firmware_table(PhysAddr base, std::size_t bytes);
bool is_kernel_mapped(std::uint64_t at);
/// From now on page tables come from the heap (mm/phys runs).
void use_heap_for_tables();

}  // namespace k::arch

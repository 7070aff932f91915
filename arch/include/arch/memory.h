/// The kernel's view of physical memory and the copies and fills of whole pages.
///
/// Invariants  the direct map covers every frame of RAM for the kernel's lifetime; its base is random (KASLR) on x86-64 and
///             an array on the host. Page copy and zero routines are chosen at boot by measuring.
/// Context     any.
#pragma once

#include "kernel/lib/types.h"

/// arch_impl provides, inline:
///   void* phys_to_virt(PhysAddr); PhysAddr virt_to_phys(const void*)   (direct-map pointers only)
#include <arch_impl/memory.h>

namespace k::arch {

/// First address that is not user memory (canonical lower half less one page), TASK_SIZE_MAX.
inline constexpr std::uint64_t kUserEnd = 0x0000'7fff'ffff'f000;

/// Kernel addresses that mm/phys hands out for virtually contiguous memory (map_kernel_page); random base on x86-64.
struct KernelArea {
  std::uint64_t base, bytes;
};
KernelArea kernel_virtual_area();

void zero_page(void* page);
void copy_page(void* to, const void* from);

}  // namespace k::arch

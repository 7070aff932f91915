/// x86-64 flavour of arch/include/arch/memory.h: the direct map.
#pragma once

namespace k::arch {

/// Virtual address of physical address 0; set once by boot code (KASLR).
extern std::uint64_t g_direct_map_base;

inline void* phys_to_virt(lib::PhysAddr p) { return reinterpret_cast<void*>(p.value + g_direct_map_base); }
inline lib::PhysAddr virt_to_phys(const void* v) {
  return lib::PhysAddr{reinterpret_cast<std::uint64_t>(v) - g_direct_map_base};
}

}  // namespace k::arch

/// Host flavour of arch/include/arch/memory.h: "physical" memory is one array.
#pragma once

namespace k::arch {

inline constexpr std::uint64_t kHostRamBase = 0x100000;  // so that frame 0 is never valid
/// Reserves (once) `bytes` of fake RAM at kHostRamBase and returns its first byte.
std::byte* host_ram();
inline constexpr std::uint64_t kHostRamBytes = std::uint64_t{64} << 20;

inline void* phys_to_virt(lib::PhysAddr p) { return host_ram() + (p.value - kHostRamBase); }
inline lib::PhysAddr virt_to_phys(const void* v) {
  return lib::PhysAddr{static_cast<std::uint64_t>(static_cast<const std::byte*>(v) - host_ram()) + kHostRamBase};
}

}  // namespace k::arch

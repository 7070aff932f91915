/// Control registers: what protects the kernel, and the FPU's enabling.
///
/// Source      Intel SDM volume 3, 2.5 and 13.3.
#pragma once

#include <cstdint>

namespace k::arch {

/// Turns on what the CPU has of SMEP, SMAP, UMIP, FSGSBASE, XSAVE, and makes RDTSCP and RDPID answer `cpu`.
void enable_protections(unsigned cpu);

inline std::uint64_t read_cr2() {
  std::uint64_t v;
  asm volatile("movq %%cr2, %0" : "=r"(v));
  return v;
}
inline std::uint64_t read_cr3() {
  std::uint64_t v;
  asm volatile("movq %%cr3, %0" : "=r"(v));
  return v;
}
inline void write_cr3(std::uint64_t v) { asm volatile("movq %0, %%cr3" ::"r"(v) : "memory"); }
inline std::uint64_t read_cr4() {
  std::uint64_t v;
  asm volatile("movq %%cr4, %0" : "=r"(v));
  return v;
}
inline void write_cr4(std::uint64_t v) { asm volatile("movq %0, %%cr4" ::"r"(v) : "memory"); }
inline void write_cr0(std::uint64_t v) { asm volatile("movq %0, %%cr0" ::"r"(v) : "memory"); }

}  // namespace k::arch

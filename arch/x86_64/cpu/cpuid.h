/// The CPUID instruction.
/// Source: Intel SDM volume 2, CPUID.
#pragma once

#include <cstdint>

namespace k::arch {

struct Cpuid {
  std::uint32_t eax, ebx, ecx, edx;
};

/// Leaf `leaf`; all zero when the CPU does not have it.
inline Cpuid cpuid(std::uint32_t leaf, std::uint32_t subleaf = 0) {
  Cpuid r{};
  asm volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf & 0xffff'0000u), "c"(0));
  if (leaf > r.eax) return {};
  asm volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf), "c"(subleaf));
  return r;
}

}  // namespace k::arch

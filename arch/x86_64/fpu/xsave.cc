#include "arch/x86_64/fpu/xsave.h"

#include "arch/x86_64/cpu/cpuid.h"
#include "arch/x86_64/cpu/features.h"

namespace k::arch {

std::uint64_t xsave_components() {
  constexpr std::uint64_t kX87SseAvx = 0x07, kAvx512 = 0xe0;
  return cpuid(13).eax & (kX87SseAvx | kAvx512);
}

std::size_t xsave_bytes() {
  static constinit std::size_t bytes = 0;
  if (bytes == 0) bytes = g_features.xsave ? cpuid(13).ebx : 512;
  return bytes;
}

void xsave_to(void* area) {
  if (g_features.xsaveopt) {
    asm volatile("xsaveopt64 (%0)" ::"r"(area), "a"(~0u), "d"(~0u) : "memory");
  } else if (g_features.xsave) {
    asm volatile("xsave64 (%0)" ::"r"(area), "a"(~0u), "d"(~0u) : "memory");
  } else {
    asm volatile("fxsave64 (%0)" ::"r"(area) : "memory");
  }
}

void xrstor_from(const void* area) {
  if (g_features.xsave) {
    asm volatile("xrstor64 (%0)" ::"r"(area), "a"(~0u), "d"(~0u) : "memory");
  } else {
    asm volatile("fxrstor64 (%0)" ::"r"(area) : "memory");
  }
}

}  // namespace k::arch

#include "arch/x86_64/cpu/features.h"

#include "arch/x86_64/cpu/cpuid.h"

namespace k::arch {

constinit Features g_features{};

void detect_features() {
  const auto bit = [](std::uint32_t word, unsigned n) { return (word >> n & 1) != 0; };
  const Cpuid one = cpuid(1), seven = cpuid(7), xsave = cpuid(13, 1), extended = cpuid(0x8000'0001);
  g_features = {
      .smep = bit(seven.ebx, 7),
      .smap = bit(seven.ebx, 20),
      .umip = bit(seven.ecx, 2),
      .fsgsbase = bit(seven.ebx, 0),
      .pge = bit(one.edx, 13),
      .x2apic = bit(one.ecx, 21),
      .tsc_deadline = bit(one.ecx, 24),
      .rdtscp = bit(extended.edx, 27),
      .rdpid = bit(seven.ecx, 22),
      .xsave = bit(one.ecx, 26),
      .xsaveopt = bit(xsave.eax, 0),
      .xgetbv1 = bit(xsave.eax, 2),
      .avx = bit(one.ecx, 28),
      .rdrand = bit(one.ecx, 30),
      .rdseed = bit(seven.ebx, 18),
      .erms = bit(seven.ebx, 9),
  };
}

}  // namespace k::arch

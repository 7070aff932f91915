// What CPUID says about the CPU's name, for /proc/cpuinfo, and the auxiliary vector's hardware words.
#include <cstring>

#include "arch/include/arch/cpu.h"
#include "arch/x86_64/cpu/cpuid.h"
#include "arch/x86_64/cpu/features.h"
#include "arch/x86_64/fpu/xsave.h"
#include "kernel/lib/types.h"

namespace k::arch {
namespace {

constexpr std::uint64_t kHwcap2Fsgsbase = 1 << 1;  // <asm/hwcap2.h>

// The signal frame without its FP state: ucontext, siginfo, return address (struct rt_sigframe), and what alignment can add.
constexpr std::uint64_t kFrameBytes = 304 + 128 + 8, kAlignment = 63 + 15, kMagic2Bytes = 4;

}  // namespace

CpuIdentity cpu_identity() {
  CpuIdentity id{};
  const Cpuid zero = cpuid(0), one = cpuid(1);
  std::memcpy(id.vendor, &zero.ebx, 4);
  std::memcpy(id.vendor + 4, &zero.edx, 4);
  std::memcpy(id.vendor + 8, &zero.ecx, 4);
  for (std::uint32_t i = 0; i < 3; ++i) {
    const Cpuid part = cpuid(0x8000'0002 + i);
    std::memcpy(id.model_name + 16 * i, &part, 16);
  }
  // Extended fields count from family 15 and 6 on. Source: Intel SDM volume 2, CPUID, figure 3-6.
  const unsigned family = one.eax >> 8 & 0xf, model = one.eax >> 4 & 0xf;
  id.family = family == 0xf ? family + (one.eax >> 20 & 0xff) : family;
  id.model = family == 0xf || family == 6 ? model | (one.eax >> 12 & 0xf0) : model;
  id.stepping = one.eax & 0xf;
  return id;
}

std::uint64_t hwcap() { return cpuid(1).edx; }
std::uint64_t hwcap2() { return g_features.fsgsbase ? kHwcap2Fsgsbase : 0; }
std::uint64_t min_signal_stack() { return lib::align_up(kFrameBytes + xsave_bytes() + kMagic2Bytes + kAlignment, 16); }

}  // namespace k::arch

// Random bits from the CPU. Runs before relocation too (KASLR), so it reads no table.
#include "arch/include/arch/cpu.h"
#include "arch/x86_64/cpu/cpuid.h"

namespace k::arch {
namespace {

constexpr unsigned kTries = 16;  // Intel's advice is ten

bool rdseed(std::uint64_t& value) {
  bool ok = false;
  for (unsigned i = 0; i < kTries && !ok; ++i) asm volatile("rdseed %0" : "=r"(value), "=@ccc"(ok));
  return ok;
}
bool rdrand(std::uint64_t& value) {
  bool ok = false;
  for (unsigned i = 0; i < kTries && !ok; ++i) asm volatile("rdrand %0" : "=r"(value), "=@ccc"(ok));
  return ok;
}
/// Spreads differences over all bits (the finaliser of splitmix64).
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58'476d'1ce4'e5b9;
  x = (x ^ x >> 27) * 0x94d0'49bb'1331'11eb;
  return x ^ x >> 31;
}

}  // namespace

std::uint64_t hardware_entropy() {
  std::uint64_t value = 0;
  if ((cpuid(7).ebx >> 18 & 1) != 0 && rdseed(value)) return value;
  if ((cpuid(1).ecx >> 30 & 1) != 0 && rdrand(value)) return value;
  return mix(cycles());
}

}  // namespace k::arch

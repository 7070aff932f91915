// Turns the no-ops at SMAP_SITEs into STAC and CLAC when the CPU has SMAP. Runs while the image is still writable.
#include "arch/x86_64/boot/patch.h"

#include <cstddef>
#include <cstdint>

#include "arch/x86_64/cpu/cpuid.h"

namespace k::arch::boot {
namespace {

struct Site {
  std::int32_t at;  // from its own place
  std::uint32_t code;
};

}  // namespace

extern "C" const Site ht_smap_sites_begin[], ht_smap_sites_end[];

void patch_smap_sites() {
  if ((cpuid(7).ebx >> 20 & 1) == 0) return;
  for (const Site* site = ht_smap_sites_begin; site < ht_smap_sites_end; ++site) {
    auto* code = reinterpret_cast<std::uint8_t*>(reinterpret_cast<std::uint64_t>(&site->at) +
                                                 static_cast<std::uint64_t>(std::int64_t{site->at}));
    for (unsigned i = 0; i < 3; ++i) code[i] = static_cast<std::uint8_t>(site->code >> 8 * i);
  }
}

}  // namespace k::arch::boot

#include "arch/include/arch/vdso.h"

#include "arch/x86_64/cpu/features.h"
#include "arch/x86_64/memory/kernel_map.h"
#include "arch/x86_64/vdso/page.h"
#include "kernel/lib/assert.h"

extern "C" const std::byte ht_vdso_image_begin[], ht_vdso_image_end[];

namespace k::arch {
namespace {

constexpr std::size_t kMaxImagePages = 4;

union DataPage {
  VdsoPage page;
  std::byte whole[kPageSize];  // user programs see all of it
};
alignas(kPageSize) constinit DataPage g_data{.whole = {}};
constinit PhysAddr g_image_frames[kMaxImagePages];

}  // namespace

std::span<const PhysAddr> vdso_image_frames() {
  const auto pages = static_cast<std::size_t>(ht_vdso_image_end - ht_vdso_image_begin) / kPageSize;
  HT_VERIFY(pages <= kMaxImagePages);
  for (std::size_t i = 0; i < pages; ++i) g_image_frames[i] = image_to_phys(ht_vdso_image_begin + i * kPageSize);
  return {g_image_frames, pages};
}

PhysAddr vdso_data_frame() { return image_to_phys(&g_data); }

VdsoData& vdso_data() {
  g_data.page.has_rdtscp = g_features.rdtscp ? 1 : 0;
  return g_data.page.time;
}

}  // namespace k::arch

/// The page that the kernel shares with vDSO code.
#pragma once

#include <cstdint>

#include "arch/include/arch/vdso.h"

namespace k::arch {

struct VdsoPage {
  VdsoData time;
  alignas(64) std::uint32_t has_rdtscp;  // RDTSCP works and TSC_AUX holds the CPU's number
};
static_assert(sizeof(VdsoPage) <= 4096);

}  // namespace k::arch

/// The host's stand-ins for RAM and TLB, as unit tests see them.
///
/// Invariants  frames exist after test/unit/support/frames.h gave the RAM to mm/phys.
#pragma once

#include <cstdint>

#include "arch/include/arch/boot_info.h"

namespace k::arch::host {

/// The file behind host RAM; offset 0 is kHostRamBase.
int ram_file();
MemoryRange ram_range();

/// Flushes since the last reset.
struct TlbCounts {
  unsigned pages = 0, all = 0, remote_calls = 0;
};
TlbCounts& tlb_counts();

}  // namespace k::arch::host

/// The vDSO image and the data page that it reads.
///
/// Invariants  image pages are mapped read-execute and the data page read-only, just below the image; kernel/time updates the
///             data page under its sequence count, so user code gets the same values as the system call would.
/// Source      vdso(7).
#pragma once

#include <cstdint>
#include <span>

#include "kernel/lib/types.h"

namespace k::arch {

/// Shared with vDSO code (arch/x86_64/vdso/): a sequence lock over clock parameters. A clock reads
/// ((tsc - base_cycles) * mult >> kVdsoShift) + offset_ns[clock]; no CPU's counter is behind base_cycles, which is boot's.
inline constexpr unsigned kVdsoShift = 32, kVdsoClocks = 8;
struct VdsoData {
  std::uint32_t sequence;  // changes with the rest
  std::uint32_t
      served;  // a bit for each clock id answered here; none before the clock runs and while the kernel writes
  std::uint64_t mult;
  std::uint64_t base_cycles;
  std::int64_t offset_ns[kVdsoClocks];
};

/// Frames of the image, in order (page-aligned in the kernel image).
std::span<const PhysAddr> vdso_image_frames();
PhysAddr vdso_data_frame();
VdsoData& vdso_data();

}  // namespace k::arch

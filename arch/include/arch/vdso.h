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

/// Shared with vDSO code (arch/x86_64/vdso/): a sequence lock over clock parameters.
struct VdsoData {
  std::uint32_t sequence;  // odd while the kernel writes
  std::uint32_t shift;     // ns = ((tsc - base_cycles) * mult) >> shift
  std::uint64_t mult;
  std::uint64_t base_cycles;
  std::uint64_t base_monotonic_ns;
  std::int64_t realtime_offset_ns;  // CLOCK_REALTIME minus CLOCK_MONOTONIC
  std::uint64_t boottime_offset_ns;
};

/// Frames of the image, in order (page-aligned in the kernel image).
std::span<const PhysAddr> vdso_image_frames();
PhysAddr vdso_data_frame();
VdsoData& vdso_data();

}  // namespace k::arch

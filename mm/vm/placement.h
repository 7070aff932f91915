/// Where mappings may lie.
/// Source: proc(5), /proc/sys/vm/mmap_min_addr; Linux's stack_guard_gap (kernel-parameters).
#pragma once

#include "mm/vm/range.h"

namespace k::mm {

inline constexpr std::uint64_t kLowestMapping = 65536;                             // mmap_min_addr
inline constexpr std::uint64_t kStackGuardBytes = std::uint64_t{256} * kPageSize;  // kept free below a growing stack

/// The range of MAP_FIXED. INVAL: not page-aligned; NOMEM: past the end of user memory; PERM: below mmap_min_addr.
inline Result<PageRange> fixed_range(UserAddr start, std::uint64_t bytes) {
  if (start.page_offset() != 0) return err(Errno::inval);
  if (bytes > arch::kUserEnd || start.value > arch::kUserEnd - bytes) return err(Errno::nomem);
  if (start.value < kLowestMapping) return err(Errno::perm);
  return PageRange{start.value, start.value + bytes};
}

}  // namespace k::mm

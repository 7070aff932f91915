/// Pools of huge pages, as hugetlbfs has them: there is one of each size, and all are empty.
/// Source      mmap(2), MAP_HUGETLB; shmget(2), SHM_HUGETLB.
#pragma once

namespace k::mm {

/// Is there a pool of the size whose logarithm the low six bits of `code` are? 0 is the usual size.
constexpr bool has_huge_pool(unsigned code) {
  constexpr unsigned kMask = 63, kDefault = 0, k2MiB = 21, k1GiB = 30;
  const unsigned log = code & kMask;
  return log == kDefault || log == k2MiB || log == k1GiB;
}

}  // namespace k::mm

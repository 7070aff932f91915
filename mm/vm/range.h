/// Checking the address ranges that memory calls get.
#pragma once

#include "arch/include/arch/memory.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

namespace k::mm {

struct PageRange {
  std::uint64_t start, end;
};
enum class Empty : bool { allowed, refused };

/// [start, start + bytes) rounded up to pages. INVAL: not page-aligned, past the end of user memory, or empty where refused.
inline Result<PageRange> page_range(UserAddr start, std::uint64_t bytes, Empty empty) {
  if (start.page_offset() != 0 || start.value > arch::kUserEnd || bytes > arch::kUserEnd - start.value)
    return err(Errno::inval);
  if (bytes == 0 && empty == Empty::refused) return err(Errno::inval);
  return PageRange{start.value, start.value + lib::align_up(bytes, kPageSize)};
}

/// As above with the errors of calls that say NOMEM for a range outside user memory.
inline Result<PageRange> mapped_range(UserAddr start, std::uint64_t bytes) {
  if (start.page_offset() != 0) return err(Errno::inval);
  const std::uint64_t rounded = lib::align_up(bytes, kPageSize);
  if (rounded < bytes || start.value + rounded < start.value) return err(Errno::inval);
  if (start.value + rounded > arch::kUserEnd) return err(Errno::nomem);
  return PageRange{start.value, start.value + rounded};
}

}  // namespace k::mm

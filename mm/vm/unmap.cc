// munmap(2).
#include "mm/vm/change.h"
#include "mm/vm/doomed.h"
#include "mm/vm/range.h"

namespace k::mm {

Result<void> AddressSpace::unmap(UserAddr start, std::uint64_t bytes) {
  const PageRange range = TRY(page_range(start, bytes, Empty::refused));
  Doomed doomed;
  const Change change{*this};
  return unmap_locked(range.start, range.end, doomed);
}

}  // namespace k::mm

// pkey_alloc, pkey_free, pkey_mprotect, as on a CPU without protection keys: CR4.PKE stays off, and no key is ever allocated.
#include <linux/mman.h>

#include "syscalls/calls_mm.h"

namespace k::sys {

Result<int> pkey_alloc(Task&, std::uint64_t flags, std::uint64_t rights) {
  if (flags != 0) return err(Errno::inval);
  if ((rights & ~std::uint64_t{PKEY_DISABLE_ACCESS | PKEY_DISABLE_WRITE}) != 0) return err(Errno::inval);
  return err(Errno::nospc);
}

Result<void> pkey_free(Task&, int) { return err(Errno::inval); }

/// pkey_mprotect(2): key -1 is mprotect(2). An empty range needs no key; NOMEM: a range that wraps.
Result<void> pkey_mprotect(Task& self, UserAddr address, std::size_t length, Flags protection, int key) {
  if (key == -1 || length == 0) return mprotect(self, address, length, protection);
  const bool wraps = address.value + lib::align_up(length, kPageSize) <= address.value;
  return err(address.page_offset() == 0 && wraps ? Errno::nomem : Errno::inval);
}

}  // namespace k::sys

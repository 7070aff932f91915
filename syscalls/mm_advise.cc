#include <algorithm>
#include <array>

#include <linux/mman.h>

#include "arch/include/arch/memory.h"
#include "kernel/task/task.h"
#include "syscalls/calls_mm.h"
#include "syscalls/memory_protection.h"

namespace k::sys {

/// mprotect(2). PROT_GROWSDOWN and PROT_GROWSUP widen the range to the area's end.
Result<void> mprotect(Task& self, UserAddr address, std::size_t length, Flags protection) {
  constexpr unsigned kGrows = PROT_GROWSDOWN | PROT_GROWSUP;
  if (protection.has(kGrows) || !lib::is_aligned(address.value, kPageSize)) return err(Errno::inval);
  if (length == 0) return {};  // whatever the protection
  const std::uint64_t end = address.value + lib::align_up(length, kPageSize);
  if (end <= address.value) return err(Errno::nomem);
  if (!protection.only(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM | kGrows)) return err(Errno::inval);
  mm::AddressSpace& space = self.address_space();
  if (!protection.any(kGrows)) return space.protect(address, length, protection_of(protection));
  if (protection.has(PROT_GROWSUP)) return err(Errno::inval);  // no area grows up on x86
  return space.protect_down(address, length, protection_of(protection));
}

/// madvise(2).
Result<void> madvise(Task& self, UserAddr address, std::size_t length, int advice) {
  return self.address_space().advise(address, length, advice);
}

/// mincore(2).
Result<void> mincore(Task& self, UserAddr address, std::size_t length, UserOut<std::uint8_t> pages) {
  if (address.page_offset() != 0) return err(Errno::inval);
  if (address.value > arch::kUserEnd || length > arch::kUserEnd - address.value) return err(Errno::nomem);
  std::array<std::uint8_t, 256> part;
  const std::size_t count = lib::pages_for(length);
  if (!is_user_range(pages.address(), count)) return err(Errno::fault);
  for (std::size_t done = 0; done < count;) {
    const auto some = std::span{part}.first(std::min(part.size(), count - done));
    TRY(self.address_space().resident(address + done * kPageSize, some));
    TRY((pages + done).write_all(some));
    done += some.size();
  }
  return {};
}

/// msync(2).
Result<void> msync(Task& self, UserAddr address, std::size_t length, Flags flags) {
  return self.address_space().sync(address, length, flags.bits());
}

}  // namespace k::sys

#include "kernel/task/rseq.h"

#include <linux/rseq.h>

#include "syscalls/calls_threads.h"

namespace k::sys {
namespace {

Result<void> unregister(Task& self, UserAddr area, std::uint32_t size, Flags flags, std::uint32_t signature) {
  if (flags.bits() != uapi::RSEQ_FLAG_UNREGISTER) return err(Errno::inval);
  if (area.value == 0 || area != self.rseq_area || size != task::kRseqSize) return err(Errno::inval);
  if (signature != self.rseq_signature) return err(Errno::perm);
  TRY(task::reset_rseq_area(area));
  task::set_rseq(self, UserAddr{}, 0);
  return {};
}

}  // namespace

Result<void> rseq(Task& self, UserAddr area, std::uint32_t size, Flags flags, std::uint32_t signature) {
  if ((flags.bits() & uapi::RSEQ_FLAG_UNREGISTER) != 0) return unregister(self, area, size, flags, signature);
  if (flags.bits() != 0) return err(Errno::inval);
  if (self.rseq_area.value != 0) {
    if (area != self.rseq_area || size != task::kRseqSize) return err(Errno::inval);
    return err(signature == self.rseq_signature ? Errno::busy : Errno::perm);
  }
  if ((area.value & (alignof(uapi::rseq) - 1)) != 0 || size != task::kRseqSize) return err(Errno::inval);
  if (area.value >= arch::kUserEnd - size) return err(Errno::fault);
  task::set_rseq(self, area, signature);
  return {};
}

}  // namespace k::sys

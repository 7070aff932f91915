// shmget, shmat, shmdt.
#include <linux/mman.h>
#include <linux/shm.h>

#include "ipc/sysv/segment.h"
#include "kernel/task/memory_limits.h"
#include "kernel/task/task.h"
#include "mm/vm/address_space.h"
#include "syscalls/calls_memory.h"

namespace k::sys {
namespace {

using ipc::sysv::Segment;
using mm::AreaFlag;
using mm::AreaFlags;

/// What shmat(2) asks for: the rights on the segment and those of the mapping.
struct Wanted {
  unsigned access;
  AreaFlags flags;
};
Wanted wanted_by(Flags flags) {
  Wanted w{ipc::sysv::kMayRead, AreaFlag::read | AreaFlag::shared | AreaFlag::may_read | AreaFlag::may_execute};
  if (!flags.has(SHM_RDONLY)) {
    w.access |= ipc::sysv::kMayWrite;
    w.flags = w.flags | AreaFlag::write | AreaFlag::may_write;
  }
  if (flags.has(SHM_EXEC)) {
    w.access |= S_IXUSR | S_IXGRP | S_IXOTH;
    w.flags = w.flags | AreaFlag::execute;
  }
  return w;
}

/// Where it goes: at `address`, rounded down with SHM_RND. INVAL.
Result<UserAddr> place_of(UserAddr address, Flags flags) {
  if (address.value == 0) {
    if (flags.has(SHM_REMAP)) return err(Errno::inval);
    return address;
  }
  if (address.page_offset() == 0) return address;
  if (!flags.has(SHM_RND)) return err(Errno::inval);
  const UserAddr rounded = address.page_down();
  if (rounded.value == 0 && flags.has(SHM_REMAP)) return err(Errno::inval);
  return rounded;
}

}  // namespace

Result<int> shmget(Task& self, std::int32_t key, std::size_t bytes, Flags flags) {
  return Segment::get(ipc::sysv::initial_namespace(), key, bytes, flags, self.creds());
}

Result<UserAddr> shmat(Task& self, int id, UserAddr address, Flags flags) {
  if (id < 0) return err(Errno::inval);
  const UserAddr place = TRY(place_of(address, flags));
  const auto segment = TRY(ipc::sysv::initial_namespace().segments.find(id));
  const Wanted wanted = wanted_by(flags);
  TRY(segment->check(self.creds(), wanted.access));
  auto placement = mm::Placement::hint;
  if (place.value != 0) placement = flags.has(SHM_REMAP) ? mm::Placement::fixed : mm::Placement::fixed_no_replace;
  const mm::MapRequest request{.address = place,
                               .bytes = segment->bytes(),
                               .flags = wanted.flags,
                               .placement = placement,
                               .source = TRY(segment->attach())};
  const auto mapped = self.address_space().map(request, task::memory_limits(self));
  if (!mapped && mapped.error() == Errno::exist) return err(Errno::inval);  // shmop(2)'s word for it
  return mapped;
}

Result<void> shmdt(Task& self, UserAddr address) { return self.address_space().detach(address); }

}  // namespace k::sys

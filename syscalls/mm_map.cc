#include <linux/mman.h>
#include <linux/mount.h>

#include "fs/vfs/mount.h"
#include "fs/vfs/seals.h"
#include "kernel/task/memory_limits.h"
#include "kernel/task/task.h"
#include "mm/vm/huge_pool.h"
#include "mm/vm/shared_memory.h"
#include "syscalls/calls_mm.h"
#include "syscalls/memory_protection.h"

namespace k::sys {
namespace {

using mm::AreaFlag;
using mm::AreaFlags;

constexpr unsigned kKnownFlags = MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_32BIT | MAP_GROWSDOWN | MAP_DENYWRITE |
                                 MAP_EXECUTABLE | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK |
                                 MAP_HUGETLB;  // what MAP_SHARED_VALIDATE takes
constexpr AreaFlags kMayAll = AreaFlag::may_read | AreaFlag::may_write | AreaFlag::may_execute;

bool is_shared(Flags flags) { return (flags.bits() & MAP_TYPE) != MAP_PRIVATE; }

Result<void> check_flags(Flags flags, bool is_file) {
  switch (flags.bits() & MAP_TYPE) {
    case MAP_PRIVATE:
      return {};
    case MAP_SHARED:
      if (flags.has(MAP_GROWSDOWN)) return err(Errno::inval);
      return {};
    case MAP_SHARED_VALIDATE:
      if (!is_file || flags.has(MAP_GROWSDOWN)) return err(Errno::inval);
      if (!flags.only(kKnownFlags)) return err(Errno::opnotsupp);
      return {};
    default:
      return err(Errno::inval);
  }
}

AreaFlags flags_of_request(Flags flags) {
  AreaFlags area;
  if (is_shared(flags)) area = area | AreaFlag::shared;
  if (flags.has(MAP_GROWSDOWN)) area = area | AreaFlag::grows_down;
  if (flags.has(MAP_LOCKED)) area = area | AreaFlag::locked;
  if (flags.has(MAP_NORESERVE)) area = area | AreaFlag::no_reserve;
  return area;
}

/// What a mapping of `file` may ever allow. ACCES, PERM.
Result<AreaFlags> rights_on_file(const fs::File& file, Flags protection, bool shared) {
  AreaFlags may = kMayAll;
  if (shared && protection.has(PROT_WRITE) && !file.writable()) return err(Errno::acces);
  if (!file.readable()) return err(Errno::acces);
  if (shared && protection.has(PROT_WRITE)) TRY(fs::may_map_writable(file));
  if (shared && (!file.writable() || fs::forbids_new_writers(file))) may = may.without(AreaFlag::may_write);
  if (file.mount() != nullptr && file.mount()->has(MS_NOEXEC)) {
    if (protection.has(PROT_EXEC)) return err(Errno::perm);
    may = may.without(AreaFlag::may_execute);
  }
  return may;
}

mm::Placement placement_of(Flags flags) {
  if (flags.has(MAP_FIXED_NOREPLACE)) return mm::Placement::fixed_no_replace;
  if (flags.has(MAP_FIXED)) return mm::Placement::fixed;
  return flags.has(MAP_32BIT) ? mm::Placement::below_2g : mm::Placement::hint;
}

/// The last page that is asked for has a number, also where numbers mean nothing.
Result<void> check_extent(const mm::MapRequest& request) {
  const std::uint64_t bytes = lib::align_up(request.bytes, kPageSize);
  if (request.bytes == 0) return err(Errno::inval);
  if (bytes == 0) return err(Errno::nomem);
  if (request.offset + (bytes >> lib::kPageShift) < request.offset) return err(Errno::overflow);
  return {};
}

/// Devices count with unsigned offsets.
std::uint64_t last_offset(const fs::Inode& inode) {
  const bool is_signed =
      inode.is(fs::FileType::regular) || inode.is(fs::FileType::block) || inode.is(fs::FileType::socket);
  return is_signed ? INT64_MAX : UINT64_MAX;
}

/// Fills in where the pages come from, and what the mapping may become.
Result<void> set_source(Task& self, mm::MapRequest& request, Flags protection, Flags flags, Fd fd) {
  if (!flags.has(MAP_ANONYMOUS)) {
    const auto file = TRY(self.fds().get(fd.number));
    TRY(check_extent(request));
    if (request.offset > (last_offset(file->inode()) - request.bytes) >> lib::kPageShift) return err(Errno::overflow);
    TRY(check_flags(flags, true));
    request.flags = request.flags | TRY(rights_on_file(*file, protection, is_shared(flags)));
    request.source = TRY(file->page_source());
    return {};
  }
  TRY(check_extent(request));
  TRY(check_flags(flags, false));
  request.flags = request.flags | kMayAll;
  request.offset = 0;
  if (!is_shared(flags)) return {};
  const auto charge = flags.has(MAP_NORESERVE) ? mm::SharedMemory::Charge::no : mm::SharedMemory::Charge::yes;
  request.source = TRY(mm::SharedMemory::create(request.bytes, charge));
  return {};
}

/// A shared mapping that may be written has its place among the content's writers from before the seals are looked at until it
/// counts itself.
Result<UserAddr> map_counted(mm::AddressSpace& space, const mm::MapRequest& request, const mm::MemoryLimits& limits) {
  const bool writer = request.source && request.source->lists_mappings() && request.flags.has(AreaFlag::shared) &&
                      request.flags.has(AreaFlag::may_write);
  if (!writer) return space.map(request, limits);
  TRY(request.source->mappings().add_writer());
  const auto mapped = space.map(request, limits);
  request.source->mappings().drop_writer();
  return mapped;
}

}  // namespace

/// mmap(2).
Result<UserAddr> mmap(Task& self, UserAddr address, std::size_t length, Flags protection, Flags flags, Fd fd,
                      std::uint64_t offset) {
  if (!lib::is_aligned(offset, kPageSize)) return err(Errno::inval);
  const mm::MemoryLimits limits = task::memory_limits(self);
  mm::MapRequest request{.address = address,
                         .bytes = length,
                         .flags = flags_of_request(flags) | protection_of(protection),
                         .placement = placement_of(flags),
                         .offset = offset >> lib::kPageShift};
  TRY(set_source(self, request, protection, flags, fd));
  if (flags.has(MAP_HUGETLB))
    return err(mm::has_huge_pool(flags.bits() >> MAP_HUGE_SHIFT) ? Errno::nomem : Errno::inval);
  if (flags.has(MAP_LOCKED) && limits.locked == 0 && !limits.may_lock_any) return err(Errno::perm);

  mm::AddressSpace& space = self.address_space();
  const UserAddr at = TRY(map_counted(space, request, limits));
  const bool populate = flags.has(MAP_POPULATE) && !flags.has(MAP_NONBLOCK);
  if (populate || flags.has(MAP_LOCKED) || space.populates_new_areas()) {
    // A page that cannot be had now faults later: mmap itself has succeeded.
    const bool write = protection.has(PROT_WRITE) && !is_shared(flags);
    (void)space.populate(at, lib::align_up(length, kPageSize), write ? mm::Write::yes : mm::Write::no);
  }
  return at;
}

/// munmap(2).
Result<void> munmap(Task& self, UserAddr address, std::size_t length) {
  return self.address_space().unmap(address, length);
}

/// mremap(2).
Result<UserAddr> mremap(Task& self, UserAddr address, std::size_t old_length, std::size_t new_length, Flags flags,
                        UserAddr new_address) {
  return self.address_space().remap({.address = address,
                                     .old_bytes = old_length,
                                     .new_bytes = new_length,
                                     .flags = flags.bits(),
                                     .new_address = new_address},
                                    task::memory_limits(self));
}

/// remap_file_pages(2).
Result<void> remap_file_pages(Task& self, UserAddr address, std::size_t length, Flags protection, std::uint64_t page,
                              Flags flags) {
  if (protection.bits() != 0) return err(Errno::inval);
  mm::AddressSpace& space = self.address_space();
  TRY(space.show_pages(address, length, page, task::memory_limits(self)));
  if (!flags.has(MAP_NONBLOCK))
    (void)space.populate(address.page_down(), lib::align_down(length, kPageSize), mm::Write::no);
  return {};
}

/// brk(2): the raw call answers the break that holds, never an error.
Result<UserAddr> brk(Task& self, UserAddr address) {
  return self.address_space().set_break(address, task::memory_limits(self));
}

}  // namespace k::sys

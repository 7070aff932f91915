/// Area: one mapping (a vma) of an address space.
///
/// Invariants  page-aligned, not empty, disjoint from its neighbours. `start`, `end`, `flags`, `policy` and `offset` change only under the space's
///             lock held for writing, and while the area is closed to faults. An area with a source is in that source's list of mappings.
/// Context     allocated and freed by AddressSpace only.
/// Source      mmap(2), proc_pid_maps(5).
#pragma once

#include <cstdint>

#include "kernel/lib/flags.h"
#include "kernel/lib/types.h"
#include "mm/phys/slab.h"
#include "mm/vm/memory_policy.h"
#include "mm/vm/page_source.h"

namespace k::mm {

enum class AreaFlag : std::uint32_t {
  read = 1,
  write = 2,
  execute = 4,
  shared = 8,
  may_read = 0x10,  // what mprotect may turn on: a shared mapping of a file opened read-only never gets write
  may_write = 0x20,
  may_execute = 0x40,
  grows_down = 0x100,
  locked = 0x200,         // mlock
  lock_on_fault = 0x400,  // MLOCK_ONFAULT
  no_fork = 0x800,        // MADV_DONTFORK
  wipe_on_fork = 0x1000,  // MADV_WIPEONFORK
  no_reserve = 0x2000,    // MAP_NORESERVE: not charged to the commit limit
  charged = 0x4000,       // private writable: charged to the commit limit
  fixed_size = 0x8000,    // vDSO: mremap may not grow it
  huge = 0x1'0000,        // MADV_HUGEPAGE
  no_huge = 0x2'0000,     // MADV_NOHUGEPAGE
  random_access = 0x4'0000,
  sequential_access = 0x8'0000,
  stack = 0x10'0000,    // the initial stack, shown as [stack]
  no_dump = 0x20'0000,  // MADV_DONTDUMP
};
using AreaFlags = lib::EnumSet<AreaFlag>;

constexpr AreaFlags operator|(AreaFlag a, AreaFlag b) { return AreaFlags{a} | b; }

struct Area : MappingLink, SlabAllocated<Area> {
  std::uint64_t start = 0, end = 0;
  AreaFlags flags;
  MemoryPolicy policy;
  RefOrNull<PageSource> source;
  std::uint64_t offset = 0;  // of `start` in the source, in pages
  class AddressSpace* space = nullptr;
  Area* next_doomed = nullptr;  // while it waits to be freed

  std::uint64_t bytes() const { return end - start; }
  std::size_t pages() const { return bytes() >> lib::kPageShift; }
  bool contains(std::uint64_t address) const { return address - start < end - start; }
  bool has(AreaFlag flag) const { return flags.has(flag); }
  /// Page of the source that `address` shows.
  std::uint64_t source_index(std::uint64_t address) const { return offset + ((address - start) >> lib::kPageShift); }
};

}  // namespace k::mm

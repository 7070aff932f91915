/// AddressSpace: the memory of a process, shared by its threads.
///
/// One file per operation: map.cc, unmap.cc, protect.cc, remap.cc, brk.cc, fork.cc, fault.cc, advise.cc, lock.cc, query.cc.
/// Invariants  areas are disjoint and sorted; a page-table entry exists only inside an area. A leaf table shared after fork is
///             write-protected one level up and copied before anything in it changes.
/// Lock order  Rank::mmap (reader: faults and queries; writer: operations that change areas), Rank::mappings, Rank::page_table.
/// Context     task context, all calls may sleep; no user copy may run while the caller is inside one.
/// Errors      as mmap(2), munmap(2), mprotect(2), mremap(2), brk(2), madvise(2), mincore(2), mlock(2), msync(2).
/// Source      those pages; DESIGN's address-space section; docs/way-of-a-page-fault.md.
#pragma once

#include <cstdint>
#include <span>

#include "arch/include/arch/upcalls.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/types.h"
#include "mm/vm/area.h"
#include "mm/vm/layout.h"
#include "mm/vm/limits.h"

namespace k::mm {

enum class Placement : std::uint8_t { hint, fixed, fixed_no_replace };

struct MapRequest {
  UserAddr address;      // hint or fixed place; 0 lets the kernel choose
  std::uint64_t bytes;   // rounded up to pages
  AreaFlags flags;       // read, write, execute, shared, may_*, grows_down, no_reserve, locked
  Placement placement = Placement::hint;
  RefOrNull<PageSource> source = {};  // null: anonymous private memory (shared anonymous memory has a tmpfs source)
  std::uint64_t offset = 0;           // in pages
};

/// Pages resident and mapped, for /proc and the OOM killer.
struct MemoryUse {
  std::uint64_t total_pages, anonymous_pages, file_pages, shared_pages, locked_pages, peak_resident_pages, page_table_bytes;
  std::uint64_t data_pages, stack_pages, code_pages;
  std::uint64_t resident_pages() const { return anonymous_pages + file_pages + shared_pages; }
};

class AddressSpace : public lib::RefCounted {
 public:
  /// An empty space with `layout`'s bases.
  static Result<Ref<AddressSpace>> create(const Layout& layout);
  /// A copy whose private pages are shared until written. Areas marked no_fork are left out.
  Result<Ref<AddressSpace>> fork();
  ~AddressSpace();

  // Operations of the system calls; addresses are checked here.
  Result<UserAddr> map(const MapRequest& request, const MemoryLimits& limits);
  Result<void> unmap(UserAddr start, std::uint64_t bytes);
  Result<void> protect(UserAddr start, std::uint64_t bytes, AreaFlags protection);
  struct RemapRequest {
    UserAddr address;
    std::uint64_t old_bytes, new_bytes;
    unsigned flags;  // MREMAP_*
    UserAddr new_address;
  };
  Result<UserAddr> remap(const RemapRequest& request, const MemoryLimits& limits);
  /// brk(2): the new break, or the old one when `wanted` is not possible.
  UserAddr set_break(UserAddr wanted, const MemoryLimits& limits);
  Result<void> advise(UserAddr start, std::uint64_t bytes, int advice);
  Result<void> sync(UserAddr start, std::uint64_t bytes, unsigned flags);
  /// One byte per page into `out` (bit 0: resident), for out.size() pages from `start`.
  Result<void> resident(UserAddr start, std::span<std::uint8_t> out);
  enum class LockMode : std::uint8_t { unlock, lock, on_fault };
  Result<void> lock(UserAddr start, std::uint64_t bytes, LockMode mode, const MemoryLimits& limits);
  /// mlockall(2), munlockall(2) with MCL_* flags; 0 unlocks everything.
  Result<void> lock_all(unsigned flags, const MemoryLimits& limits);
  /// Faults in what is not there yet (MAP_POPULATE, MADV_POPULATE_*); stops at the first page that cannot be had.
  Result<void> populate(UserAddr start, std::uint64_t bytes, Write write);

  /// Repairs a page fault.
  arch::FaultResult fault(UserAddr address, const arch::FaultAccess& access);

  // Building a program and looking at one from outside (exec, /proc/PID/mem, ptrace).
  /// Maps the initial stack below layout().stack_top.
  Result<void> map_stack(AreaFlags protection, const MemoryLimits& limits);
  /// Maps the vDSO and its data, and records layout().vdso.
  Result<void> map_vdso();
  /// Copies from or to this space, whether it is loaded or not. FAULT when not all bytes are accessible to the program.
  Result<void> read(UserAddr from, std::span<std::byte> to);
  Result<void> write(UserAddr to, std::span<const std::byte> from);
  /// As read, up to to.size() bytes; returns how many came before the first inaccessible one.
  std::size_t read_some(UserAddr from, std::span<std::byte> to);

  Layout& layout() { return layout_; }
  const Layout& layout() const { return layout_; }
  /// RLIMIT_STACK for stack growth; kernel/task sets it at exec and when the limit changes.
  void set_stack_limit(std::uint64_t bytes) { stack_limit_.store(bytes, std::memory_order_relaxed); }
  MemoryUse usage() const;
  PhysAddr page_table_root() const { return root_; }

  /// Calls `visit(const Area&)` for each area in address order with the space's lock held for reading; `visit` must not sleep on
  /// user memory. `from`: skip areas that end at or before it (so that a reader can resume).
  template <class Visit>
  void for_each_area(UserAddr from, Visit visit) const {
    visit_areas(from, [](void* context, const Area& area) { return (*static_cast<Visit*>(context))(area); }, &visit);
  }

 private:
  explicit AddressSpace(const Layout& layout) : layout_(layout) {}
  /// `visit` returns false to stop.
  void visit_areas(UserAddr from, bool (*visit)(void*, const Area&), void* context) const;

  PhysAddr root_;
  Layout layout_;
  std::atomic<std::uint64_t> stack_limit_{kNoLimit};
};

}  // namespace k::mm

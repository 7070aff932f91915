/// AddressSpace: the memory of a process, shared by its threads.
///
/// One file per operation: map.cc, unmap.cc, protect.cc, remap.cc, brk.cc, fork.cc, fault.cc, advise.cc, lock.cc, query.cc,
/// policy.cc.
/// Invariants  areas are disjoint and sorted; a page-table entry exists only inside an area. A leaf table shared after fork is
///             write-protected one level up and copied before anything in it changes.
///             A fault takes no lock of the space: it looks its area up beside changes of others, and a change first shuts
///             faults out of the areas that it touches (change.h, close.cc). What a fault reads of an area stays while it is inside.
/// Lock order  Rank::mmap (faults, which do not exclude each other or changes elsewhere; reader: queries; writer: operations that
///             change areas), Rank::mappings, Rank::page_table.
/// Context     task context, all calls may sleep; no user copy may run while the caller is inside one.
/// Errors      as mmap(2), munmap(2), mprotect(2), mremap(2), brk(2), madvise(2), mincore(2), mlock(2), msync(2).
/// Source      those pages; DESIGN's address-space section; docs/way-of-a-page-fault.md.
#pragma once

#include <cstdint>
#include <span>

#include "arch/include/arch/upcalls.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/types.h"
#include "kernel/sched/space_binding.h"
#include "kernel/sync/rw_lock.h"
#include "kernel/sync/srcu.h"
#include "mm/user/io_buffer.h"
#include "mm/vm/area.h"
#include "mm/vm/area_map.h"
#include "mm/vm/fault_decision.h"
#include "mm/vm/layout.h"
#include "mm/vm/leaf.h"
#include "mm/vm/limits.h"
#include "mm/vm/page_tables.h"
#include "mm/vm/page_view.h"

namespace k::mm {

/// below_2g: MAP_32BIT.
enum class Placement : std::uint8_t { hint, below_2g, fixed, fixed_no_replace };

struct MapRequest {
  UserAddr address;     // hint or fixed place; 0 lets the kernel choose
  std::uint64_t bytes;  // rounded up to pages
  AreaFlags flags;      // read, write, execute, shared, may_*, grows_down, no_reserve, locked
  Placement placement = Placement::hint;
  RefOrNull<PageSource> source = {};  // null: anonymous private memory (shared anonymous memory has a tmpfs source)
  std::uint64_t offset = 0;           // in pages
};

/// Pages resident and mapped, for /proc and the OOM killer.
struct MemoryUse {
  std::uint64_t total_pages, anonymous_pages, file_pages, shared_pages, locked_pages, peak_resident_pages,
      page_table_bytes;
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
  /// shmdt(2): what is left of the mapping of a counting source whose first page is, or was, at `start`.
  Result<void> detach(UserAddr start);
  Result<void> protect(UserAddr start, std::uint64_t bytes, AreaFlags protection);
  /// PROT_GROWSDOWN: from the start of the area that grows down and contains `start`. INVAL when it does not grow down.
  Result<void> protect_down(UserAddr start, std::uint64_t bytes, AreaFlags protection);
  struct RemapRequest {
    UserAddr address;
    std::uint64_t old_bytes, new_bytes;
    unsigned flags;  // MREMAP_*
    UserAddr new_address;
  };
  Result<UserAddr> remap(const RemapRequest& request, const MemoryLimits& limits);
  /// remap_file_pages(2): a part of a shared mapping shows its source from `first_page` on. INVAL: no such mapping.
  Result<void> show_pages(UserAddr start, std::uint64_t bytes, std::uint64_t first_page, const MemoryLimits& limits);
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
  /// mlockall(MCL_FUTURE) is in force without MCL_ONFAULT: what is mapped now is faulted in at once.
  bool populates_new_areas() const {
    const AreaFlags flags = AreaFlags::from_bits(default_flags_.load(std::memory_order_relaxed));
    return flags.has(AreaFlag::locked) && !flags.has(AreaFlag::lock_on_fault);
  }

  // NUMA policies (policy.cc); ranges are page-aligned, of any length but none.
  enum class PagesThere : bool { allowed, refused };
  /// mbind(2). FAULT: a hole that `policy` may not have; IO: a page is there, and refused.
  Result<void> set_policy(UserAddr start, std::uint64_t bytes, const MemoryPolicy& policy, PagesThere pages);
  /// set_mempolicy_home_node(2), to the one node there is. NOENT: no policy in the range; OPNOTSUPP: one without a home.
  Result<void> check_home_node(UserAddr start, std::uint64_t bytes) const;
  /// FAULT: nothing is mapped there.
  Result<MemoryPolicy> policy_at(UserAddr address) const;
  /// Whether there is a page, on the one node. FAULT: nothing mapped, or zeros that need no page; NOENT: none of a source's, or one
  /// without access.
  Result<void> check_page_at(UserAddr address) const;

  /// Repairs a page fault.
  arch::FaultResult fault(UserAddr address, arch::FaultAccess access);

  // Building a program and looking at one from outside (exec, /proc/PID/mem, ptrace).
  /// Maps the initial stack below layout().stack_top.
  Result<void> map_stack(AreaFlags protection, const MemoryLimits& limits);
  /// Maps the vDSO and its data, and records layout().vdso.
  Result<void> map_vdso();
  /// Copies from or to this space, whether it is loaded or not. FAULT when not all bytes are accessible to the program.
  Result<void> read(UserAddr from, std::span<std::byte> to);
  Result<void> write(UserAddr to, std::span<const std::byte> from);
  /// As read, up to to.size() bytes; returns how many came before the first inaccessible one.
  /// With Force::yes also what the program itself may not read, and private pages that it may not write. Source: proc_pid_mem(5).
  enum class Force : bool { no, yes };
  std::size_t read_some(UserAddr from, std::span<std::byte> to, Force force = Force::no);
  /// As these, between this space and a buffer that is user memory of the space in use.
  std::size_t read_into(UserAddr from, std::size_t bytes, IoBuffer& to, Force force = Force::no);
  std::size_t write_from(UserAddr to, std::size_t bytes, IoBuffer& from, Force force = Force::no);

  Layout& layout() { return layout_; }
  const Layout& layout() const { return layout_; }
  /// RLIMIT_STACK for stack growth; kernel/task sets it at exec and when the limit changes.
  void set_stack_limit(std::uint64_t bytes) { stack_limit_.store(bytes, std::memory_order_relaxed); }
  MemoryUse usage() const;
  /// Pages resident now, without a lock: for the OOM killer and RLIMIT_RSS-like views.
  std::uint64_t resident_pages() const;
  /// What the scheduler loads.
  sched::SpaceBinding& binding() { return binding_; }
  PhysAddr page_table_root() const { return tables_.root(); }

  /// Calls `visit(const Area&)` for each area in address order with the space's lock held for reading; `visit` must not sleep on
  /// user memory and returns false to stop. `from`: skip areas that end at or before it (so that a reader can resume).
  template <class Visit>
  void for_each_area(UserAddr from, Visit visit) const {
    visit_areas(from, [](void* context, const Area& area) { return (*static_cast<Visit*>(context))(area); }, &visit);
  }
  /// Inside that visit: calls `visit(const PageView&)` for each page of [start, end), a part of the area, that the tables show, in
  /// address order; this `visit` must neither sleep nor take a lock.
  template <class Visit>
  void for_each_page(std::uint64_t start, std::uint64_t end, Visit visit) const {
    visit_pages(start, end, [](void* context, const PageView& page) { (*static_cast<Visit*>(context))(page); }, &visit);
  }

 private:
  template <class T, class... Args>
  friend Result<Ref<T>> lib::make_ref(Args&&... args);
  friend class AreaLinks;
  friend class SourceMappings;
  class Change;
  struct Doomed;
  struct FaultSite;
  enum class Fault : std::uint8_t { resolved, not_mapped, not_permitted, no_page, no_memory };
  using Lock = sync::RwLock<sync::Rank::mmap>;

  explicit AddressSpace(const Layout& layout) : layout_(layout) {}
  void visit_areas(UserAddr from, bool (*visit)(void*, const Area&), void* context) const;
  void visit_pages(std::uint64_t start, std::uint64_t end, void (*visit)(void*, const PageView&), void* context) const;

  // Shutting faults out (close.cc); the lock for writing.
  void close_around(std::uint64_t start, std::uint64_t end);
  void close(std::uint64_t start, std::uint64_t end);
  void reopen();
  bool is_closed(const Area& area) const;
  bool is_closed(std::uint64_t address) const { return address < closed_to_.load() && address >= closed_from_.load(); }

  // Areas (areas.cc); all need the lock for writing.
  Result<void> add_area(const Area& description);
  const Area* shared_run(std::uint64_t start, std::uint64_t end) const;
  Result<void> split_at(std::uint64_t address);
  void merge_with_next(Area& area);
  void merge_around(std::uint64_t start, std::uint64_t end);
  void take_out(Area& area, Doomed& doomed);
  void account(AreaFlags flags, std::int64_t pages);
  Result<void> check_limits(AreaFlags flags, std::uint64_t pages, const MemoryLimits& limits) const;
  Result<std::uint64_t> choose_place(const MapRequest& request, std::uint64_t bytes) const;
  Result<std::uint64_t> place_for(const MapRequest& request, std::uint64_t bytes, Doomed& doomed);
  Result<UserAddr> map_locked(const MapRequest& request, std::uint64_t bytes, const MemoryLimits& limits,
                              Doomed& doomed);
  Result<void> protect_locked(std::uint64_t start, std::uint64_t end, AreaFlags protection);
  Result<void> protect_area(Area& area, AreaFlags protection, TlbGather& gather);
  Result<void> check_covered(std::uint64_t start, std::uint64_t end) const;

  // mremap (remap.cc).
  Result<Area*> area_to_remap(const RemapRequest& r, std::uint64_t old_bytes, std::uint64_t new_bytes,
                              const MemoryLimits& limits) const;
  Result<void> grow_in_place(Area& area, std::uint64_t bytes);
  Result<void> prepare_move(std::uint64_t from, std::uint64_t to, std::uint64_t bytes);
  void move_pages(std::uint64_t from, std::uint64_t to, std::uint64_t bytes);
  Result<UserAddr> move_area(Area& area, const RemapRequest& r, std::uint64_t old_bytes, std::uint64_t new_bytes,
                             Doomed& doomed);
  Result<UserAddr> remap_locked(const RemapRequest& r, std::uint64_t old_bytes, std::uint64_t new_bytes,
                                const MemoryLimits& limits, Doomed& doomed);

  /// Calls `visit(const Area&, from, to)` for the part of each area in [start, end), until one fails; NOMEM at the end if there are
  /// holes. `visit` changes no area.
  template <class Visit>
  Result<void> for_each_part(std::uint64_t start, std::uint64_t end, Visit visit) const;

  // Advice and locking (advise.cc, collapse.cc, lock.cc).
  Result<void> advise_flags(std::uint64_t start, std::uint64_t end, int advice);
  Result<void> punch(std::uint64_t start, std::uint64_t end);
  Result<void> discard(std::uint64_t start, std::uint64_t end, int advice);
  Result<void> collapse(std::uint64_t start, std::uint64_t end);
  Result<void> collapse_part(const Area& area, std::uint64_t start, std::uint64_t end);
  Result<void> collapse_block(const Area& area, Entry& slot, std::uint64_t base);
  Result<void> discard_pages(std::uint64_t start, std::uint64_t end, TlbGather& gather);
  Result<void> set_locked(std::uint64_t start, std::uint64_t end, AreaFlags lock);
  std::uint64_t locked_pages_in(std::uint64_t start, std::uint64_t end) const;
  Result<void> populate_locked(std::uint64_t start, std::uint64_t end);

  // Policies (policy.cc).
  Result<void> check_bindable(std::uint64_t start, std::uint64_t end, const MemoryPolicy& policy) const;
  Result<void> check_no_page(std::uint64_t start, std::uint64_t end) const;

  // Access from outside (access.cc).
  Result<Frame*> frame_at(std::uint64_t address, Access access);
  Frame* hold_page(std::uint64_t address, Access access) const;

  // For SourceMappings (page_source.cc).
  void forget_source_pages(std::uint64_t start, std::uint64_t end, SourceMappings::Copies copies);
  void forget_entries(Frame& leaf, std::uint64_t start, std::uint64_t end, SourceMappings::Copies copies,
                      TlbGather& gather);

  // Page tables (tables.cc).
  Result<void> own_edges(std::uint64_t start, std::uint64_t end);
  Result<void> own_range(std::uint64_t start, std::uint64_t end);
  void protect_pages(std::uint64_t start, std::uint64_t end, AreaFlags flags, TlbGather& gather);
  void drop_pages(std::uint64_t start, std::uint64_t end, TlbGather& gather);
  void remove_range(std::uint64_t start, std::uint64_t end, Doomed& doomed);
  Result<void> unmap_locked(std::uint64_t start, std::uint64_t end, Doomed& doomed);
  void tear_down();
  std::size_t leaf_tables() const;

  // Faults (fault.cc, fault_anonymous.cc, fault_source.cc); inside faults_, or the lock for reading.
  Fault repair(UserAddr address, Access access);
  Fault repair_locked(UserAddr address, Access access);
  Fault fault_in(Area& area, std::uint64_t page, Access access);
  Result<Frame*> leaf_for_fault(const Area& area, std::uint64_t page, Access access, Entry& slot);
  bool answer_by_huge_page(const Area& area, std::uint64_t page, Access access, Entry& slot, Pte seen);
  Fault act(const FaultSite& site, FaultAction action);
  Fault map_zero_page(const FaultSite& site);
  Fault put_fresh_page(const FaultSite& site);
  Fault copy_page(const FaultSite& site);
  Fault take_page(const FaultSite& site);
  Fault map_source_page(const FaultSite& site);
  Fault map_source_copy(const FaultSite& site);
  Fault write_source_page(const FaultSite& site);
  Fault get_source_page(const FaultSite& site, Write write, Frame*& frame);
  void map_neighbours(const FaultSite& site, std::span<Frame*> frames, std::uint64_t first);
  bool install(const FaultSite& site, Frame& frame, Pte pte);
  bool grow_down(std::uint64_t address);
  bool grow_break(std::uint64_t from, std::uint64_t to, const MemoryLimits& limits, Doomed& doomed);
  bool may_grow_down(std::uint64_t address) const;

  // Fork (fork.cc).
  Result<void> copy_areas(AddressSpace& child) const;
  Result<void> copy_tables(AddressSpace& child);
  Result<void> copy_slot(Entry& slot, std::uint64_t base, const Area& area, AddressSpace& child, TlbGather& gather);
  bool inherits_all(std::uint64_t base) const;
  void subtract_resident(const Area& area, ResidentPages& resident) const;

  mutable Lock lock_;
  // Faults that run without the lock, and where they may not.
  sync::Srcu<sync::Rank::mmap> faults_;
  std::atomic<std::uint64_t> closed_from_{~std::uint64_t{0}}, closed_to_{0};
  PageTables tables_;
  sched::SpaceBinding binding_;
  AreaMap areas_;
  ResidentPages resident_;
  std::atomic<std::uint64_t> peak_resident_{0};
  // Pages of areas by kind, changed under the lock for writing.
  std::uint64_t total_pages_ = 0, data_pages_ = 0, stack_pages_ = 0, code_pages_ = 0, locked_pages_ = 0,
                charged_pages_ = 0;
  std::atomic<std::uint32_t> default_flags_{0};  // AreaFlags of mlockall(MCL_FUTURE)
  Layout layout_;
  std::atomic<std::uint64_t> stack_limit_{kNoLimit};
};

}  // namespace k::mm

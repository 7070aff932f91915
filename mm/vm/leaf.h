/// Leaf tables: making one this space's own before it changes, sharing one at fork, and emptying one.
///
/// Invariants  a table with one sharer is changed only by its space; one with several only to write-protect it, or to remove
///             pages of a source from all sharers at once. A private page that two tables map is writable in neither.
/// Lock order  Rank::mmap held (either side, or as a fault); takes Rank::page_table.
/// Errors      NOMEM, before anything changed.
#pragma once

#include "kernel/sched/space_binding.h"
#include "mm/vm/page_tables.h"
#include "mm/vm/resident_pages.h"
#include "mm/vm/tlb_gather.h"

namespace k::mm {

/// The leaf table under `slot`, made if there is none, copied if it is shared, and in the place of a huge page.
Result<Frame*> own_leaf(Entry& slot, std::uint64_t address, sched::SpaceBinding& binding);

/// Empties entries [first, last) of an own table that maps from `base`. `resident` may be null, as below: nobody counts.
struct DropRange {
  std::uint64_t base;
  unsigned first, last;
};
void drop_entries(Frame& leaf, const DropRange& range, TlbGather& gather, ResidentPages* resident);
/// Gives up a space's use of the table under `slot`, and with the last use all that it maps.
void drop_leaf(Entry& slot, std::uint64_t base, TlbGather& gather, ResidentPages* resident);
/// Frees an empty table nobody points to any more.
void release_leaf(Frame& leaf);

/// Adds what entries [first, last) of `from` map to `to`, an own table, taking references and write-protecting private pages in both.
/// True when an entry of `from` lost its write right.
bool copy_entries(Frame& from, Frame& to, unsigned first, unsigned last);
/// Makes the child's slot share the parent's table.
void share_leaf(Entry& parent, Entry& child);

}  // namespace k::mm

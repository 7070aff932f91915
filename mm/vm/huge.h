/// Huge pages: 2 MiB of private anonymous memory that one level-2 entry (slot) maps.
///
/// A huge block is 512 adjacent frames. The first frame's map_count counts the slots that show the block as a whole (after fork more
/// than one: the sharers), and together they hold one reference of each frame. A slot that needs entries of its own is split: it gets a
/// leaf table, and each entry a reference of its own unless this was the last sharer, which passes on the block's.
/// Invariants  a slot of a block that is shared, or was while somebody split it, is writable only after take_huge proved that nobody
///             else sees any of its frames. A slot leaves the huge state under its directory's table lock.
/// Lock order  Rank::mmap held (either side, or as a fault); takes Rank::page_table.
/// Errors      NOMEM, before anything changed. Want of a block is no error: small pages do.
/// Source      Linux's admin-guide/mm/transhuge.rst; Intel SDM volume 3, 4.5 (page-directory entries that map 2 MiB).
#pragma once

#include "mm/vm/area.h"
#include "mm/vm/leaf.h"

namespace k::mm {

inline constexpr unsigned kHugeOrder = 9;
inline constexpr unsigned kHugeFrames = 1u << kHugeOrder;

/// /sys/kernel/mm/transparent_hugepage/enabled: which areas get huge pages. `advised`: those that MADV_HUGEPAGE named.
enum class HugeMode : std::uint8_t { never, advised, always };
/// Boot: always, as Debian's Linux; never below 512 MiB of memory, as any Linux.
void init_huge_mode();
HugeMode huge_mode();
void set_huge_mode(HugeMode mode);
/// Whether some 2 MiB of the area may become a huge page as things are.
bool may_get_huge_page(const Area& area);
/// Whether MADV_COLLAPSE may make huge pages of some of the area, whatever the mode.
bool may_collapse(const Area& area);
/// AnonHugePages of /proc/meminfo, in frames.
std::size_t huge_frames();

/// A zeroed block with one sharer, or null when memory is short or in pieces.
Frame* allocate_huge();
/// Gives up one share of the block, whose translations are flushed; the last one frees it.
void drop_share(Frame& block);
/// Maps the block in an empty slot; false when it is empty no more.
bool install_huge(Entry& slot, Frame& block, arch::PageProtection protection);
/// fork: the child's empty slot shows the parent's block, both write-protected.
void share_huge(Entry& parent, Entry& child);
/// A write to a write-protected block: true when the slot is writable now, false when pages must be copied (or the slot changed).
bool take_huge(Entry& slot, Pte seen);
/// Puts a leaf table with the same pages in the slot. Null when the slot changed meanwhile.
Result<Frame*> split_huge(Entry& slot, Pte seen, std::uint64_t base, sched::SpaceBinding& binding);
/// Gives up the slot's share of its block, and with the last share the block. False when the slot is not huge, or not `seen` any more.
bool drop_huge(Entry& slot, Pte seen, std::uint64_t base, TlbGather& gather, ResidentPages* resident);
/// The frame that shows `address`, with a reference; null when the slot is not `seen` any more.
Frame* hold_in_huge(Entry& slot, Pte seen, std::uint64_t address);

}  // namespace k::mm

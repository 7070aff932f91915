/// Page-table frames that are known to be clean, per CPU.
///
/// Tearing an address space down empties its tables entry by entry, so they come back zero and the next fork need not clear
/// them; a top-level table comes back with the kernel's half still in place.
/// Invariants  a table given back is all zero (a top-level one: its user half). Its frame counts as page_table while cached; each CPU
///             keeps at most a fixed number.
/// Context     task context, preemption on or off.
/// Errors      NOMEM.
#pragma once

#include "kernel/lib/result.h"
#include "mm/phys/frame.h"

namespace k::mm {

/// An empty table of level 1 to 3, one reference, no entries counted.
Result<Frame*> take_table();
void give_table(Frame& frame);
/// A top-level table with the kernel's half.
Result<Frame*> take_top_table();
void give_top_table(Frame& frame);

}  // namespace k::mm

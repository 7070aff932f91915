/// Five pages below 1 MiB: the trampoline's code and arguments, and the tables that map these two at their physical
/// address while a secondary CPU switches paging on.
///
/// Invariants  the code page is never writable and executable at once: it is filled through the direct map, mapped here
///             read-execute; the identity mapping is in the kernel's tables only between enable and disable.
#pragma once

#include "kernel/lib/types.h"

namespace k::arch {

/// Claims the pages from the memory map, before BootInfo is published for the last time.
void reserve_low_memory();
/// The first page; 0 when there was none.
PhysAddr low_memory();
void map_low_memory();
void enable_low_memory();
void disable_low_memory();

}  // namespace k::arch

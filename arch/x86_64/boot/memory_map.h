/// The memory map in the form that BootInfo promises.
///
/// Invariants  sorted, disjoint, page-aligned; where ranges overlap the later MemoryKind in `precedence` order wins, so
/// a page is
///             usable only if nothing else claims a byte of it.
#pragma once

#include <cstddef>
#include <span>

#include "arch/include/arch/boot_info.h"

namespace k::arch::boot {

/// Writes the map made of `in` to `out`; returns how many entries.
std::size_t normalise(std::span<const MemoryRange> in, std::span<MemoryRange> out);

}  // namespace k::arch::boot

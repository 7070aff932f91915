/// Where a faulting instruction of a user copy continues when the page cannot be had.
///
/// Invariants  entries come from EX_TABLE in assembly: two 32-bit offsets, each from its own place.
#pragma once

#include <cstdint>

namespace k::arch {

/// The fixup address for a fault at `rip`; 0 when there is none.
std::uint64_t find_fixup(std::uint64_t rip);

}  // namespace k::arch

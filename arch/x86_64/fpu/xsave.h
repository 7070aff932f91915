/// The instructions that save and load extended state, and its size.
///
/// Invariants  always the standard (not compacted) format, which is also the signal frame's. Without XSAVE the 512
/// bytes of FXSAVE. Source      Intel SDM volume 1, chapter 13.
#pragma once

#include <cstddef>
#include <cstdint>

namespace k::arch {

/// The components that XCR0 gets: x87, SSE, AVX, AVX-512 as far as the CPU has them.
std::uint64_t xsave_components();
/// Bytes of a save area with those components; valid once XCR0 is set.
std::size_t xsave_bytes();

/// `area` is 64-byte aligned. `save` may skip components that are initial or unchanged since they were loaded from
/// `area`.
void xsave_to(void* area);
void xrstor_from(const void* area);

}  // namespace k::arch

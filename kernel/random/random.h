/// Random numbers that cannot be predicted: for users (getrandom, /dev/urandom), address layout, hash keys.
///
/// Invariants  each CPU draws from a ChaCha20 stream of its own whose key is replaced after every draw, so that a later look at
///             memory tells nothing of earlier output. Keys come from the CPU's entropy source and the cycle counter, and are
///             stirred again every few thousand draws.
/// Context     any but NMI.
/// Source      getrandom(2), random(7); RFC 8439 (ChaCha20).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace k::random {

void fill(std::span<std::byte> out);
std::uint64_t word();
/// Uniform in [0, limit); limit is not 0.
std::uint64_t below(std::uint64_t limit);

}  // namespace k::random

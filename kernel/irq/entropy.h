/// Random numbers for the kernel and for getrandom(2): a ChaCha20 generator fed by the CPU and by interrupt times.
///
/// Invariants  each request gets a key of its own, and the generator's key is replaced with it ("fast key erasure"), so that a
///             later leak of the state tells nothing of earlier output. Seeded at the first call from hardware_entropy().
/// Lock order  Rank::random, innermost but for the log.
/// Context     any but NMI.
/// Source      RFC 8439; random(7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace k::irq {

void fill_random(std::span<std::byte> out);
std::uint64_t random_u64();
/// What is written to /dev/random: stirred in, never trusted alone.
void add_entropy(std::span<const std::byte> bytes);
/// The time of an interrupt, mixed into the next request.
void note_interrupt(unsigned vector);

}  // namespace k::irq

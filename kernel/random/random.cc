#include "kernel/random/random.h"

#include <algorithm>
#include <cstring>

#include "arch/include/arch/cpu.h"
#include "arch/include/arch/percpu.h"
#include "kernel/random/chacha.h"
#include "kernel/sync/spin/preempt.h"

namespace k::random {
namespace {

constexpr std::uint32_t kDrawsPerSeed = 4096;

/// A block gives the next key (its first half) and up to 32 bytes of output (its second).
struct Stream {
  ChachaKey key{};
  std::uint32_t draws_left = 0;
  std::array<std::byte, 32> ready{};
  std::uint32_t ready_bytes = 0;
};
HT_PER_CPU(Stream, g_stream);

void stir(Stream& stream) {
  for (std::uint32_t& word : stream.key) {
    const std::uint64_t fresh = arch::hardware_entropy() ^ (arch::cycles() * 0x9e37'79b9'7f4a'7c15);
    word ^= static_cast<std::uint32_t>(fresh ^ (fresh >> 32));
  }
  stream.draws_left = kDrawsPerSeed;
}

void refill(Stream& stream) {
  if (stream.draws_left == 0) stir(stream);
  --stream.draws_left;
  const ChachaBlock block = chacha20_block(stream.key, 0, {});
  std::copy_n(block.begin(), stream.key.size(), stream.key.begin());
  std::memcpy(stream.ready.data(), block.data() + stream.key.size(), stream.ready.size());
  stream.ready_bytes = stream.ready.size();
}

/// With interrupts off: interrupt handlers draw too.
void draw(std::span<std::byte> out) {
  const arch::IrqOff off;
  Stream& stream = this_cpu(g_stream);
  while (!out.empty()) {
    if (stream.ready_bytes == 0) refill(stream);
    const std::size_t n = std::min<std::size_t>(out.size(), stream.ready_bytes);
    stream.ready_bytes -= static_cast<std::uint32_t>(n);
    std::byte* from = stream.ready.data() + stream.ready_bytes;
    std::memcpy(out.data(), from, n);
    std::memset(from, 0, n);
    out = out.subspan(n);
  }
}

}  // namespace

void fill(std::span<std::byte> out) {
  constexpr std::size_t kInterruptsOffFor = 256;
  while (!out.empty()) {
    const std::size_t n = std::min(out.size(), kInterruptsOffFor);
    draw(out.first(n));
    out = out.subspan(n);
  }
}

std::uint64_t word() {
  std::uint64_t value;
  draw(std::as_writable_bytes(std::span{&value, 1}));
  return value;
}

std::uint64_t below(std::uint64_t limit) { return static_cast<std::uint64_t>((static_cast<unsigned __int128>(word()) * limit) >> 64); }

}  // namespace k::random

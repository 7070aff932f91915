#include "kernel/irq/entropy.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>

#include "arch/include/arch/cpu.h"
#include "kernel/lib/chacha.h"
#include "kernel/sync/spin/guarded.h"

namespace k::irq {
namespace {

struct Generator {
  lib::ChachaKey key{};
  std::uint64_t requests = 0;
  bool seeded = false;

  void seed() {
    for (std::uint32_t& word : key) word ^= static_cast<std::uint32_t>(arch::hardware_entropy());
    seeded = true;
  }
  /// A key for one request; replaces this generator's own.
  lib::ChachaKey next(std::uint64_t stir) {
    if (!seeded) seed();
    const lib::ChachaBlock block =
        lib::chacha20_block(key, static_cast<std::uint32_t>(requests++),
                            {static_cast<std::uint32_t>(stir), static_cast<std::uint32_t>(stir >> 32),
                             static_cast<std::uint32_t>(arch::cycles())});
    std::copy_n(block.begin(), 8, key.begin());
    lib::ChachaKey request;
    std::copy_n(block.begin() + 8, 8, request.begin());
    return request;
  }
};

constinit sync::SpinGuarded<Generator, sync::Rank::random> generator;
constinit std::atomic<std::uint64_t> interrupt_times{0};

}  // namespace

void fill_random(std::span<std::byte> out) {
  const lib::ChachaKey key = sync::Locked { generator } -> next(interrupt_times.load(std::memory_order_relaxed));
  for (std::uint32_t counter = 0; !out.empty(); ++counter) {
    const lib::ChachaBlock block = lib::chacha20_block(key, counter, {});
    const std::size_t n = std::min(out.size(), sizeof block);
    std::memcpy(out.data(), block.data(), n);
    out = out.subspan(n);
  }
}

std::uint64_t random_u64() {
  std::uint64_t value;
  fill_random(std::as_writable_bytes(std::span{&value, 1}));
  return value;
}

void add_entropy(std::span<const std::byte> bytes) {
  sync::Locked g{generator};
  while (!bytes.empty()) {
    lib::ChachaKey input{};
    const std::size_t n = std::min(bytes.size(), sizeof input);
    std::memcpy(input.data(), bytes.data(), n);
    for (unsigned i = 0; i < input.size(); ++i) g->key[i] ^= input[i];
    (void)g->next(0);
    bytes = bytes.subspan(n);
  }
}

void note_interrupt(unsigned vector) {
  const std::uint64_t before = interrupt_times.load(std::memory_order_relaxed);
  interrupt_times.store(std::rotl(before, 7) ^ (arch::cycles() + vector), std::memory_order_relaxed);
}

}  // namespace k::irq

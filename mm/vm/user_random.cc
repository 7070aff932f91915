#include "mm/vm/user_random.h"

#include "arch/include/arch/cpu.h"
#include "kernel/lib/chacha.h"
#include "kernel/sync/spin/guarded.h"

namespace k::mm {
namespace {

struct Generator {
  lib::ChachaKey key{};
  std::uint32_t counter = 0;
  bool seeded = false;
};
constinit sync::SpinGuarded<Generator, sync::Rank::layout_random> g_generator;

void seed(Generator& g) {
  for (std::uint32_t& word : g.key) word = static_cast<std::uint32_t>(arch::hardware_entropy());
  g.seeded = true;
}

}  // namespace

std::uint64_t user_random() {
  sync::Locked g{g_generator};
  if (!g->seeded) seed(*g);
  const lib::ChachaBlock block = lib::chacha20_block(g->key, ++g->counter, {});
  // Half of the block becomes the next key, so that a later look at memory tells nothing about earlier layouts.
  for (unsigned i = 0; i < g->key.size(); ++i) g->key[i] = block[8 + i];
  return (std::uint64_t{block[0]} << 32) | block[1];
}

}  // namespace k::mm

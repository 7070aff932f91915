#include "kernel/random/chacha.h"

#include <bit>

namespace k::random {
namespace {

constexpr std::array<std::uint32_t, 4> kConstants{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
constexpr unsigned kDoubleRounds = 10;

void quarter_round(ChachaBlock& s, unsigned a, unsigned b, unsigned c, unsigned d) {
  s[a] += s[b];
  s[d] = std::rotl(s[d] ^ s[a], 16);
  s[c] += s[d];
  s[b] = std::rotl(s[b] ^ s[c], 12);
  s[a] += s[b];
  s[d] = std::rotl(s[d] ^ s[a], 8);
  s[c] += s[d];
  s[b] = std::rotl(s[b] ^ s[c], 7);
}

}  // namespace

ChachaBlock chacha20_block(const ChachaKey& key, std::uint32_t counter, const ChachaNonce& nonce) {
  ChachaBlock initial;
  for (unsigned i = 0; i < 4; ++i) initial[i] = kConstants[i];
  for (unsigned i = 0; i < 8; ++i) initial[4 + i] = key[i];
  initial[12] = counter;
  for (unsigned i = 0; i < 3; ++i) initial[13 + i] = nonce[i];
  ChachaBlock s = initial;
  for (unsigned round = 0; round < kDoubleRounds; ++round) {
    for (unsigned i = 0; i < 4; ++i) quarter_round(s, i, 4 + i, 8 + i, 12 + i);
    for (unsigned i = 0; i < 4; ++i) quarter_round(s, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
  }
  for (unsigned i = 0; i < 16; ++i) s[i] += initial[i];
  return s;
}

}  // namespace k::random

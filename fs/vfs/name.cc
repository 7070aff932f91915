// A component is taken eight bytes at a time; the slash is found and the hash computed in the same pass.
#include "fs/vfs/name.h"

#include <bit>

namespace k::fs {
namespace {

constinit std::uint64_t hash_key = 0x243f'6a88'85a3'08d3;
constexpr std::uint64_t kMultiplier = 0x9e37'79b9'7f4a'7c15;

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) { return std::rotl((hash ^ word) * kMultiplier, 29); }

template <class Word>
std::uint64_t load(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

/// The `n` bytes at `from`, 0 < n < 8, as the low bytes of a word, by loads that may overlap.
std::uint64_t load_tail(const char* from, std::size_t n) {
  if (n >= 4) return load<std::uint32_t>(from) | load<std::uint32_t>(from + n - 4) << (8 * (n - 4));
  const std::size_t middle = n / 2;
  return load<std::uint8_t>(from) | load<std::uint8_t>(from + middle) << (8 * middle) |
         load<std::uint8_t>(from + n - 1) << (8 * (n - 1));
}

/// Index of the first '/' among the eight bytes; 8 when there is none. The lowest marked byte is exact.
unsigned slash_in(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
  const std::uint64_t x = word ^ (kOnes * '/');
  return static_cast<unsigned>(std::countr_zero((x - kOnes) & ~x & (kOnes * 0x80))) / 8;
}

std::uint64_t low_bytes(std::uint64_t word, unsigned n) { return word & ((std::uint64_t{1} << (8 * n)) - 1); }

std::uint32_t finish(std::uint64_t hash) { return static_cast<std::uint32_t>((hash * kMultiplier) >> 32); }

}  // namespace

void set_name_hash_key(std::uint64_t key) { hash_key = key; }

Name PathCursor::next() {
  const char* const start = at_;
  std::uint64_t hash = hash_key;
  for (;;) {
    const auto left = static_cast<std::size_t>(end_ - at_);
    if (left == 0) break;
    const std::uint64_t word = left >= 8 ? load<std::uint64_t>(at_) : load_tail(at_, left);
    unsigned n = slash_in(word);
    if (n == 8 && left >= 8) [[unlikely]] {
      hash = mix(hash, word);
      at_ += 8;
      continue;
    }
    if (n > left) n = static_cast<unsigned>(left);
    if (n > 0) hash = mix(hash, low_bytes(word, n));
    at_ += n;
    break;
  }
  return Name{{start, static_cast<std::size_t>(at_ - start)}, finish(hash)};
}

Name Name::of(std::string_view text) { return PathCursor{text}.next(); }

}  // namespace k::fs

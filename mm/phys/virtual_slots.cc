#include "mm/phys/virtual_slots.h"

#include <algorithm>

#include "kernel/lib/assert.h"

namespace k::mm {

std::optional<std::uint64_t> VirtualSlots::take(std::size_t pages) {
  const unsigned c = class_of(pages);
  if (c >= kClasses) return std::nullopt;
  std::uint64_t* map = words(c);
  for (std::size_t i = c == 0 ? hint_ : 0; i < slots(c) / 64; ++i) {
    if (map[i] == ~std::uint64_t{0}) continue;
    const auto bit = static_cast<unsigned>(std::countr_one(map[i]));
    map[i] |= std::uint64_t{1} << bit;
    if (c == 0) hint_ = i;
    return class_offset(c) + (i * 64 + bit) * slot_bytes(c) + lib::kPageSize;
  }
  return std::nullopt;
}

void VirtualSlots::give(std::uint64_t offset, std::size_t pages) {
  const unsigned c = class_of(pages);
  const std::size_t slot = (offset - lib::kPageSize - class_offset(c)) / slot_bytes(c);
  std::uint64_t& word = words(c)[slot / 64];
  HT_ASSERT((word >> slot % 64 & 1) != 0);
  word &= ~(std::uint64_t{1} << slot % 64);
  if (c == 0) hint_ = std::min(hint_, slot / 64);
}

}  // namespace k::mm

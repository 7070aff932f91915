/// A set of CPUs as text: the list "0-3,8" and the mask "0000000f,00000001". Pure.
/// Context     any.
/// Source      cpuset(7), "Mask format", "List format".
#pragma once

#include "kernel/lib/format.h"

namespace k::fs::sysfs {

/// The CPUs from `first` to before `end`, of `all` that there are; a newline behind.
inline void put_list(lib::TextBuffer& out, unsigned first, unsigned end) {
  if (first < end) out.print("{}", first);
  if (first + 1 < end) out.print("-{}", end - 1);
  out.put('\n');
}

inline void put_mask(lib::TextBuffer& out, unsigned first, unsigned end, unsigned all) {
  constexpr unsigned kBits = 32;
  for (unsigned word = (all + kBits - 1) / kBits; word-- > 0;) {
    unsigned bits = 0;
    for (unsigned i = 0; i < kBits; ++i) {
      const unsigned cpu = word * kBits + i;
      if (first <= cpu && cpu < end) bits |= 1U << i;
    }
    // The highest word has as many digits as there are CPUs for.
    const unsigned width = word == all / kBits ? (all % kBits + 3) / 4 : kBits / 4;
    for (unsigned digit = width; digit-- > 0;) out.put("0123456789abcdef"[bits >> (4 * digit) & 0xf]);
    if (word > 0) out.put(',');
  }
  out.put('\n');
}

}  // namespace k::fs::sysfs

/// A clock of known frequency to measure others against: HPET, else the ACPI PM timer, else the PIT.
///
/// Invariants  `read` counts up; differences are taken modulo 2^bits, so a measurement must be shorter than one turn
/// (the PIT's is 54 ms). Context     boot. Source      IA-PC HPET 1.0a, 2.3; ACPI 6.4, 4.8.3.3; 8254 datasheet.
#pragma once

#include <cstdint>

namespace k::arch::time {

struct Reference {
  std::uint64_t (*read)();
  std::uint64_t hertz;
  std::uint64_t mask;
};

Reference choose_reference();

}  // namespace k::arch::time

/// Products that need 128 bits between a multiplication and a division.
#pragma once

#include <cstdint>

namespace k::arch::time {

/// value * by / of; the result must fit 64 bits.
inline std::uint64_t scale(std::uint64_t value, std::uint64_t by, std::uint64_t of) {
  std::uint64_t quotient, rest;
  asm("mulq %3; divq %4" : "=&a"(quotient), "=&d"(rest) : "0"(value), "r"(by), "r"(of) : "cc");
  return quotient;
}

}  // namespace k::arch::time

// 128-bit division, which the compiler calls by name. Source: libgcc manual, "Integer library routines".
#include <bit>
#include <cstdint>

namespace {

using Wide = unsigned __int128;

/// high:low / divisor, high below divisor. Leaves the remainder in `rest`.
std::uint64_t divide(std::uint64_t high, std::uint64_t low, std::uint64_t divisor, std::uint64_t& rest) {
  std::uint64_t quotient;
  asm("divq %4" : "=a"(quotient), "=d"(rest) : "0"(low), "1"(high), "r"(divisor) : "cc");
  return quotient;
}

/// Quotients of divisors above 64 bits fit 64 bits: one bit a turn.
Wide divide_long(Wide value, Wide divisor, Wide& rest) {
  Wide quotient = 0;
  const int shift = std::countl_zero(static_cast<std::uint64_t>(divisor >> 64));
  divisor <<= shift;
  for (int bit = shift; bit >= 0; --bit, divisor >>= 1) {
    if (value < divisor) continue;
    value -= divisor;
    quotient |= Wide{1} << bit;
  }
  rest = value;
  return quotient;
}

Wide divide(Wide value, Wide divisor, Wide& rest) {
  if (divisor >> 64 != 0) return divide_long(value, divisor, rest);
  const auto d = static_cast<std::uint64_t>(divisor), high = static_cast<std::uint64_t>(value >> 64);
  std::uint64_t left;
  const std::uint64_t low = divide(high % d, static_cast<std::uint64_t>(value), d, left);
  rest = left;
  return Wide{high / d} << 64 | low;
}

}  // namespace

extern "C" {

Wide __udivti3(Wide value, Wide divisor) {
  Wide rest;
  return divide(value, divisor, rest);
}
Wide __umodti3(Wide value, Wide divisor) {
  Wide rest;
  divide(value, divisor, rest);
  return rest;
}
__int128 __divti3(__int128 value, __int128 divisor) {
  const auto magnitude = [](__int128 v) { return v < 0 ? -static_cast<Wide>(v) : static_cast<Wide>(v); };
  const auto quotient = static_cast<__int128>(__udivti3(magnitude(value), magnitude(divisor)));
  return (value < 0) != (divisor < 0) ? -quotient : quotient;
}
}

/// Flags: a typed set of bits from a system call or an internal enum class.
#pragma once

#include <type_traits>
#include <utility>

namespace k::lib {

/// The raw `int flags` of a system call; asks by name, never by arithmetic.
class Flags {
 public:
  constexpr Flags() = default;
  constexpr explicit Flags(unsigned bits) : bits_(bits) {}
  constexpr bool has(unsigned bit) const { return (bits_ & bit) == bit; }
  constexpr bool any(unsigned mask) const { return (bits_ & mask) != 0; }
  /// True when no bit outside `allowed` is set.
  constexpr bool only(unsigned allowed) const { return (bits_ & ~allowed) == 0; }
  constexpr Flags without(unsigned mask) const { return Flags{bits_ & ~mask}; }
  constexpr Flags with(unsigned mask) const { return Flags{bits_ | mask}; }
  constexpr unsigned bits() const { return bits_; }
  constexpr bool operator==(const Flags&) const = default;

 private:
  unsigned bits_ = 0;
};

/// A set of enumerators of `E`, whose values are single bits.
template <class E>
class EnumSet {
 public:
  using Bits = std::underlying_type_t<E>;
  constexpr EnumSet() = default;
  constexpr EnumSet(E e) : bits_(std::to_underlying(e)) {}
  constexpr bool has(E e) const { return (bits_ & std::to_underlying(e)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr EnumSet operator|(EnumSet o) const { return from_bits(static_cast<Bits>(bits_ | o.bits_)); }
  constexpr EnumSet operator&(EnumSet o) const { return from_bits(static_cast<Bits>(bits_ & o.bits_)); }
  constexpr EnumSet without(EnumSet o) const { return from_bits(static_cast<Bits>(bits_ & ~o.bits_)); }
  constexpr bool operator==(const EnumSet&) const = default;
  constexpr Bits bits() const { return bits_; }
  static constexpr EnumSet from_bits(Bits b) {
    EnumSet s;
    s.bits_ = b;
    return s;
  }

 private:
  Bits bits_ = 0;
};

}  // namespace k::lib

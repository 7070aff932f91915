/// Strong types for addresses and page arithmetic.
///
/// Invariants  a PhysAddr, a user address (UserAddr) and a kernel pointer never convert into each other implicitly.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace k::lib {

inline constexpr std::size_t kPageShift = 12;
inline constexpr std::size_t kPageSize = std::size_t{1} << kPageShift;
inline constexpr std::size_t kPageMask = kPageSize - 1;

constexpr std::uint64_t align_down(std::uint64_t value, std::uint64_t to) { return value & ~(to - 1); }
constexpr std::uint64_t align_up(std::uint64_t value, std::uint64_t to) { return (value + to - 1) & ~(to - 1); }
constexpr bool is_aligned(std::uint64_t value, std::uint64_t to) { return (value & (to - 1)) == 0; }
/// Pages that hold `bytes`.
constexpr std::size_t pages_for(std::size_t bytes) { return (bytes + kPageMask) >> kPageShift; }

/// An address with a tag: `PhysAddr` and `UserAddr` differ in type and share arithmetic.
template <class Tag>
struct Address {
  std::uint64_t value = 0;

  constexpr Address() = default;
  constexpr explicit Address(std::uint64_t v) : value(v) {}
  constexpr auto operator<=>(const Address&) const = default;
  constexpr Address operator+(std::uint64_t n) const { return Address{value + n}; }
  constexpr Address operator-(std::uint64_t n) const { return Address{value - n}; }
  constexpr std::uint64_t operator-(Address other) const { return value - other.value; }
  constexpr Address& operator+=(std::uint64_t n) {
    value += n;
    return *this;
  }
  constexpr Address page_down() const { return Address{align_down(value, kPageSize)}; }
  constexpr Address page_up() const { return Address{align_up(value, kPageSize)}; }
  constexpr std::size_t page_offset() const { return value & kPageMask; }
};

using PhysAddr = Address<struct PhysTag>;
using UserAddr = Address<struct UserTag>;

}  // namespace k::lib

namespace k {
using lib::kPageSize;
using lib::PhysAddr;
using lib::UserAddr;
}  // namespace k

// The sleep types of S5 from the DSDT.
//
// The kernel does not run AML. It needs two small numbers, which firmware writes as `Name (\_S5, Package () {a, b,
// ...})`: a NameOp, the four-letter name (with or without a root prefix), and a package of integer constants. That one
// form is looked for; anything else leaves soft-off unknown, and power_off falls back. Source:
// ACPI 6.4, 7.4.2.5, 20.2.2-20.2.5 (AML grammar).
#include <cstring>

#include "arch/x86_64/acpi/machine.h"

namespace k::arch::acpi {
namespace {

constexpr std::uint8_t kNameOp = 0x08, kPackageOp = 0x12, kZeroOp = 0x00, kOneOp = 0x01, kBytePrefix = 0x0a,
                       kWordPrefix = 0x0b, kDwordPrefix = 0x0c;

/// Reads on from a place, never past the end.
class Cursor {
 public:
  Cursor(const std::uint8_t* at, std::size_t left) : at_(at), left_(left) {}
  bool take(std::uint8_t& byte) {
    if (left_ == 0) return false;
    byte = *at_++;
    --left_;
    return true;
  }
  bool skip(std::size_t n) {
    if (n > left_) return false;
    at_ += n;
    left_ -= n;
    return true;
  }

 private:
  const std::uint8_t* at_;
  std::size_t left_;
};

/// PkgLength: the top two bits of the first byte say how many bytes follow.
bool skip_package_length(Cursor& c) {
  std::uint8_t lead;
  return c.take(lead) && c.skip(lead >> 6);
}

/// An integer constant; sleep types fit its low byte.
bool take_integer(Cursor& c, std::uint8_t& value) {
  std::uint8_t op;
  if (!c.take(op)) return false;
  switch (op) {
    case kZeroOp:
    case kOneOp:
      value = op;
      return true;
    case kBytePrefix:
      return c.take(value);
    case kWordPrefix:
      return c.take(value) && c.skip(1);
    case kDwordPrefix:
      return c.take(value) && c.skip(3);
    default:
      return false;
  }
}

SoftOff read_package(Cursor c) {
  SoftOff off{};
  std::uint8_t op, elements;
  if (!c.take(op) || op != kPackageOp || !skip_package_length(c) || !c.take(elements) || elements < 2) return {};
  off.known = take_integer(c, off.type_a) && take_integer(c, off.type_b);
  return off;
}

}  // namespace

SoftOff find_soft_off(const std::uint8_t* aml, std::size_t bytes) {
  for (std::size_t i = 1; i + 4 < bytes; ++i) {
    if (std::memcmp(aml + i, "_S5_", 4) != 0) continue;
    const bool named = aml[i - 1] == kNameOp || (aml[i - 1] == '\\' && i >= 2 && aml[i - 2] == kNameOp);
    if (!named) continue;
    const SoftOff off = read_package(Cursor{aml + i + 4, bytes - i - 4});
    if (off.known) return off;
  }
  return {};
}

}  // namespace k::arch::acpi

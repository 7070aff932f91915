/// Options of level SOL_SOCKET, the same for every family.
///
/// Errors      set_option, get_option: NOPROTOOPT, INVAL, DOM, PERM, OPNOTSUPP.
/// Source      socket(7), getsockopt(2).
#pragma once

#include <array>
#include <span>

#include "net/socket/socket.h"

namespace k::net {

/// An option's value as getsockopt(2) copies it, cut to the caller's room.
struct OptionValue {
  std::array<std::byte, 16> bytes{};
  std::size_t length = 0;

  template <class T>
  static OptionValue of(const T& value) {
    OptionValue v;
    static_assert(sizeof value <= sizeof v.bytes);
    std::memcpy(v.bytes.data(), &value, sizeof value);
    v.length = sizeof value;
    return v;
  }
};

Result<void> set_option(Socket& socket, int name, std::span<const std::byte> value, const fs::Credentials& who);
Result<OptionValue> get_option(Socket& socket, int name);

}  // namespace k::net

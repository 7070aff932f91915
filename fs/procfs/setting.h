/// Numbers below /proc/sys that can be written: how they are read, printed and kept in their range.
/// Context     task context.
/// Errors      INVAL: no number, or out of range.
/// Source      proc(5).
#pragma once

#include "fs/procfs/entry.h"

namespace k::fs::proc {

/// A number, decimal, 0x... or 0..., and nothing around it but white space.
template <class T>
Result<T> number_in(std::string_view text, T least, T most);
extern template Result<std::uint64_t> number_in(std::string_view, std::uint64_t, std::uint64_t);
extern template Result<int> number_in(std::string_view, int, int);

template <std::int64_t Value>
Result<void> show_number(const Subject&, TextBuffer& out) {
  out.print("{}\n", Value);
  return {};
}

template <auto At>
Result<void> show_setting(const Subject&, TextBuffer& out) {
  out.print("{}\n", At().load());
  return {};
}
template <auto At, std::uint64_t Least, std::uint64_t Most>
Result<void> store_setting(const Subject&, std::string_view text) {
  At() = static_cast<decltype(At().load())>(TRY(number_in<std::uint64_t>(text, Least, Most)));
  return {};
}
/// The atomic that `At()` leads to.
template <auto At, std::uint64_t Least, std::uint64_t Most>
constexpr Entry setting(std::string_view name) {
  return writable_file(name, show_setting<At>, store_setting<At, Least, Most>);
}

}  // namespace k::fs::proc

/// Text formatting: "{}" fields, checked at compile time, into a fixed buffer or a sink. No allocation, no locale.
///
/// Invariants  a field is "{}" or "{:[<|>][#][0][width][x|c]}". The number of fields equals the number of arguments, or the
///             call does not compile. Output beyond the buffer is dropped, never overrun.
/// Context     any.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "kernel/lib/errno.h"
#include "kernel/lib/types.h"

namespace k::lib {

/// One argument, its type erased.
class FormatArg {
 public:
  enum class Kind : std::uint8_t { signed_number, unsigned_number, text, character, boolean, pointer };

  constexpr FormatArg() : FormatArg(0u) {}
  constexpr FormatArg(bool v) : kind_(Kind::boolean), number_(v) {}
  constexpr FormatArg(char v) : kind_(Kind::character), number_(static_cast<unsigned char>(v)) {}
  template <std::signed_integral T>
  constexpr FormatArg(T v)
      : kind_(Kind::signed_number), number_(static_cast<std::uint64_t>(static_cast<std::int64_t>(v))) {}
  template <std::unsigned_integral T>
  constexpr FormatArg(T v) : kind_(Kind::unsigned_number), number_(v) {}
  template <class T>
    requires std::is_enum_v<T>
  constexpr FormatArg(T v) : FormatArg(static_cast<std::underlying_type_t<T>>(v)) {}
  constexpr FormatArg(std::string_view v) : kind_(Kind::text), text_(v) {}
  constexpr FormatArg(const char* v) : FormatArg(v == nullptr ? std::string_view{"(null)"} : std::string_view{v}) {}
  FormatArg(const void* v) : kind_(Kind::pointer), number_(reinterpret_cast<std::uint64_t>(v)) {}
  template <class Tag>
  constexpr FormatArg(Address<Tag> v) : kind_(Kind::pointer), number_(v.value) {}

  constexpr Kind kind() const { return kind_; }
  constexpr std::uint64_t number() const { return number_; }
  constexpr std::string_view text() const { return text_; }

 private:
  Kind kind_;
  std::uint64_t number_ = 0;
  std::string_view text_;
};

template <std::size_t N>
class FormatArgs {
 public:
  template <class... Args>
  constexpr explicit FormatArgs(const Args&... args) : args_{FormatArg{args}...} {}
  constexpr std::span<const FormatArg> span() const { return args_; }

 private:
  std::array<FormatArg, N> args_;
};

namespace detail {
/// Not constexpr on purpose: reaching it while a format string is checked ends the compilation with its name.
void format_string_does_not_match_its_arguments();

consteval std::size_t count_fields(std::string_view format) {
  std::size_t fields = 0;
  for (std::size_t i = 0; i < format.size(); ++i) {
    const bool doubled = i + 1 < format.size() && format[i + 1] == format[i];
    if ((format[i] == '{' || format[i] == '}') && doubled) {
      ++i;
    } else if (format[i] == '{') {
      while (i < format.size() && format[i] != '}') ++i;
      if (i == format.size()) format_string_does_not_match_its_arguments();
      ++fields;
    } else if (format[i] == '}') {
      format_string_does_not_match_its_arguments();
    }
  }
  return fields;
}
}  // namespace detail

/// A literal checked against its argument types.
template <class... Args>
class BasicFormatString {
 public:
  template <class T>
    requires std::convertible_to<const T&, std::string_view>
  consteval BasicFormatString(const T& text) : text_(text) {
    static_assert((std::constructible_from<FormatArg, const Args&> && ...));
    if (detail::count_fields(text_) != sizeof...(Args)) detail::format_string_does_not_match_its_arguments();
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};
template <class... Args>
using FormatString = BasicFormatString<std::type_identity_t<Args>...>;

/// A bounded text buffer: procfs files, log lines. `overflowed()` says that something was dropped.
class TextBuffer {
 public:
  constexpr explicit TextBuffer(std::span<char> out) : out_(out) {}
  void put(char c) {
    if (size_ < out_.size()) {
      out_[size_++] = c;
    } else {
      overflowed_ = true;
    }
  }
  void put(std::string_view text);
  void put_formatted(std::string_view format, std::span<const FormatArg> args);
  template <class... Args>
  void print(FormatString<Args...> format, const Args&... args) {
    const FormatArgs<sizeof...(Args)> list{args...};
    put_formatted(format.text(), list.span());
  }
  std::size_t size() const { return size_; }
  bool overflowed() const { return overflowed_; }
  std::string_view view() const { return {out_.data(), size_}; }
  void clear() { size_ = 0, overflowed_ = false; }

 private:
  std::span<char> out_;
  std::size_t size_ = 0;
  bool overflowed_ = false;
};

/// Formats into `out`; returns the length (cut to its size, no NUL is added).
template <class... Args>
std::size_t format_to(std::span<char> out, FormatString<Args...> format, const Args&... args) {
  TextBuffer buffer{out};
  buffer.print<Args...>(format, args...);
  return buffer.size();
}

}  // namespace k::lib

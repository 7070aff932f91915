#include "fs/procfs/setting.h"

#include <charconv>

namespace k::fs::proc {
namespace {

constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Takes the prefix that says so away.
int take_base(std::string_view& digits) {
  if (take_prefix(digits, "0x") || take_prefix(digits, "0X")) return 16;
  return digits.size() > 1 && take_prefix(digits, "0") ? 8 : 10;
}

/// The bases are constants: for any other the library reckons in floating point.
std::from_chars_result read_digits(std::string_view text, std::uint64_t& value, int base) {
  const char *const first = text.data(), *const last = first + text.size();
  if (base == 16) return std::from_chars(first, last, value, 16);
  if (base == 8) return std::from_chars(first, last, value, 8);
  return std::from_chars(first, last, value);
}

}  // namespace

template <class T>
Result<T> number_in(std::string_view text, T least, T most) {
  text = trim(text);
  const bool negative = std::is_signed_v<T> && take_prefix(text, "-");
  const int base = take_base(text);
  std::uint64_t size = 0;
  const auto [end, error] = read_digits(text, size, base);
  if (error != std::errc{} || end != text.data() + text.size()) return err(Errno::inval);
  if (std::is_signed_v<T> && size > INT64_MAX) return err(Errno::inval);
  using Wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
  const Wide value = negative ? -static_cast<Wide>(size) : static_cast<Wide>(size);
  if (value < Wide{least} || value > Wide{most}) return err(Errno::inval);
  return static_cast<T>(value);
}

template Result<std::uint64_t> number_in(std::string_view, std::uint64_t, std::uint64_t);
template Result<int> number_in(std::string_view, int, int);

}  // namespace k::fs::proc

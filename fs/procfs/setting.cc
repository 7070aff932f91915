#include "fs/procfs/setting.h"

#include <charconv>

namespace k::fs::proc {
namespace {

constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t'; }

}  // namespace

Result<std::uint64_t> number_in(std::string_view text, std::uint64_t least, std::uint64_t most) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most)
    return err(Errno::inval);
  return value;
}

}  // namespace k::fs::proc

// /proc/sys/kernel/core_pattern: kept and told; no core is written. Source: core(5).
#include <algorithm>
#include <array>

#include "fs/procfs/sys_kernel.h"
#include "kernel/sync/spin/guarded.h"

namespace k::fs::proc {
namespace {

constexpr std::size_t kLongest = 127;

struct Pattern {
  std::array<char, kLongest> text{'c', 'o', 'r', 'e'};
  std::size_t length = 4;
};
constinit sync::SpinGuarded<Pattern, sync::Rank::task> g_pattern;

}  // namespace

Result<void> show_core_pattern(const Subject&, TextBuffer& out) {
  sync::Locked pattern{g_pattern};
  out.print("{}\n", std::string_view{pattern->text.data(), pattern->length});
  return {};
}

/// The first line, as much as fits.
Result<void> store_core_pattern(const Subject&, std::string_view text) {
  sync::Locked pattern{g_pattern};
  pattern->length = text.substr(0, text.find('\n')).copy(pattern->text.data(), pattern->text.size());
  return {};
}

}  // namespace k::fs::proc

#include <algorithm>
#include <charconv>

#include "fs/tmpfs/tmpfs.h"
#include "mm/phys/page_alloc.h"

namespace k::fs {
namespace {

Result<std::uint64_t> number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return err(Errno::inval);
  return value;
}

/// "64m", "2G", "1024".
Result<std::uint64_t> sized_number(std::string_view text) {
  if (text.empty()) return err(Errno::inval);
  unsigned shift = 0;
  switch (text.back() | 0x20) {
    case 'k':
      shift = 10;
      break;
    case 'm':
      shift = 20;
      break;
    case 'g':
      shift = 30;
      break;
    default:
      break;
  }
  if (shift != 0) text.remove_suffix(1);
  const std::uint64_t value = TRY(number(text, 10));
  if (value > UINT64_MAX >> shift) return err(Errno::inval);
  return value << shift;
}

std::uint64_t or_unlimited(std::uint64_t value) { return value == 0 ? TmpfsOptions::kUnlimited : value; }

Result<std::uint64_t> size_in_pages(std::string_view text) {
  if (!text.ends_with('%')) return or_unlimited(lib::pages_for(TRY(sized_number(text))));
  text.remove_suffix(1);
  const std::uint64_t percent = TRY(number(text, 10));
  if (percent > 100) return err(Errno::inval);
  return or_unlimited(mm::memory_counters().total_frames * percent / 100);
}

Result<void> set_option(TmpfsOptions& options, std::string_view key, std::string_view value) {
  if (key == "size") {
    options.max_pages = TRY(size_in_pages(value));
  } else if (key == "nr_blocks") {
    options.max_pages = or_unlimited(TRY(sized_number(value)));
  } else if (key == "nr_inodes") {
    options.max_inodes = or_unlimited(TRY(sized_number(value)));
  } else if (key == "mode") {
    options.mode = static_cast<std::uint32_t>(TRY(number(value, 8)) & S_IALLUGO);
  } else if (key == "uid") {
    options.owner.uid = static_cast<Uid>(TRY(number(value, 10)));
  } else if (key == "gid") {
    options.owner.gid = static_cast<Gid>(TRY(number(value, 10)));
  } else {
    return err(Errno::inval);
  }
  return {};
}

}  // namespace

Result<TmpfsOptions> TmpfsOptions::parse(std::string_view text, TmpfsOptions options) {
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    if (item == "inode64") continue;  // inode numbers have 64 bits anyway
    if (equals == std::string_view::npos) return err(Errno::inval);
    TRY(set_option(options, item.substr(0, equals), item.substr(equals + 1)));
  }
  return options;
}

}  // namespace k::fs

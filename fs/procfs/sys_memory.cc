#include "fs/procfs/sys_memory.h"

#include <charconv>

#include "ipc/sysv/namespace.h"
#include "mm/vm/commit.h"

namespace k::fs::proc {
namespace {

using mm::Overcommit;

/// A number and nothing behind it but white space.
Result<std::uint64_t> number_in(std::string_view text, std::uint64_t most) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) return err(Errno::inval);
  return value;
}

ipc::sysv::SegmentLimits& segment_limits() { return ipc::sysv::initial_namespace().segment_limits; }

template <std::uint64_t Value>
Result<void> show_number(const Subject&, TextBuffer& out) {
  out.print("{}\n", Value);
  return {};
}

Result<void> show_mode(const Subject&, TextBuffer& out) {
  out.print("{}\n", mm::overcommit());
  return {};
}
Result<void> store_mode(const Subject&, std::string_view text) {
  const std::uint64_t mode = TRY(number_in(text, static_cast<std::uint64_t>(Overcommit::never)));
  mm::set_overcommit(static_cast<Overcommit>(mode));
  return {};
}

/// The ratio and the fixed number of KiB exclude each other: the one written last counts, the other shows 0.
Result<void> show_ratio(const Subject&, TextBuffer& out) {
  out.print("{}\n", mm::commit_room().ratio_percent);
  return {};
}
Result<void> store_ratio(const Subject&, std::string_view text) {
  mm::set_commit_room({.ratio_percent = static_cast<unsigned>(TRY(number_in(text, INT32_MAX))), .pages = 0});
  return {};
}
constexpr std::uint64_t kKiBPerPage = kPageSize / 1024;
Result<void> show_kilobytes(const Subject&, TextBuffer& out) {
  out.print("{}\n", mm::commit_room().pages * kKiBPerPage);
  return {};
}
Result<void> store_kilobytes(const Subject&, std::string_view text) {
  const std::uint64_t pages = TRY(number_in(text, UINT64_MAX / 2)) / kKiBPerPage;
  mm::set_commit_room({.ratio_percent = 0, .pages = pages});
  return {};
}

constexpr Entry kMemory[] = {
    writable_file("overcommit_memory", show_mode, store_mode),
    writable_file("overcommit_ratio", show_ratio, store_ratio),
    writable_file("overcommit_kbytes", show_kilobytes, store_kilobytes),
    file("max_map_count", show_number<65530>),
    file("mmap_min_addr", show_number<65536>),
    file("panic_on_oom", show_number<0>),
    file("swappiness", show_number<0>),
};

}  // namespace

constexpr DirectoryTable kSysMemoryDirectory{kMemory};

Result<void> show_segment_bytes(const Subject&, TextBuffer& out) {
  out.print("{}\n", segment_limits().segment_bytes.load());
  return {};
}
Result<void> store_segment_bytes(const Subject&, std::string_view text) {
  segment_limits().segment_bytes = TRY(number_in(text, UINT64_MAX));
  return {};
}
Result<void> show_segment_pages(const Subject&, TextBuffer& out) {
  out.print("{}\n", segment_limits().pages_in_all.load());
  return {};
}
Result<void> store_segment_pages(const Subject&, std::string_view text) {
  segment_limits().pages_in_all = TRY(number_in(text, UINT64_MAX));
  return {};
}
Result<void> show_segment_count(const Subject&, TextBuffer& out) {
  out.print("{}\n", segment_limits().segments.load());
  return {};
}
Result<void> store_segment_count(const Subject&, std::string_view text) {
  segment_limits().segments = static_cast<unsigned>(TRY(number_in(text, ipc::sysv::IdTable::kMaxObjects)));
  return {};
}

}  // namespace k::fs::proc

#include "fs/procfs/setting.h"
#include "mm/phys/page_alloc.h"
#include "mm/vm/commit.h"

namespace k::fs::proc {
namespace {

using mm::Overcommit;

Result<void> show_mode(const Subject&, TextBuffer& out) {
  out.print("{}\n", mm::overcommit());
  return {};
}
Result<void> store_mode(const Subject&, std::string_view text) {
  const std::uint64_t mode = TRY(number_in<std::uint64_t>(text, 0, static_cast<std::uint64_t>(Overcommit::never)));
  mm::set_overcommit(static_cast<Overcommit>(mode));
  return {};
}

/// The ratio and the fixed number of KiB exclude each other: the one written last counts, the other shows 0.
Result<void> show_ratio(const Subject&, TextBuffer& out) {
  out.print("{}\n", mm::commit_room().ratio_percent);
  return {};
}
Result<void> store_ratio(const Subject&, std::string_view text) {
  mm::set_commit_room({.ratio_percent = static_cast<unsigned>(TRY(number_in(text, 0, INT32_MAX))), .pages = 0});
  return {};
}
constexpr std::uint64_t kKiBPerPage = kPageSize / 1024;
Result<void> show_kilobytes(const Subject&, TextBuffer& out) {
  out.print("{}\n", mm::commit_room().pages * kKiBPerPage);
  return {};
}
Result<void> store_kilobytes(const Subject&, std::string_view text) {
  const std::uint64_t pages = TRY(number_in<std::uint64_t>(text, 0, UINT64_MAX / 2)) / kKiBPerPage;
  mm::set_commit_room({.ratio_percent = 0, .pages = pages});
  return {};
}

/// Caches are not told apart: the page cache holds nothing but what lives in memory.
Result<void> drop_caches(const Subject&, std::string_view text) {
  TRY(number_in(text, 1, 4));
  mm::shrink(SIZE_MAX);
  return {};
}

constexpr Entry kMemory[] = {
    command_file("drop_caches", drop_caches),
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

}  // namespace k::fs::proc

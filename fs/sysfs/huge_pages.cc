// /sys/kernel/mm/transparent_hugepage. Source: Linux Documentation/admin-guide/mm/transhuge.rst.
#include "mm/vm/huge.h"

#include <array>

#include "fs/sysfs/tables.h"

namespace k::fs::sysfs {
namespace {

struct ModeName {
  mm::HugeMode mode;
  std::string_view name;
};
constexpr std::array kModes{ModeName{mm::HugeMode::always, "always"}, ModeName{mm::HugeMode::advised, "madvise"},
                            ModeName{mm::HugeMode::never, "never"}};

Result<void> show_enabled(const Subject&, TextBuffer& out) {
  const mm::HugeMode mode = mm::huge_mode();
  for (const ModeName& row : kModes) {
    const bool chosen = row.mode == mode;
    out.print("{}{}{}", chosen ? "[" : "", row.name, chosen ? "]" : "");
    out.put(&row == &kModes.back() ? '\n' : ' ');
  }
  return {};
}

Result<void> store_enabled(const Subject&, std::string_view text) {
  for (const ModeName& row : kModes) {
    if (text != row.name) continue;
    mm::set_huge_mode(row.mode);
    return {};
  }
  return err(Errno::inval);
}

Result<void> show_size(const Subject&, TextBuffer& out) {
  out.print("{}\n", mm::kHugeFrames * lib::kPageSize);
  return {};
}

constexpr Entry kEntries[] = {writable_attribute("enabled", show_enabled, store_enabled),
                              attribute("hpage_pmd_size", show_size)};

}  // namespace

constexpr proc::DirectoryTable kHugePagesDirectory{kEntries};

}  // namespace k::fs::sysfs

// /proc/PID/maps.
#include <array>

#include "fs/procfs/area_line.h"
#include "fs/procfs/process.h"

namespace k::fs::proc {
namespace {

using mm::Area;
using mm::AreaFlag;

constexpr std::size_t kPathColumn = 73;  // where Linux starts the name

void put_area(TextBuffer& out, const Area& area, const mm::Layout& layout) {
  std::array<char, 512> path;
  mm::SourceName name{.path = path};
  const bool special = !special_name(area, layout).empty();
  if (area.source && !special) {
    area.source->name(name);
  } else {
    name.path = {};
  }
  const std::size_t start = out.size();
  out.print("{:08x}-{:08x} {}{}{}{} {:08x} {:02x}:{:02x} {} ", area.start, area.end,
            area.has(AreaFlag::read) ? 'r' : '-', area.has(AreaFlag::write) ? 'w' : '-',
            area.has(AreaFlag::execute) ? 'x' : '-', area.has(AreaFlag::shared) ? 's' : 'p',
            area.source && !special ? area.offset * kPageSize : 0, name.device_major, name.device_minor, name.inode);
  put_area_name(out, start,
                special ? special_name(area, layout) : std::string_view{name.path.data(), name.path.size()});
}

}  // namespace

std::string_view special_name(const Area& area, const mm::Layout& layout) {
  if (layout.vdso != 0 && area.contains(layout.vdso)) return "[vdso]";
  if (area.has(AreaFlag::stack) || area.contains(layout.start_stack)) return "[stack]";
  if (layout.start_brk < layout.brk && area.start < layout.brk && area.end > layout.start_brk) return "[heap]";
  if (layout.vdso != 0 && area.end == layout.vdso) return "[vvar]";
  return {};
}

void put_area_name(TextBuffer& out, std::size_t start, std::string_view name) {
  if (!name.empty()) {
    while (out.size() - start < kPathColumn && !out.overflowed()) out.put(' ');
    out.put(name);
  }
  out.put('\n');
}

Result<void> put_areas(const Subject& subject, TextBuffer& out, AreaDetails details) {
  TRY(subject.check_access());
  const auto space = subject.memory();
  if (!space) return {};
  const mm::Layout layout = space->layout();
  space->for_each_area(UserAddr{}, [&](const Area& area) {
    put_area(out, area, layout);
    details(out, *space, area);
    return !out.overflowed();
  });
  return {};
}

Result<void> show_maps(const Subject& subject, TextBuffer& out) {
  return put_areas(subject, out, [](TextBuffer&, const mm::AddressSpace&, const Area&) {});
}

}  // namespace k::fs::proc

// /proc/PID/numa_maps: where the pages of mappings are, and by which policy. Source: numa(7).
#include <linux/mempolicy.h>

#include <algorithm>
#include <array>

#include "fs/procfs/area_line.h"
#include "fs/procfs/process.h"
#include "kernel/task/task.h"

namespace k::fs::proc {
namespace {

using mm::Area;
using mm::MemoryPolicy;

std::string_view mode_name(std::uint32_t mode) {
  constexpr std::array<std::string_view, 6> kNames{"default", "prefer", "bind", "interleave", "local", "prefer (many)"};
  return mode < kNames.size() ? kNames[mode] : "unknown";
}

/// One node is all there can be.
void put_policy(TextBuffer& out, const MemoryPolicy& policy) {
  out.put(mode_name(policy.plain_mode()));
  if ((policy.mode & MPOL_F_STATIC_NODES) != 0) out.put("=static");
  if ((policy.mode & MPOL_F_RELATIVE_NODES) != 0) out.put("=relative");
  if (policy.nodes != 0) out.put(":0");
}

/// As in other lists of one line per entry: what would end a word stands as its number.
void put_escaped(TextBuffer& out, std::string_view path) {
  for (const char c : path) {
    if (std::string_view{"\n\t= "}.contains(c)) {
      const auto byte = static_cast<unsigned char>(c);
      out.print("\\{}{}{}", byte >> 6, byte >> 3 & 7, byte & 7);
    } else {
      out.put(c);
    }
  }
}

void put_what(TextBuffer& out, const Area& area, const mm::Layout& layout) {
  const std::string_view special = special_name(area, layout);
  if (special == "[heap]") out.put(" heap");
  if (special == "[stack]") out.put(" stack");
  if (!special.empty() || !area.source) return;
  std::array<char, 512> path;
  mm::SourceName name{.path = path};
  area.source->name(name);
  if (name.path.empty()) return;
  out.put(" file=");
  put_escaped(out, {name.path.data(), name.path.size()});
}

struct Pages {
  std::uint64_t all = 0, anonymous = 0, dirty = 0, active = 0, most_mappings = 0;

  void add(const mm::PageView& page) {
    if (page.is_zero_page) return;
    ++all;
    if (page.is_anonymous()) ++anonymous;
    if (page.is_anonymous() || page.is_file_page()) ++dirty;
    if (page.referenced) ++active;
    most_mappings = std::max<std::uint64_t>(most_mappings, page.mappings);
  }
};

void put_pages(TextBuffer& out, const Pages& pages) {
  if (pages.all == 0) return;
  if (pages.anonymous != 0) out.print(" anon={}", pages.anonymous);
  if (pages.dirty != 0) out.print(" dirty={}", pages.dirty);
  if (pages.all != pages.anonymous && pages.all != pages.dirty) out.print(" mapped={}", pages.all);
  if (pages.most_mappings > 1) out.print(" mapmax={}", pages.most_mappings);
  if (pages.active < pages.all) out.print(" active={}", pages.active);
  out.print(" N0={} kernelpagesize_kB={}", pages.all, kPageSize / 1024);
}

}  // namespace

Result<void> show_numa_maps(const Subject& subject, TextBuffer& out) {
  TRY(subject.check_access());
  const auto space = subject.memory();
  if (!space) return {};
  MemoryPolicy of_thread;
  TRY(subject.with_task([&](const Task& t) { of_thread = t.memory_policy; }));
  const mm::Layout layout = space->layout();
  space->for_each_area(UserAddr{}, [&](const Area& area) {
    out.print("{:08x} ", area.start);
    put_policy(out, area.policy.is_default() ? of_thread : area.policy);
    put_what(out, area, layout);
    Pages pages;
    space->for_each_page(area.start, area.end, [&](const mm::PageView& page) { pages.add(page); });
    put_pages(out, pages);
    out.put('\n');
    return !out.overflowed();
  });
  return {};
}

}  // namespace k::fs::proc

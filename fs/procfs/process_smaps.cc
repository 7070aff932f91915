// /proc/PID/smaps, smaps_rollup and pagemap: what a program's pages are.
#include <linux/capability.h>

#include <algorithm>
#include <array>

#include "fs/procfs/area_line.h"
#include "fs/procfs/page_figures.h"
#include "fs/procfs/process.h"
#include "kernel/task/task.h"
#include "mm/vm/huge.h"

namespace k::fs::proc {
namespace {

using mm::Area;
using mm::AreaFlag;
using mm::AreaFlags;

struct FlagName {
  AreaFlags all_of;
  std::string_view name;
};
// In Linux's order. A shared mapping of a file opened for reading only is no shared one to Linux, but could be ("ms").
constexpr FlagName kFlagNames[] = {
    {AreaFlag::read, "rd"},
    {AreaFlag::write, "wr"},
    {AreaFlag::execute, "ex"},
    {AreaFlag::shared | AreaFlag::may_write, "sh"},
    {AreaFlag::may_read, "mr"},
    {AreaFlag::may_write, "mw"},
    {AreaFlag::may_execute, "me"},
    {AreaFlag::shared, "ms"},
    {AreaFlag::grows_down, "gd"},
    {AreaFlag::locked, "lo"},
    {AreaFlag::sequential_access, "sr"},
    {AreaFlag::random_access, "rr"},
    {AreaFlag::no_fork, "dc"},
    {AreaFlag::fixed_size, "de"},
    {AreaFlag::lock_on_fault, "lf"},
    {AreaFlag::charged, "ac"},
    {AreaFlag::no_reserve, "nr"},
    {AreaFlag::wipe_on_fork, "wf"},
    {AreaFlag::no_dump, "dd"},
    {AreaFlag::huge, "hg"},
    {AreaFlag::no_huge, "nh"},
};

void put_flags(TextBuffer& out, AreaFlags flags) {
  out.put("VmFlags: ");
  for (const FlagName& f : kFlagNames) {
    if (f.all_of.without(flags).empty()) out.print("{} ", f.name);
  }
  out.put('\n');
}

void put_details(TextBuffer& out, const mm::AddressSpace& space, const Area& area) {
  PageFigures figures;
  figures.add(space, area);
  put_size(out, "Size", area.bytes());
  put_size(out, "KernelPageSize", kPageSize);
  put_size(out, "MMUPageSize", kPageSize);
  put_figures(out, figures, ShareDetail::total);
  out.print("THPeligible:    {}\n", mm::may_get_huge_page(area) ? 1 : 0);
  put_flags(out, area.flags);
}

// The words of pagemap. Source: Linux's admin-guide/mm/pagemap.rst.
constexpr std::uint64_t kPresent = std::uint64_t{1} << 63, kOfFile = std::uint64_t{1} << 61,
                        kExclusive = std::uint64_t{1} << 56;
constexpr std::size_t kWord = sizeof(std::uint64_t);

std::uint64_t pagemap_word(const mm::PageView& page, bool with_frame) {
  std::uint64_t word = kPresent;
  if (with_frame) word |= mm::address_of(*page.frame).value >> lib::kPageShift;
  if (page.is_zero_page) return word;
  if (!page.is_anonymous()) word |= kOfFile;
  if (page.mappings == 1) word |= kExclusive;
  return word;
}

/// The words of the pages from `start` on.
void read_words(const mm::AddressSpace& space, std::uint64_t start, std::span<std::uint64_t> words, bool with_frames) {
  std::ranges::fill(words, 0);
  const std::uint64_t end = start + words.size() * kPageSize;
  space.for_each_area(UserAddr{start}, [&](const Area& area) {
    if (area.start >= end) return false;
    space.for_each_page(std::max(start, area.start), std::min(end, area.end), [&](const mm::PageView& page) {
      words[(page.address - start) >> lib::kPageShift] = pagemap_word(page, with_frames);
    });
    return true;
  });
}

}  // namespace

Result<void> show_smaps(const Subject& subject, TextBuffer& out) { return put_areas(subject, out, put_details); }

Result<void> show_smaps_rollup(const Subject& subject, TextBuffer& out) {
  TRY(subject.check_access());
  const auto space = subject.memory();
  if (!space) return err(Errno::srch);
  PageFigures figures;
  std::uint64_t start = 0, end = 0;
  space->for_each_area(UserAddr{}, [&](const Area& area) {
    if (end == 0) start = area.start;
    end = area.end;
    figures.add(*space, area);
    return true;
  });
  const std::size_t line = out.size();
  out.print("{:08x}-{:08x} ---p 00000000 00:00 0 ", start, end);
  put_area_name(out, line, "[rollup]");
  put_figures(out, figures, ShareDetail::split);
  return {};
}

/// One word per page; the offset says which pages.
Result<std::size_t> read_pagemap(const Subject& subject, IoBuffer& to, std::uint64_t offset) {
  TRY(subject.check_access());
  if (offset % kWord != 0 || to.remaining() % kWord != 0) return err(Errno::inval);
  const auto space = subject.memory();
  if (!space) return 0u;
  const bool with_frames = task::current().creds().has(CAP_SYS_ADMIN);
  const std::uint64_t pages = arch::kUserEnd >> lib::kPageShift;
  std::array<std::uint64_t, 64> words;
  std::size_t done = 0;
  for (std::uint64_t page = offset / kWord; page < pages && !to.empty();) {
    const std::size_t n = std::min({words.size(), to.remaining() / kWord, static_cast<std::size_t>(pages - page)});
    read_words(*space, page << lib::kPageShift, std::span{words}.first(n), with_frames);
    const auto moved = to.copy_in(words.data(), n * kWord);
    if (!moved && done == 0) return err(moved.error());
    if (!moved) break;
    done += *moved;
    if (*moved < n * kWord) break;
    page += n;
  }
  return done;
}

}  // namespace k::fs::proc

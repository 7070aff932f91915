// Builds the frame table at boot: one array from frame 0 up to the end of RAM, placed in usable memory. What would
// describe a hole in RAM is given to the allocator as ordinary memory, so a hole costs nothing.
#include <algorithm>

#include "kernel/lib/assert.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/page_pool.h"

namespace k::mm {

constinit Frame* g_frame_table = nullptr;

namespace {

using arch::MemoryKind;
using arch::MemoryRange;
using lib::align_down;
using lib::align_up;

struct FrameRange {
  std::uint64_t first = 0, last = 0;  // frame numbers, last exclusive
};
constexpr unsigned kMaxRanges = 64;
constinit FrameRange g_ram[kMaxRanges];
constinit unsigned g_ram_count = 0;

constexpr std::uint64_t kFramesPerGroup = std::uint64_t{1} << kMaxOrder;

bool is_ram(MemoryKind kind) { return kind != MemoryKind::reserved && kind != MemoryKind::acpi_reclaimable; }
FrameRange frames_of(const MemoryRange& r) {
  return {align_up(r.base.value, kPageSize) >> lib::kPageShift, (r.base.value + r.bytes) >> lib::kPageShift};
}

/// Notes RAM (usable or taken at boot), joining neighbours; whole groups, as the buddy's neighbour search looks.
void note_ram(FrameRange r) {
  r = {align_down(r.first, kFramesPerGroup), align_up(r.last, kFramesPerGroup)};
  if (g_ram_count > 0 && g_ram[g_ram_count - 1].last >= r.first) {
    g_ram[g_ram_count - 1].last = std::max(g_ram[g_ram_count - 1].last, r.last);
    return;
  }
  HT_VERIFY(g_ram_count < kMaxRanges);
  g_ram[g_ram_count++] = r;
}

/// The highest usable place for `bytes`; low memory stays free for what needs it.
std::uint64_t place_table(std::span<const MemoryRange> memory, std::uint64_t bytes) {
  std::uint64_t best = 0;
  for (const MemoryRange& r : memory) {
    const FrameRange f = frames_of(r);
    if (r.kind != MemoryKind::usable || (f.last - f.first) * kPageSize < bytes) continue;
    best = std::max(best, align_down(f.last * kPageSize - bytes, kPageSize));
  }
  HT_VERIFY(best != 0 && "not enough memory for the frame table");
  return best;
}

void zero_pages(std::uint64_t from, std::uint64_t to) {
  for (; from < to; from += kPageSize) arch::zero_page(arch::phys_to_virt(PhysAddr{from}));
}

/// Calls visit(from, to) for the table's parts that describe RAM, and hole(from, to) for the others; byte addresses.
template <class Visit, class Hole>
void each_part(std::uint64_t table, std::uint64_t bytes, Visit visit, Hole hole) {
  std::uint64_t done = table;
  for (unsigned i = 0; i < g_ram_count; ++i) {
    const std::uint64_t from = table + g_ram[i].first * sizeof(Frame);
    const std::uint64_t to = std::min(table + g_ram[i].last * sizeof(Frame), table + bytes);
    hole(done, from);
    visit(from, to);
    done = to;
  }
}

void add_free(PagePool& pool, FrameRange r) {
  if (r.first >= r.last) return;
  pool.buddy.add_range(g_frame_table + r.first, g_frame_table + r.last);
  pool.total_frames += r.last - r.first;
}

/// Usable memory without the table and without frame 0, whose address would read as null.
void add_usable(PagePool& pool, std::span<const MemoryRange> memory, FrameRange table) {
  for (const MemoryRange& r : memory) {
    if (r.kind != MemoryKind::usable) continue;
    FrameRange f = frames_of(r);
    f.first = std::max<std::uint64_t>(f.first, 1);
    add_free(pool, {f.first, std::min(f.last, std::max(table.first, f.first))});
    add_free(pool, {std::max(f.first, std::min(table.last, f.last)), f.last});
  }
}

}  // namespace

void init_page_allocator(std::span<const MemoryRange> memory) {
  for (const MemoryRange& r : memory) {
    if (is_ram(r.kind)) note_ram(frames_of(r));
  }
  const std::uint64_t bytes = g_ram[g_ram_count - 1].last * sizeof(Frame);
  const std::uint64_t table = place_table(memory, bytes);
  g_frame_table = static_cast<Frame*>(arch::phys_to_virt(PhysAddr{table}));

  sync::Locked pool{g_page_pool};
  pool->buddy.set_limit(g_frame_table, g_frame_table + g_ram[g_ram_count - 1].last);
  each_part(table, bytes, zero_pages, [](std::uint64_t, std::uint64_t) {});
  // Only now: adding frames reads the marks of their neighbours.
  each_part(
      table, bytes, [](std::uint64_t, std::uint64_t) {},
      [&](std::uint64_t from, std::uint64_t to) { add_free(*pool, {from >> lib::kPageShift, to >> lib::kPageShift}); });
  add_usable(*pool, memory, {table >> lib::kPageShift, align_up(table + bytes, kPageSize) >> lib::kPageShift});
  pool->reserve = std::clamp<std::size_t>(pool->total_frames / 256, 32, 512);
}

void release_boot_memory(PhysAddr base, std::size_t bytes) {
  // A boot loader may use physical page 0, whose address stands for "none" here.
  const std::uint64_t first = std::max<std::uint64_t>(align_up(base.value, kPageSize), kPageSize);
  const FrameRange r{first >> lib::kPageShift, (base.value + bytes) >> lib::kPageShift};
  sync::Locked pool{g_page_pool};
  add_free(*pool, r);
}

Frame* try_frame_of(PhysAddr address) {
  const std::uint64_t number = address.value >> lib::kPageShift;
  for (unsigned i = 0; i < g_ram_count; ++i) {
    if (number >= g_ram[i].first && number < g_ram[i].last) return &g_frame_table[number];
  }
  return nullptr;
}

}  // namespace k::mm

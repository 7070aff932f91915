// The last code on identity-mapped tables: reads what the loader passed, chooses where the kernel lives, relocates it
// and builds its final page tables.
#include <algorithm>
#include <span>

#include "arch/include/arch/memory.h"
#include "arch/x86_64/boot/early_frames.h"
#include "arch/x86_64/boot/hand_over.h"
#include "arch/x86_64/boot/image.h"
#include "arch/x86_64/boot/memory_map.h"
#include "arch/x86_64/boot/patch.h"
#include "arch/x86_64/boot/placement.h"
#include "arch/x86_64/boot/state.h"
#include "arch/x86_64/boot/table_builder.h"
#include "arch/x86_64/cpu/cpuid.h"

extern "C" [[noreturn]] void ht_boot_main();

namespace k::arch::boot {

constinit State g_state;

namespace {

struct EarlyResult {
  std::uint64_t root, entry, stack;
};
constinit EarlyResult g_result{};
constinit MemoryRange g_extents[HandOver::kMaxRanges]{};

constexpr std::uint64_t kLargePage = std::uint64_t{2} << 20;

/// Frames the tables can need: one second-level table per 512 GiB and a third-level one per GiB at most, split pages
/// around the image, and what platform set-up maps.
std::size_t frames_needed(std::uint64_t highest) { return 48 + highest / (std::uint64_t{1} << 30); }

/// `symbol` of the image in its final place.
std::uint64_t final_address(const std::byte* symbol) {
  return image_address(symbol) - g_state.image_physical + kImageLinkBase + g_state.placement.slide;
}

std::uint64_t* in_image(std::uint64_t link_address) {
  return reinterpret_cast<std::uint64_t*>(link_address - kImageLinkBase + g_state.image_physical);
}

/// Packed relative relocations: an even word is an address, an odd word a bitmap of the 63 words after the last.
/// Source: System V gABI, DT_RELR.
void relocate_packed(std::uint64_t slide) {
  std::uint64_t* at = nullptr;
  for (const std::uint64_t* entry = ht_relr_begin; entry < ht_relr_end; ++entry) {
    if ((*entry & 1) == 0) {
      at = in_image(*entry);
      *at++ += slide;
      continue;
    }
    for (unsigned bit = 1; bit < 64; ++bit) {
      if ((*entry >> bit & 1) != 0) at[bit - 1] += slide;
    }
    at += 63;
  }
}

/// The linker packs relative relocations where alignment allows and lists the rest; a static PIE has no others.
void relocate() {
  const std::uint64_t slide = g_state.placement.slide;
  relocate_packed(slide);
  for (const RelativeRelocation* r = ht_rela_begin; r < ht_rela_end; ++r) *in_image(r->offset) = r->addend + slide;
}

bool map_image(TableBuilder& tables) {
  const auto section = [&](const std::byte* begin, const std::byte* end, PageProtection protection) {
    protection.user = false;
    protection.global = true;
    return tables.map(final_address(begin), image_address(begin), image_address(end) - image_address(begin),
                      protection);
  };
  return section(ht_image_begin, ht_text_end, {.execute = true}) && section(ht_text_end, ht_rodata_end, {}) &&
         section(ht_rodata_end, ht_boot_stack_guard, {.write = true}) &&
         section(ht_boot_stack_guard + kPageSize, ht_kept_end, {.write = true});
}

/// Direct-maps [begin, end), the image's code and constants read-only.
bool map_direct(TableBuilder& tables, std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t fixed_begin = image_address(ht_image_begin), fixed_end = image_address(ht_rodata_end);
  const auto part = [&](std::uint64_t from, std::uint64_t to, bool write) {
    if (from >= to) return true;
    return tables.map(g_state.placement.direct_map + from, from, to - from,
                      {.write = write, .user = false, .global = true});
  };
  const auto clamp = [&](std::uint64_t at) { return std::clamp(at, begin, end); };
  return part(begin, clamp(fixed_begin), true) && part(clamp(fixed_begin), clamp(fixed_end), false) &&
         part(clamp(fixed_end), end, true);
}

/// Everything that is or was RAM, rounded out to large pages; neighbours are joined so that none is mapped twice.
bool map_memory(TableBuilder& tables, std::span<const MemoryRange> map) {
  std::uint64_t begin = 0, end = 0;
  for (const MemoryRange& r : map) {
    if (r.kind == MemoryKind::reserved) continue;
    const std::uint64_t from = lib::align_down(r.base.value, kLargePage);
    const std::uint64_t to = lib::align_up(r.base.value + r.bytes, kLargePage);
    if (from > end) {
      if (!map_direct(tables, begin, end)) return false;
      begin = from;
    }
    end = std::max(end, to);
  }
  return map_direct(tables, begin, end);
}

std::uint64_t build_tables(std::span<const MemoryRange> map) {
  const std::uint64_t root = reinterpret_cast<std::uint64_t>(&g_kernel_root);
  TableBuilder tables{root, 0, cpuid(0x80000001).edx >> 26 & 1 ? 3u : 2u};
  if (!map_image(tables) || !map_memory(tables, map) || !tables.reserve_top(g_state.placement.virtual_area)) return 0;
  // The jump to the final address still runs here.
  g_kernel_root.entries[0].store(reinterpret_cast<const std::uint64_t*>(ht_early_tables)[0], std::memory_order_relaxed);
  return root;
}

void claim(std::uint64_t begin, std::uint64_t end, MemoryKind kind) { g_hand_over.add_range(begin, end - begin, kind); }

void choose_early_frames(std::span<const MemoryRange> map, std::size_t frames) {
  for (const MemoryRange& r : map) {
    const std::uint64_t begin = r.base.value;
    if (r.kind != MemoryKind::usable || begin < (1u << 20) || r.bytes < frames * kPageSize) continue;
    if (begin + frames * kPageSize > (std::uint64_t{1} << 32)) continue;
    g_early_frames = EarlyFrames{begin, begin + frames * kPageSize};
    return;
  }
}

std::uint64_t end_of_ram(std::span<const MemoryRange> map) {
  std::uint64_t end = 0;
  for (const MemoryRange& r : map) {
    if (r.kind != MemoryKind::reserved) end = std::max(end, r.base.value + r.bytes);
  }
  return end;
}

}  // namespace

extern "C" EarlyResult* ht_early_boot(std::uint32_t loader, std::uint64_t info) {
  loader == static_cast<std::uint32_t>(Loader::pvh) ? read_pvh(info) : read_multiboot2(info);
  g_state.image_physical = image_address(ht_image_begin);
  claim(0, kPageSize, MemoryKind::reserved);  // real-mode vectors and BIOS data
  claim(image_address(ht_image_begin), image_address(ht_image_end), MemoryKind::kernel_image);
  claim(g_hand_over.initramfs_base, g_hand_over.initramfs_base + g_hand_over.initramfs_bytes, MemoryKind::initramfs);

  const std::size_t count = normalise({g_hand_over.ranges, g_hand_over.range_count}, g_extents);
  const std::span<const MemoryRange> map{g_extents, count};
  g_state.end_of_ram = end_of_ram(map);
  choose_early_frames(map, frames_needed(g_state.end_of_ram));
  g_state.placement = choose_placement({g_hand_over.command_line, g_hand_over.command_line_length},
                                       image_address(ht_image_end) - image_address(ht_image_begin), g_state.end_of_ram);
  relocate();
  patch_smap_sites();
  g_result.root = build_tables(map);
  g_result.entry = final_address(reinterpret_cast<const std::byte*>(&ht_boot_main));
  g_result.stack = final_address(ht_boot_stack_top);
  return &g_result;
}

}  // namespace k::arch::boot

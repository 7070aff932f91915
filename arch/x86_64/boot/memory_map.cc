#include "arch/x86_64/boot/memory_map.h"

#include <optional>

#include "arch/x86_64/boot/hand_over.h"

namespace k::arch::boot {
namespace {

int precedence(MemoryKind kind) {
  switch (kind) {
    case MemoryKind::usable:
      return 0;
    case MemoryKind::acpi_reclaimable:
      return 1;
    case MemoryKind::reserved:
      return 2;
    case MemoryKind::initramfs:
      return 3;
    case MemoryKind::kernel_image:
      return 4;
  }
  return 2;
}

struct Pages {
  std::uint64_t begin, end;
};

/// Whole pages: a usable range shrinks, any other grows.
Pages whole_pages(const MemoryRange& r) {
  const std::uint64_t begin = r.base.value, end = begin + r.bytes;
  if (r.kind == MemoryKind::usable) return {lib::align_up(begin, kPageSize), lib::align_down(end, kPageSize)};
  return {lib::align_down(begin, kPageSize), lib::align_up(end, kPageSize)};
}

std::optional<MemoryKind> kind_at(std::span<const MemoryRange> in, std::uint64_t page) {
  std::optional<MemoryKind> best;
  for (const MemoryRange& r : in) {
    const auto [begin, end] = whole_pages(r);
    if (page < begin || page >= end) continue;
    if (!best || precedence(r.kind) > precedence(*best)) best = r.kind;
  }
  return best;
}

constinit std::uint64_t g_edges[2 * HandOver::kMaxRanges + 64];

/// By insertion: loaders pass maps that are nearly sorted.
void sort_edges(std::size_t count) {
  for (std::size_t i = 1; i < count; ++i) {
    const std::uint64_t edge = g_edges[i];
    std::size_t at = i;
    for (; at > 0 && g_edges[at - 1] > edge; --at) g_edges[at] = g_edges[at - 1];
    g_edges[at] = edge;
  }
}

}  // namespace

std::size_t normalise(std::span<const MemoryRange> in, std::span<MemoryRange> out) {
  std::size_t edges = 0;
  for (const MemoryRange& r : in) {
    const auto [begin, end] = whole_pages(r);
    if (begin >= end || edges + 2 > std::size(g_edges)) continue;
    g_edges[edges++] = begin;
    g_edges[edges++] = end;
  }
  sort_edges(edges);

  std::size_t count = 0;
  for (std::size_t i = 0; i + 1 < edges; ++i) {
    const std::uint64_t begin = g_edges[i], end = g_edges[i + 1];
    if (begin == end) continue;
    const auto kind = kind_at(in, begin);
    if (!kind) continue;
    MemoryRange* last = count > 0 ? &out[count - 1] : nullptr;
    if (last != nullptr && last->kind == *kind && last->base.value + last->bytes == begin) {
      last->bytes += end - begin;
    } else if (count < out.size()) {
      out[count++] = {PhysAddr{begin}, end - begin, *kind};
    }
  }
  return count;
}

}  // namespace k::arch::boot

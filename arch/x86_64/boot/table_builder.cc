#include "arch/x86_64/boot/table_builder.h"

#include "arch/x86_64/boot/early_frames.h"

namespace k::arch::boot {

constinit EarlyFrames g_early_frames;

std::uint64_t EarlyFrames::take(std::size_t count, std::uint64_t offset) {
  const std::uint64_t bytes = count * kPageSize;
  if (bytes > end_ - next_) return 0;
  const std::uint64_t taken = next_;
  next_ += bytes;
  auto* words = reinterpret_cast<std::uint64_t*>(taken + offset);
  for (std::size_t i = 0; i < bytes / sizeof *words; ++i) words[i] = 0;
  return taken;
}

std::uint64_t* TableBuilder::entry(std::uint64_t at, unsigned level) {
  std::uint64_t physical = root_;
  for (unsigned l = kTopLevel; l > level; --l) {
    std::uint64_t& e = table(physical)[level_index(at, l)];
    if (e == 0) {
      const std::uint64_t fresh = g_early_frames.take(1, offset_);
      if (fresh == 0) return nullptr;
      e = Pte::table(PhysAddr{fresh}).raw();
    }
    physical = Pte{e}.frame().value;
  }
  return &table(physical)[level_index(at, level)];
}

unsigned TableBuilder::level_for(std::uint64_t at, std::uint64_t physical, std::uint64_t bytes) const {
  for (unsigned level = largest_level_; level > 1; --level) {
    const std::uint64_t size = std::uint64_t{1} << level_shift(level);
    if (bytes >= size && lib::is_aligned(at | physical, size)) return level;
  }
  return 1;
}

bool TableBuilder::map(std::uint64_t at, std::uint64_t physical, std::uint64_t bytes, PageProtection protection) {
  while (bytes > 0) {
    const unsigned level = level_for(at, physical, bytes);
    std::uint64_t* e = entry(at, level);
    if (e == nullptr) return false;
    *e = Pte::leaf(PhysAddr{physical}, protection).with(level > 1 ? Pte::kHuge : 0).raw();
    const std::uint64_t size = std::uint64_t{1} << level_shift(level);
    at += size;
    physical += size;
    bytes -= size;
  }
  return true;
}

bool TableBuilder::reserve_top(std::uint64_t at) { return entry(at, kTopLevel - 1) != nullptr; }

}  // namespace k::arch::boot

#include "mm/phys/heap.h"

#include <array>
#include <bit>

#include "kernel/lib/assert.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/slab.h"

namespace k::mm {
namespace {

constexpr std::size_t kLargestClass = 2048;
constexpr std::size_t kGranule = 16;
constinit SlabCache g_classes[] = {
    {"heap-16", 16, 16},     {"heap-32", 32, 16},     {"heap-48", 48, 16},   {"heap-64", 64, 64},
    {"heap-96", 96, 32},     {"heap-128", 128, 64},   {"heap-192", 192, 64}, {"heap-256", 256, 64},
    {"heap-384", 384, 64},   {"heap-512", 512, 64},   {"heap-768", 768, 64}, {"heap-1024", 1024, 64},
    {"heap-1536", 1536, 64}, {"heap-2048", 2048, 64},
};
constexpr std::size_t kSizes[] = {16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048};
constexpr std::size_t kLargestClassAlign = 64;

/// Index of the smallest class for (granules * 16) bytes.
constexpr auto kClassOf = [] {
  std::array<std::uint8_t, kLargestClass / kGranule + 1> table{};
  std::uint8_t index = 0;
  for (std::size_t granules = 0; granules < table.size(); ++granules) {
    while (kSizes[index] < granules * kGranule) ++index;
    table[granules] = index;
  }
  return table;
}();

unsigned order_for(std::size_t bytes) { return static_cast<unsigned>(std::bit_width(lib::pages_for(bytes) - 1)); }

void* allocate_large(std::size_t bytes) {
  if (bytes > kPageSize << kMaxOrder) return nullptr;
  auto block = allocate_block(FrameUse::kernel, order_for(bytes), Zero::no);
  return block ? page_pointer(**block) : nullptr;
}

}  // namespace

void* heap_allocate(std::size_t bytes, std::size_t align) {
  if (bytes > kLargestClass || align > kLargestClassAlign) [[unlikely]]
    return allocate_large(bytes > align ? bytes : align);
  unsigned index = kClassOf[(bytes + kGranule - 1) / kGranule];
  while (align > kGranule && kSizes[index] % align != 0) ++index;
  return g_classes[index].allocate();
}

void heap_deallocate(void* block) {
  if (block == nullptr) return;
  Frame& frame = frame_of(arch::virt_to_phys(block));
  if (frame.use == FrameUse::slab) [[likely]]
    return SlabCache::of(block).deallocate(block);
  HT_ASSERT(frame.use == FrameUse::kernel);
  free_block(frame, frame.order);
}

std::size_t heap_usable(const void* block) {
  const Frame& frame = frame_of(arch::virt_to_phys(block));
  return frame.use == FrameUse::slab ? SlabCache::of(block).object_size() : kPageSize << frame.order;
}

}  // namespace k::mm

#if defined(HT_KERNEL)
namespace k::lib {
void* allocate(std::size_t bytes, std::size_t align) noexcept { return mm::heap_allocate(bytes, align); }
void deallocate(void* block) noexcept { mm::heap_deallocate(block); }
}  // namespace k::lib

// Only the nothrow forms exist: an allocation that cannot report failure does not link.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return k::mm::heap_allocate(bytes, 16); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return k::mm::heap_allocate(bytes, 16); }
void* operator new(std::size_t bytes, std::align_val_t align, const std::nothrow_t&) noexcept {
  return k::mm::heap_allocate(bytes, static_cast<std::size_t>(align));
}
void* operator new[](std::size_t bytes, std::align_val_t align, const std::nothrow_t&) noexcept {
  return k::mm::heap_allocate(bytes, static_cast<std::size_t>(align));
}
void operator delete(void* block) noexcept { k::mm::heap_deallocate(block); }
void operator delete[](void* block) noexcept { k::mm::heap_deallocate(block); }
void operator delete(void* block, std::size_t) noexcept { k::mm::heap_deallocate(block); }
void operator delete[](void* block, std::size_t) noexcept { k::mm::heap_deallocate(block); }
void operator delete(void* block, std::align_val_t) noexcept { k::mm::heap_deallocate(block); }
void operator delete[](void* block, std::align_val_t) noexcept { k::mm::heap_deallocate(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { k::mm::heap_deallocate(block); }
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept { k::mm::heap_deallocate(block); }
#endif

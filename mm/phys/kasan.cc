// Not instrumented itself (mm/rules.mk). The shadow is kept in one block per 32 MiB of RAM, so that it needs no
// contiguous address range and follows the direct map wherever KASLR put it.
#if defined(HT_KASAN)

#include "mm/phys/kasan.h"

#include <cstring>

#include "arch/include/arch/memory.h"
#include "kernel/lib/assert.h"
#include "mm/phys/page_alloc.h"

namespace k::mm::kasan {
namespace {

constexpr unsigned kGranule = 8;
constexpr unsigned kChunkShift = 25;  // RAM described by one maximal block of shadow
constexpr std::size_t kChunks = 1024;
constexpr unsigned kShadowOrder = kChunkShift - 3 - lib::kPageShift;
static_assert(kShadowOrder <= kMaxOrder);

std::uint8_t* g_chunks[kChunks];
bool g_on = false;

/// The shadow byte of `address`, null when it has none.
std::uint8_t* shadow_of(std::uint64_t address) {
  const std::uint64_t physical = address - arch::g_direct_map_base;
  const std::uint64_t chunk = physical >> kChunkShift;
  if (chunk >= kChunks || g_chunks[chunk] == nullptr) return nullptr;
  return &g_chunks[chunk][(physical & ((std::uint64_t{1} << kChunkShift) - 1)) / kGranule];
}

/// One-granule check of the last byte touched in it.
bool usable(std::uint64_t last) {
  const std::uint8_t* shadow = shadow_of(last);
  return shadow == nullptr || *shadow == 0 || (*shadow < kGranule && last % kGranule < *shadow);
}

[[gnu::noinline, noreturn]] void report(std::uint64_t address) {
  g_on = false;
  switch (static_cast<Why>(*shadow_of(address))) {
    case Why::free_page:
      lib::fail("KASAN: access to a free page", __FILE__, __LINE__);
    case Why::free_object:
      lib::fail("KASAN: access to a freed object", __FILE__, __LINE__);
    default:
      lib::fail("KASAN: access beyond an object's end", __FILE__, __LINE__);
  }
}

void check(std::uint64_t address, std::size_t bytes) {
  if (!g_on || bytes == 0) [[unlikely]]
    return;
  const std::uint64_t last = address + bytes - 1;
  for (std::uint64_t at = address | (kGranule - 1); at < last; at += kGranule) {
    if (!usable(at)) report(at);
  }
  if (!usable(last)) report(last);
}

}  // namespace

void init() {
  for (std::size_t chunk = 0; chunk < kChunks; ++chunk) {
    if (try_frame_of(PhysAddr{std::uint64_t{chunk} << kChunkShift}) == nullptr) continue;
    const auto block = allocate_block(FrameUse::kernel, kShadowOrder, Zero::yes);
    if (!block) break;  // the RAM beyond stays unchecked
    g_chunks[chunk] = static_cast<std::uint8_t*>(page_pointer(**block));
  }
  g_on = true;
}

void mark_usable(const void* memory, std::size_t bytes) {
  const auto from = reinterpret_cast<std::uint64_t>(memory);
  for (std::size_t done = 0; done < bytes; done += kGranule) {
    if (std::uint8_t* shadow = shadow_of(from + done)) {
      *shadow = bytes - done >= kGranule ? 0 : static_cast<std::uint8_t>(bytes - done);
    }
  }
}

void mark_unusable(const void* memory, std::size_t bytes, Why why) {
  const auto from = reinterpret_cast<std::uint64_t>(memory);
  for (std::size_t done = 0; done < bytes; done += kGranule) {
    if (std::uint8_t* shadow = shadow_of(from + done)) *shadow = static_cast<std::uint8_t>(why);
  }
}

}  // namespace k::mm::kasan

#define HT_ASAN_ACCESS(size)                                                                      \
  void __asan_load##size##_noabort(std::uint64_t address) { k::mm::kasan::check(address, size); } \
  void __asan_store##size##_noabort(std::uint64_t address) { k::mm::kasan::check(address, size); }

extern "C" {
HT_ASAN_ACCESS(1)
HT_ASAN_ACCESS(2)
HT_ASAN_ACCESS(4)
HT_ASAN_ACCESS(8)
HT_ASAN_ACCESS(16)
void __asan_loadN_noabort(std::uint64_t address, std::size_t bytes) { k::mm::kasan::check(address, bytes); }
void __asan_storeN_noabort(std::uint64_t address, std::size_t bytes) { k::mm::kasan::check(address, bytes); }
void __asan_handle_no_return() {}
void* __asan_memcpy(void* to, const void* from, std::size_t n) {
  k::mm::kasan::check(reinterpret_cast<std::uint64_t>(from), n);
  k::mm::kasan::check(reinterpret_cast<std::uint64_t>(to), n);
  return std::memcpy(to, from, n);
}
void* __asan_memmove(void* to, const void* from, std::size_t n) {
  k::mm::kasan::check(reinterpret_cast<std::uint64_t>(from), n);
  k::mm::kasan::check(reinterpret_cast<std::uint64_t>(to), n);
  return std::memmove(to, from, n);
}
void* __asan_memset(void* to, int value, std::size_t n) {
  k::mm::kasan::check(reinterpret_cast<std::uint64_t>(to), n);
  return std::memset(to, value, n);
}
}

#endif

/// The kasan flavour: every load and store of the kernel is checked against a shadow of the direct map.
///
/// Invariants  one shadow byte describes eight bytes of RAM: 0 all usable, 1..7 that many usable, 0x80 and above none (and
///             why). RAM without shadow (before init, devices) is not checked. The compiler calls __asan_* for each access;
///             the allocators say here what is usable. Empty functions in the other flavours.
/// Context     any.
/// Errors      a bad access panics, naming what was touched.
/// Source      clang's AddressSanitizer callbacks (-fsanitize=kernel-address, outlined).
#pragma once

#include <cstddef>
#include <cstdint>

namespace k::mm::kasan {

enum class Why : std::uint8_t { usable = 0, free_page = 0xf1, free_object = 0xf2, redzone = 0xf3 };

#if defined(HT_KASAN)
/// Allocates the shadow; checks begin. After init_page_allocator, before other CPUs run.
void init();
void mark_usable(const void* memory, std::size_t bytes);
void mark_unusable(const void* memory, std::size_t bytes, Why why);
#else
inline void init() {}
inline void mark_usable(const void*, std::size_t) {}
inline void mark_unusable(const void*, std::size_t, Why) {}
#endif

}  // namespace k::mm::kasan

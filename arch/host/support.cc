// What the pure parts link against on the host: the heap behind operator new, failed assertions, preemption.
#include <cstdio>
#include <cstdlib>

#include "kernel/lib/alloc.h"
#include "kernel/lib/assert.h"

namespace k::lib {

void fail(const char* what, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: check failed: %s\n", file, line, what);
  std::abort();
}

// std::aligned_alloc wants a multiple of the alignment.
void* allocate(std::size_t bytes, std::size_t align) noexcept {
  if (injected_failure()) return nullptr;
  return std::aligned_alloc(align, (bytes + align - 1) / align * align);
}
void deallocate(void* block) noexcept { std::free(block); }

}  // namespace k::lib

extern "C" [[gnu::weak]] void ht_preempt_now() {}

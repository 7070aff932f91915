// Host RAM: one zeroed mapping, made on first use.
#include "arch/include/arch/memory.h"

#include <sys/mman.h>

#include <cstring>

#include "kernel/lib/assert.h"

namespace k::arch {

std::byte* host_ram() {
  static std::byte* const ram = [] {
    void* p = ::mmap(nullptr, kHostRamBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    HT_VERIFY(p != MAP_FAILED);
    return static_cast<std::byte*>(p);
  }();
  return ram;
}

KernelArea kernel_virtual_area() {
  static const std::uint64_t base = [] {
    void* p = ::mmap(nullptr, kHostRamBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    HT_VERIFY(p != MAP_FAILED);
    return reinterpret_cast<std::uint64_t>(p);
  }();
  return {base, kHostRamBytes};
}

void zero_page(void* page) { std::memset(page, 0, lib::kPageSize); }
void copy_page(void* to, const void* from) { std::memcpy(to, from, lib::kPageSize); }

}  // namespace k::arch

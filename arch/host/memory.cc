// Host RAM: one memfd, mapped whole on first use, so that its pages can be mapped a second time as kernel virtual
// memory.
#include "arch/include/arch/memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "arch/host/host_memory.h"
#include "kernel/lib/assert.h"

namespace k::arch {
namespace host {

int ram_file() {
  static const int fd = [] {
    const int made = ::memfd_create("ram", MFD_CLOEXEC);
    HT_VERIFY(made >= 0 && ::ftruncate(made, static_cast<off_t>(kHostRamBytes)) == 0);
    return made;
  }();
  return fd;
}

}  // namespace host

std::byte* host_ram() {
  static std::byte* const ram = [] {
    void* p = ::mmap(nullptr, kHostRamBytes, PROT_READ | PROT_WRITE, MAP_SHARED, host::ram_file(), 0);
    HT_VERIFY(p != MAP_FAILED);
    return static_cast<std::byte*>(p);
  }();
  return ram;
}

KernelArea kernel_virtual_area() {
  static const KernelArea area = [] {
    constexpr std::uint64_t kBytes = std::uint64_t{4} << 30;
    void* p = ::mmap(nullptr, kBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    HT_VERIFY(p != MAP_FAILED);
    return KernelArea{reinterpret_cast<std::uint64_t>(p), kBytes};
  }();
  return area;
}

void zero_page(void* page) { std::memset(page, 0, lib::kPageSize); }
/// Reads behind the race checker's back, as hardware would: a page fault copies a page that another may write or free meanwhile, and
/// throws the copy away when the page's entry has changed by then (AddressSpace::install).
[[clang::no_sanitize("thread")]] void copy_page(void* to, const void* from) {
  auto* const target = static_cast<volatile std::uint64_t*>(to);
  const auto* const source = static_cast<const volatile std::uint64_t*>(from);
  for (std::size_t i = 0; i < lib::kPageSize / sizeof *source; ++i) target[i] = source[i];
}

}  // namespace k::arch

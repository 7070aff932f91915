// Page tables on the host: user tables are arrays that nobody walks but the code under test; kernel pages are second
// mappings of host RAM.
#include "arch/include/arch/page_table.h"

#include <sys/mman.h>

#include <map>
#include <mutex>

#include "arch/host/host_memory.h"
#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/memory.h"
#include "arch/include/arch/percpu.h"
#include "kernel/lib/assert.h"

namespace k::arch {
namespace {

struct KernelPages {
  std::mutex lock;
  std::map<std::uint64_t, PhysAddr> pages;
};
KernelPages& kernel_pages() {
  static KernelPages instance;
  return instance;
}

}  // namespace

namespace host {

MemoryRange ram_range() { return {PhysAddr{kHostRamBase}, kHostRamBytes, MemoryKind::usable}; }

TlbCounts& tlb_counts() {
  static thread_local TlbCounts counts;
  return counts;
}

}  // namespace host

void load_page_table(PhysAddr root) { this_cpu_block().page_table_root = root.value; }
PhysAddr loaded_page_table() { return PhysAddr{this_cpu_block().page_table_root}; }
PhysAddr kernel_page_table() { return PhysAddr{0}; }
void init_top_level(PageTable&) {}
void tlb_flush_page(UserAddr) { ++host::tlb_counts().pages; }
void tlb_flush_all() { ++host::tlb_counts().all; }

void call_on_cpus(std::uint64_t, void (*)(void*), void*) { ++host::tlb_counts().remote_calls; }

bool map_kernel_page(std::uint64_t at, PhysAddr frame, PageProtection, bool) {
  void* p = ::mmap(reinterpret_cast<void*>(at), lib::kPageSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                   host::ram_file(), static_cast<off_t>(frame.value - kHostRamBase));
  HT_VERIFY(p != MAP_FAILED);
  const std::scoped_lock held{kernel_pages().lock};
  kernel_pages().pages[at] = frame;
  return true;
}

PhysAddr unmap_kernel_page(std::uint64_t at) {
  void* p =
      ::mmap(reinterpret_cast<void*>(at), lib::kPageSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  HT_VERIFY(p != MAP_FAILED);
  const std::scoped_lock held{kernel_pages().lock};
  const PhysAddr frame = kernel_pages().pages.at(at);
  kernel_pages().pages.erase(at);
  return frame;
}

}  // namespace k::arch

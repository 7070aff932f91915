#include "test/unit/support/frames.h"

#include <array>

#include "arch/host/host_memory.h"
#include "arch/include/arch/percpu.h"
#include "mm/phys/page_alloc.h"

namespace k::test {

void use_host_ram() {
  static const bool done = [] {
    arch::host_bind_cpu(0);
    const std::array ranges{arch::host::ram_range()};
    mm::init_page_allocator(ranges);
    return true;
  }();
  (void)done;
}

}  // namespace k::test

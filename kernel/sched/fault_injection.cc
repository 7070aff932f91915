#include "kernel/lib/fault_injection.h"

#include "kernel/sched/sched.h"

#if defined(HT_DEBUG) && !defined(HT_HOST)
namespace k::lib {

bool injected_failure() {
  const arch::CpuBlock& cpu = arch::this_cpu_block();
  if (cpu.current_thread == nullptr || cpu.irq_depth != 0) return false;
  std::uint32_t& left = sched::current().fail_nth;
  if (left == 0) [[likely]]
    return false;
  return --left == 0;
}

}  // namespace k::lib
#endif

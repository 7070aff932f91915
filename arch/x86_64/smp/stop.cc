#include "arch/x86_64/smp/stop.h"

#include <atomic>

#include "arch/include/arch/percpu.h"
#include "arch/include/arch/platform.h"
#include "arch/x86_64/apic/local_apic.h"
#include "arch/x86_64/smp/cpus.h"

namespace k::arch {
namespace {

constexpr unsigned kNobody = ~0u;
constinit std::atomic<unsigned> g_stopper{kNobody};

}  // namespace

bool stop_if_asked() {
  const unsigned stopper = g_stopper.load(std::memory_order_acquire);
  if (stopper == kNobody) return false;
  if (stopper != cpu_id()) halt_forever();
  return true;
}

void stop_other_cpus() {
  unsigned expected = kNobody;
  if (!g_stopper.compare_exchange_strong(expected, cpu_id(), std::memory_order_acq_rel)) {
    if (expected != cpu_id()) halt_forever();
    return;
  }
  for (unsigned cpu = 0; cpu < cpu_count(); ++cpu) {
    if (cpu != cpu_id()) apic::send_ipi(apic_id_of(cpu), apic::Delivery::nmi, 0);
  }
}

void halt_forever() {
  interrupts_disable();
  for (;;) asm volatile("hlt");
}

}  // namespace k::arch

// Where arch's page-fault handler enters mm.
#include "arch/include/arch/upcalls.h"
#include "kernel/sched/sched.h"
#include "mm/phys/page_alloc.h"
#include "mm/user/no_fault.h"
#include "mm/vm/fault_site.h"

extern "C" k::arch::FaultResult ht_on_page_fault(std::uint64_t address, k::arch::FaultAccess access) {
  using namespace k;
  sched::Thread& self = sched::current();
  if (self.space == nullptr || mm::NoFault::active()) return arch::FaultResult::not_mapped;
  const arch::FaultResult result = self.space->fault(UserAddr{address}, access);
  if (result == arch::FaultResult::resolved) ++self.minor_faults;  // major ones wait for a device
  return result;
}

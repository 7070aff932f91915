// Where arch's page-fault handler enters mm.
#include "arch/include/arch/upcalls.h"
#include "kernel/sched/sched.h"
#include "mm/phys/page_alloc.h"
#include "mm/user/no_fault.h"
#include "mm/vm/fault_site.h"

extern "C" k::arch::FaultResult ht_on_page_fault(std::uint64_t address, const k::arch::FaultAccess* access) {
  using namespace k;
  mm::AddressSpace* space = sched::current().space;
  if (space == nullptr || mm::NoFault::active()) return arch::FaultResult::not_mapped;
  return space->fault(UserAddr{address}, *access);
}

/// NoFault: user copies in this scope fail at once instead of faulting a page in.
///
/// Invariants  scopes nest; the thread must not sleep or migrate inside one, so preemption is off.
/// Context     any but NMI. Afterwards the caller drops its locks, faults the page in (AddressSpace::populate or an
/// ordinary
///             copy) and retries.
#pragma once

#include "arch/include/arch/percpu.h"
#include "kernel/sync/spin/preempt.h"

namespace k::mm {

class NoFault {
 public:
  NoFault() { ++arch::this_cpu_block().nofault_depth; }
  ~NoFault() { --arch::this_cpu_block().nofault_depth; }
  NoFault(const NoFault&) = delete;
  NoFault& operator=(const NoFault&) = delete;
  /// Whether the running code is inside such a scope. With preemption on it is not, and the block that is read may be that of a
  /// CPU which the thread has just left.
  static bool active() { return arch::preempt_count() != 0 && arch::this_cpu_block().nofault_depth != 0; }

 private:
  sync::PreemptOff preempt_off_;
};

}  // namespace k::mm

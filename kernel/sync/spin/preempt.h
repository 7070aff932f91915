/// Preemption control.
///
/// Invariants  preemption is possible when the count is zero and interrupts are on. Enabling with a pending reschedule
///             switches at once (ht_preempt_now, defined by kernel/sched).
/// Context     any.
#pragma once

#include "arch/include/arch/cpu.h"
#include "arch/include/arch/percpu.h"

extern "C" void ht_preempt_now();

namespace k::sync {

inline void preempt_disable() {
  arch::preempt_count_add();
  asm volatile("" ::: "memory");
}
inline void preempt_enable_no_resched() {
  asm volatile("" ::: "memory");
  (void)arch::preempt_count_sub_and_test();
}
inline void preempt_enable() {
  asm volatile("" ::: "memory");
  if (arch::preempt_count_sub_and_test()) [[unlikely]]
    ht_preempt_now();
}
/// Reschedules now if that is due and allowed; for the end of interrupt-off regions.
inline void preempt_check() {
  if (arch::preempt_due()) [[unlikely]]
    ht_preempt_now();
}

class PreemptOff {
 public:
  PreemptOff() { preempt_disable(); }
  ~PreemptOff() { preempt_enable(); }
  PreemptOff(const PreemptOff&) = delete;
  PreemptOff& operator=(const PreemptOff&) = delete;
};

}  // namespace k::sync

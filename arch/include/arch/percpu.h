/// Per-CPU data: the fixed block that assembly knows, and per-CPU variables.
///
/// Invariants  CpuBlock is reached through one segment-relative instruction; offsets below are known to entry code and
///             to the compiler's stack protector (canary). A per-CPU variable is constant-initialised; secondary CPUs
///             start from a copy of the boot CPU's initial image.
/// Context     this_cpu(...) needs preemption disabled, or a caller that does not care on which CPU it lands.
/// Source      System V ABI x86-64 supplement (TLS through %gs is this kernel's own choice).
#pragma once

#include <cstddef>
#include <cstdint>

namespace k::arch {

inline constexpr unsigned kMaxCpus = 64;

struct alignas(64) CpuBlock {
  CpuBlock* self = nullptr;
  void* current_thread = nullptr;        // k::sched::Thread*
  std::uint64_t kernel_stack_top = 0;    // loaded by syscall entry
  std::uint64_t user_stack_scratch = 0;  // user rsp between entry and the push
  std::uint32_t preempt_count = kNoResched;
  std::uint32_t cpu_id = 0;
  std::uint64_t stack_canary = 0;
  std::uint64_t percpu_offset = 0;    // this CPU's copy minus the initial image
  void* held_locks = nullptr;         // k::sync::HeldLocks*, lock-order checker
  std::uint32_t irq_depth = 0;        // interrupt handlers nested on this CPU
  std::uint32_t nofault_depth = 0;    // user copies that must not fault pages in
  std::uint32_t from_user = 0;        // the interrupt being handled came from user mode
  void* fpu_owner = nullptr;          // FpuState* whose content the registers hold
  std::uint64_t page_table_root = 0;  // the root in CR3, stored by load_page_table before it loads: other CPUs read it
                                      // to find whom a TLB shootdown concerns

  /// preempt_count: low bits count reasons not to preempt; the top bit is *set while no reschedule is needed*, so that
  /// one decrement to zero answers "may preempt and should".
  static constexpr std::uint32_t kNoResched = 0x8000'0000u;
};
static_assert(offsetof(CpuBlock, current_thread) == 8);
static_assert(offsetof(CpuBlock, kernel_stack_top) == 16);
static_assert(offsetof(CpuBlock, user_stack_scratch) == 24);
static_assert(offsetof(CpuBlock, preempt_count) == 32);
static_assert(offsetof(CpuBlock, stack_canary) == 40);
static_assert(offsetof(CpuBlock, percpu_offset) == 48);

}  // namespace k::arch

/// arch_impl provides, inline:
///   CpuBlock& this_cpu_block(); CpuBlock& cpu_block(unsigned cpu);
///   void* current_thread(); unsigned cpu_id(); unsigned cpu_count() (CPUs online);
///   preempt_count_add(), preempt_count_sub_and_test() -> bool, preempt_count() (without kNoResched),
///   set_need_resched(), clear_need_resched(), need_resched()   (of this CPU)
///   HT_PER_CPU(T, name): defines a per-CPU variable (constinit) at namespace scope;
///   this_cpu(name) -> T&; on_cpu(name, cpu) -> T&.
#include "arch/include/arch/cpu.h"

#include <arch_impl/percpu.h>

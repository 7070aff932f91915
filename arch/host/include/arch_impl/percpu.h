/// Host flavour of arch/include/arch/percpu.h: a CPU is a host thread that called host_bind_cpu.
#pragma once

#include <atomic>

namespace k::arch {

inline CpuBlock host_cpu_blocks[kMaxCpus];
inline thread_local unsigned host_cpu = 0;
inline std::atomic<unsigned> host_cpu_total{1};

/// Makes the calling host thread act as CPU `cpu`.
inline void host_bind_cpu(unsigned cpu) {
  host_cpu = cpu;
  host_cpu_blocks[cpu].self = &host_cpu_blocks[cpu];
  host_cpu_blocks[cpu].cpu_id = cpu;
  if (cpu >= host_cpu_total) host_cpu_total = cpu + 1;
}

inline CpuBlock& this_cpu_block() { return host_cpu_blocks[host_cpu]; }
inline CpuBlock& cpu_block(unsigned cpu) { return host_cpu_blocks[cpu]; }
inline void* current_thread() { return this_cpu_block().current_thread; }
inline unsigned cpu_id() { return host_cpu; }
inline unsigned cpu_count() { return host_cpu_total; }

inline void preempt_count_add() { ++this_cpu_block().preempt_count; }
inline bool preempt_count_sub_and_test() { return --this_cpu_block().preempt_count == 0; }
inline unsigned preempt_count() { return this_cpu_block().preempt_count & ~CpuBlock::kNoResched; }
inline void set_need_resched() { this_cpu_block().preempt_count &= ~CpuBlock::kNoResched; }
inline void clear_need_resched() { this_cpu_block().preempt_count |= CpuBlock::kNoResched; }
inline bool need_resched() { return (this_cpu_block().preempt_count & CpuBlock::kNoResched) == 0; }
inline bool preempt_due() { return this_cpu_block().preempt_count == 0 && interrupts_enabled(); }

}  // namespace k::arch

#define HT_PER_CPU(T, name) constinit T name[::k::arch::kMaxCpus] = {}
#define HT_PER_CPU_DECLARE(T, name) extern T name[::k::arch::kMaxCpus]
#define this_cpu(name) (name[::k::arch::cpu_id()])
#define on_cpu(name, cpu) (name[cpu])

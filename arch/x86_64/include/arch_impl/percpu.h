/// x86-64 flavour of arch/include/arch/percpu.h: CpuBlock is at %gs:0.
#pragma once

namespace k::arch {

/// Indexed by CPU id; filled as CPUs start.
extern CpuBlock* g_cpu_blocks[kMaxCpus];
extern unsigned g_cpu_count;

#define HT_GS __attribute__((address_space(256)))
template <std::size_t Offset, class T>
inline T gs_load() {
  return *reinterpret_cast<volatile T HT_GS*>(Offset);
}

inline CpuBlock& this_cpu_block() { return *gs_load<0, CpuBlock*>(); }
inline CpuBlock& cpu_block(unsigned cpu) { return *g_cpu_blocks[cpu]; }
/// Not volatile: the current thread never changes under a thread's own feet.
inline void* current_thread() {
  void* t;
  asm("movq %%gs:8, %0" : "=r"(t));
  return t;
}
inline unsigned cpu_id() { return gs_load<offsetof(CpuBlock, cpu_id), std::uint32_t>(); }
inline unsigned cpu_count() { return __atomic_load_n(&g_cpu_count, __ATOMIC_ACQUIRE); }

inline void preempt_count_add() { asm volatile("incl %%gs:32" ::: "memory", "cc"); }
inline bool preempt_count_sub_and_test() {
  bool zero;
  asm volatile("decl %%gs:32" : "=@ccz"(zero)::"memory");
  return zero;
}
inline unsigned preempt_count() { return gs_load<32, std::uint32_t>() & ~CpuBlock::kNoResched; }
inline void set_need_resched() { asm volatile("andl $0x7fffffff, %%gs:32" ::: "memory", "cc"); }
inline void clear_need_resched() { asm volatile("orl $0x80000000, %%gs:32" ::: "memory", "cc"); }
inline bool need_resched() { return (gs_load<32, std::uint32_t>() & CpuBlock::kNoResched) == 0; }
inline bool preempt_due() { return gs_load<32, std::uint32_t>() == 0 && interrupts_enabled(); }

template <class T>
inline T& this_cpu_reference(T& image) {
  return *reinterpret_cast<T*>(reinterpret_cast<std::uint64_t>(&image) +
                               gs_load<offsetof(CpuBlock, percpu_offset), std::uint64_t>());
}
template <class T>
inline T& on_cpu_reference(T& image, unsigned cpu) {
  return *reinterpret_cast<T*>(reinterpret_cast<std::uint64_t>(&image) + cpu_block(cpu).percpu_offset);
}

}  // namespace k::arch

#define HT_PER_CPU(T, name) [[gnu::section(".data.percpu")]] constinit T name = {}
#define HT_PER_CPU_DECLARE(T, name) extern T name
#define this_cpu(name) (::k::arch::this_cpu_reference(name))
#define on_cpu(name, cpu) (::k::arch::on_cpu_reference(name, cpu))

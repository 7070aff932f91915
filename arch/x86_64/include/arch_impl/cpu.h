/// x86-64 flavour of arch/include/arch/cpu.h.
#pragma once

#include <cstdint>

namespace k::arch {

inline std::uint64_t flags_register() {
  std::uint64_t f;
  asm volatile("pushfq; popq %0" : "=r"(f)::"memory");
  return f;
}
inline bool interrupts_enabled() { return (flags_register() & 0x200) != 0; }
inline void interrupts_enable() { asm volatile("sti" ::: "memory"); }
inline void interrupts_disable() { asm volatile("cli" ::: "memory"); }
inline std::uint64_t interrupts_save() {
  const std::uint64_t f = flags_register();
  interrupts_disable();
  return f;
}
inline void interrupts_restore(std::uint64_t f) {
  if ((f & 0x200) != 0) interrupts_enable();
}
inline void pause() { asm volatile("pause" ::: "memory"); }
/// `sti` takes effect after the next instruction, so no interrupt falls between the two.
inline void wait_for_interrupt() { asm volatile("sti; hlt" ::: "memory"); }
inline std::uint64_t cycles() {
  std::uint32_t low, high;
  asm volatile("rdtsc" : "=a"(low), "=d"(high));
  return (std::uint64_t{high} << 32) | low;
}

}  // namespace k::arch

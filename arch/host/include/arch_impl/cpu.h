/// Host flavour of arch/include/arch/cpu.h: interrupts are a per-thread flag.
#pragma once

#include <cstdint>

namespace k::arch {

inline thread_local bool host_interrupts_on = true;

inline bool interrupts_enabled() { return host_interrupts_on; }
inline void interrupts_enable() { host_interrupts_on = true; }
inline void interrupts_disable() { host_interrupts_on = false; }
inline std::uint64_t interrupts_save() {
  const bool was = host_interrupts_on;
  host_interrupts_on = false;
  return was ? 1 : 0;
}
inline void interrupts_restore(std::uint64_t state) { host_interrupts_on = state != 0; }
inline void pause() { __builtin_ia32_pause(); }
inline void wait_for_interrupt() { host_interrupts_on = true; }
inline std::uint64_t cycles() { return __builtin_ia32_rdtsc(); }

}  // namespace k::arch

/// The running CPU: interrupts, pausing, halting, feature bits, randomness.
///
/// Context     any unless said otherwise.
/// Source      Intel SDM volume 2 (instructions), volume 3 chapter 2 (control registers).
#pragma once

#include <cstddef>
#include <cstdint>

/// arch_impl provides, inline:
///   bool interrupts_enabled(); void interrupts_enable(); void interrupts_disable();
///   std::uint64_t interrupts_save()  (disables, returns the old state); void interrupts_restore(std::uint64_t);
///   void pause();                        one spin-loop hint
///   void wait_for_interrupt();           called with interrupts disabled; enables and halts in one step
///   std::uint64_t cycles();              the time-stamp counter
#include <arch_impl/cpu.h>

namespace k::arch {

/// Interrupts off for a scope, back to the former state after it.
class IrqOff {
 public:
  IrqOff() : saved_(interrupts_save()) {}
  ~IrqOff() { interrupts_restore(saved_); }
  IrqOff(const IrqOff&) = delete;
  IrqOff& operator=(const IrqOff&) = delete;

 private:
  std::uint64_t saved_;
};

/// Stops this CPU for good, interrupts off.
[[noreturn]] void halt_forever();
/// Entropy from the CPU (RDSEED, RDRAND, else the TSC's low bits); for the seed of kernel/lib/random, not for users.
std::uint64_t hardware_entropy();
/// The brand string of /proc/cpuinfo and its companions.
struct CpuIdentity {
  char vendor[13];
  char model_name[49];
  unsigned family, model, stepping;
};
CpuIdentity cpu_identity();
/// AT_HWCAP, AT_HWCAP2 of getauxval(3) and AT_MINSIGSTKSZ.
std::uint64_t hwcap();
std::uint64_t hwcap2();
std::uint64_t min_signal_stack();
/// Writes the "flags" line of /proc/cpuinfo into `out`, returns its length (truncated to `size`).
std::size_t cpu_flag_names(char* out, std::size_t size);

}  // namespace k::arch

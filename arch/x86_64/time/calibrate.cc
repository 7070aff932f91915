#include "arch/x86_64/time/calibrate.h"

#include "arch/include/arch/cpu.h"
#include "arch/include/arch/interrupts.h"
#include "arch/x86_64/apic/timer.h"
#include "arch/x86_64/cpu/cpuid.h"
#include "arch/x86_64/time/delay.h"
#include "arch/x86_64/time/reference.h"
#include "arch/x86_64/time/scale.h"

namespace k::arch {
namespace time {
namespace {

constinit std::uint64_t g_cycles_per_second = 0;

constexpr std::uint64_t kWindowsPerSecond = 250;  // a window of 4 ms
constexpr unsigned kReads = 8;

struct Sample {
  std::uint64_t reference, cycles;
};

/// Both clocks at one moment: of several reads, the one that took least.
Sample sample(const Reference& reference) {
  Sample best{};
  std::uint64_t shortest = ~std::uint64_t{0};
  for (unsigned i = 0; i < kReads; ++i) {
    const std::uint64_t before = cycles();
    const std::uint64_t value = reference.read();
    const std::uint64_t took = cycles() - before;
    if (took >= shortest) continue;
    shortest = took;
    best = {value, before + took / 2};
  }
  return best;
}

/// CPUID leaf 15H: the crystal's frequency and the TSC's ratio to it. Source: Intel SDM volume 3, 19.7.3.
std::uint64_t frequency_from_cpuid() {
  const Cpuid leaf = cpuid(0x15);
  if (leaf.eax == 0 || leaf.ebx == 0 || leaf.ecx == 0) return 0;
  return scale(leaf.ecx, leaf.ebx, leaf.eax);
}

}  // namespace

void calibrate() {
  const Reference reference = choose_reference();
  apic::start_counting();
  const Sample first = sample(reference);
  const std::uint32_t first_tick = apic::ticks_counted();
  const std::uint64_t window = reference.hertz / kWindowsPerSecond;
  while (((reference.read() - first.reference) & reference.mask) < window) pause();
  const Sample last = sample(reference);
  const std::uint32_t ticks = apic::ticks_counted() - first_tick;

  const std::uint64_t elapsed = (last.reference - first.reference) & reference.mask;
  const std::uint64_t measured = scale(last.cycles - first.cycles, reference.hertz, elapsed);
  const std::uint64_t told = frequency_from_cpuid();
  g_cycles_per_second = told != 0 ? told : measured;
  apic::set_timer_frequency(scale(ticks, reference.hertz, elapsed), measured);
}

}  // namespace time

std::uint64_t cycles_per_second() { return time::g_cycles_per_second; }

void delay_ns(std::uint64_t ns) {
  const std::uint64_t until = cycles() + time::scale(ns, cycles_per_second(), 1'000'000'000);
  while (cycles() < until) pause();
}

}  // namespace k::arch

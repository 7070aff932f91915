#include "arch/x86_64/apic/timer.h"

#include "arch/include/arch/cpu.h"
#include "arch/include/arch/interrupts.h"
#include "arch/x86_64/apic/local_apic.h"
#include "arch/x86_64/cpu/asm.h"
#include "arch/x86_64/cpu/features.h"
#include "arch/x86_64/cpu/msr.h"
#include "arch/x86_64/entry/idt.h"
#include "arch/x86_64/time/scale.h"

namespace k::arch {
namespace apic {
namespace {

constexpr std::uint32_t kDivideByOne = 0x0b, kMasked = 1 << 16, kDeadlineMode = 2 << 17;
constexpr std::uint32_t kMaxCount = 0xffff'ffff;

constinit std::uint64_t g_ticks_per_cycle = 0;  // as a fraction of 2^32

/// Ticks until `cycles` from now, rounded up so that the timer never fires early.
std::uint32_t ticks_for(std::uint64_t cycles) {
  const auto ticks = static_cast<unsigned __int128>(cycles) * g_ticks_per_cycle >> 32;
  return ticks >= kMaxCount ? kMaxCount : static_cast<std::uint32_t>(ticks) + 1;
}

}  // namespace

void enable_timer() {
  write(Reg::timer_divide, kDivideByOne);
  write(Reg::lvt_timer, kTimerVector | (g_features.tsc_deadline ? kDeadlineMode : 0));
  // The mode must be set before the first deadline. Source: SDM volume 3, 11.5.4.1.
  if (g_features.tsc_deadline) asm volatile("mfence" ::: "memory");
}

void set_timer_frequency(std::uint64_t ticks_per_second, std::uint64_t cycles_per_second) {
  g_ticks_per_cycle = time::scale(ticks_per_second, std::uint64_t{1} << 32, cycles_per_second);
}

void start_counting() {
  write(Reg::timer_divide, kDivideByOne);
  write(Reg::lvt_timer, kMasked | kTimerVector);
  write(Reg::timer_initial, kMaxCount);
}
std::uint32_t ticks_counted() { return kMaxCount - read(Reg::timer_current); }

}  // namespace apic

void timer_arm(std::uint64_t deadline_cycles) {
  if (g_features.tsc_deadline) {
    write_msr(MSR_TSC_DEADLINE, deadline_cycles);
    return;
  }
  std::uint32_t count = 0;
  if (deadline_cycles != 0) {
    const std::uint64_t now = cycles();
    count = deadline_cycles > now ? apic::ticks_for(deadline_cycles - now) : 1;
  }
  apic::write(apic::Reg::timer_initial, count);
}

}  // namespace k::arch

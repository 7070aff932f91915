#include "kernel/time/clock.h"

#include <linux/time.h>

#include <atomic>

#include "arch/include/arch/cpu.h"
#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/vdso.h"
#include "kernel/sync/spin/guarded.h"
#include "kernel/sync/wait_queue.h"

namespace k::time {
namespace {

/// Set once by init_clock; read without a lock ever after.
struct Scale {
  std::uint64_t base_cycles = 0;
  std::uint64_t ns_mult = 0;     // ns = cycles * ns_mult >> 32
  std::uint64_t cycle_mult = 0;  // cycles = ns * cycle_mult >> 32
};
constexpr unsigned kShift = arch::kVdsoShift;
/// The clocks that are the monotonic one plus an offset; those that never differ from it keep the offset 0.
constexpr std::uint32_t kVdsoServes = 1u << CLOCK_REALTIME | 1u << CLOCK_REALTIME_COARSE | 1u << CLOCK_MONOTONIC |
                                      1u << CLOCK_MONOTONIC_COARSE | 1u << CLOCK_MONOTONIC_RAW | 1u << CLOCK_BOOTTIME;
constinit Scale scale;
constinit std::atomic<std::int64_t> realtime_offset{0};
constinit std::int64_t boot_seconds = 0;
constinit std::atomic<std::uint64_t> set_count{0};
constinit sync::WaitQueue set_waiters;
constinit std::atomic<void (*)()> set_hook{nullptr};

std::uint64_t multiply_shift(std::uint64_t a, std::uint64_t mult) {
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(a) * mult >> kShift);
}

void publish_to_vdso() {
  static constinit sync::Spin<sync::Rank::device_list> writers;
  sync::LockHeld held{writers};
  arch::VdsoData& data = arch::vdso_data();
  std::atomic_ref sequence{data.sequence};
  std::atomic_ref served{data.served};
  // Readers that come now see that nothing is served, readers that came before see the number change.
  served.store(0, std::memory_order_relaxed);
  sequence.store(data.sequence + 1, std::memory_order_release);
  std::atomic_thread_fence(std::memory_order_release);
  data.mult = scale.ns_mult;
  data.base_cycles = scale.base_cycles;
  for (const unsigned clock : {CLOCK_REALTIME, CLOCK_REALTIME_COARSE})
    data.offset_ns[clock] = realtime_offset.load(std::memory_order_relaxed);
  served.store(kVdsoServes, std::memory_order_release);
}

}  // namespace

void init_clock() {
  const auto frequency = static_cast<unsigned __int128>(arch::cycles_per_second());
  scale.ns_mult = static_cast<std::uint64_t>((static_cast<unsigned __int128>(kNsPerSecond) << kShift) / frequency);
  scale.cycle_mult = static_cast<std::uint64_t>((frequency << kShift) / kNsPerSecond);
  scale.base_cycles = arch::cycles();
  boot_seconds = arch::rtc_seconds();
  realtime_offset.store(boot_seconds * static_cast<std::int64_t>(kNsPerSecond), std::memory_order_relaxed);
  publish_to_vdso();
}

std::uint64_t cycles_to_ns(std::uint64_t cycles) { return multiply_shift(cycles, scale.ns_mult); }

std::uint64_t ns_to_cycles(std::uint64_t ns) {
  const auto cycles = static_cast<unsigned __int128>(ns) * scale.cycle_mult >> kShift;
  constexpr std::uint64_t kMost = ~std::uint64_t{0};
  return cycles > kMost ? kMost : static_cast<std::uint64_t>(cycles);
}

std::uint64_t monotonic_ns() { return multiply_shift(arch::cycles() - scale.base_cycles, scale.ns_mult); }

std::uint64_t monotonic_to_cycles(std::uint64_t ns) {
  // Relative to now: over a long uptime the two scales' rounding would show.
  const std::uint64_t now = arch::cycles();
  const std::uint64_t now_ns = multiply_shift(now - scale.base_cycles, scale.ns_mult);
  if (ns <= now_ns) return now;
  // One more, so that the clock has reached `ns` when the counter has.
  const std::uint64_t at = now + ns_to_cycles(ns - now_ns) + 1;
  return at < now ? ~std::uint64_t{0} : at;
}

std::int64_t realtime_offset_ns() { return realtime_offset.load(std::memory_order_relaxed); }
std::int64_t realtime_ns() { return static_cast<std::int64_t>(monotonic_ns()) + realtime_offset_ns(); }
std::uint64_t boottime_ns() { return monotonic_ns(); }
std::int64_t boot_epoch_seconds() { return realtime_offset_ns() / static_cast<std::int64_t>(kNsPerSecond); }

void set_realtime(std::int64_t ns) {
  realtime_offset.store(ns - static_cast<std::int64_t>(monotonic_ns()), std::memory_order_relaxed);
  publish_to_vdso();
  set_count.fetch_add(1);
  set_waiters.wake_all();
  if (const auto hook = set_hook.load(std::memory_order_acquire)) hook();
}
void on_clock_set(void (*hook)()) { set_hook.store(hook, std::memory_order_release); }
std::uint64_t clock_set_count() { return set_count.load(); }
sync::WaitQueue& clock_set_waiters() { return set_waiters; }

Deadline realtime_deadline(std::int64_t ns) {
  const std::int64_t monotonic = ns - realtime_offset_ns();
  return Deadline::at(monotonic < 0 ? 0 : static_cast<std::uint64_t>(monotonic));
}

}  // namespace k::time

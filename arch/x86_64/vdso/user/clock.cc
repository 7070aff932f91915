// clock_gettime, gettimeofday and time without entering the kernel.
//
// The kernel gives a base and a multiplier for the time-stamp counter under a sequence number. A reader that saw it change, or that
// comes while the kernel writes (no clock is served), asks the kernel, as it does for the clocks of threads and processes.
// Source: vdso(7), clock_gettime(2).
#include <asm/unistd_64.h>
#include <linux/time.h>
#include <linux/time_types.h>

#include "arch/x86_64/vdso/user/data.h"

namespace vdso {
namespace {

using k::arch::VdsoData;
constexpr std::uint64_t kNsPerSecond = 1'000'000'000, kNsPerMicrosecond = 1'000;

/// LFENCE keeps the counter from being read before the sequence number. RDTSC clears the upper halves.
std::uint64_t ordered_cycles() {
  std::uint64_t cycles;
  asm volatile("lfence; rdtsc; shlq $32, %%rdx; orq %%rdx, %%rax" : "=a"(cycles)::"rdx", "cc", "memory");
  return cycles;
}

/// False when the clock is not served, or not now.
bool read_clock(unsigned clock, std::uint64_t& ns) {
  const VdsoData& data = page().time;
  const std::uint32_t sequence = __atomic_load_n(&data.sequence, __ATOMIC_ACQUIRE);
  if (clock >= k::arch::kVdsoClocks || (data.served >> clock & 1) == 0) [[unlikely]]
    return false;
  const std::uint64_t cycles = ordered_cycles() - data.base_cycles;
  const std::uint64_t mult = data.mult;
  const auto offset = static_cast<std::uint64_t>(data.offset_ns[clock]);
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  if (__atomic_load_n(&data.sequence, __ATOMIC_RELAXED) != sequence) [[unlikely]]
    return false;
  ns = static_cast<std::uint64_t>(static_cast<unsigned __int128>(cycles) * mult >> k::arch::kVdsoShift) + offset;
  return true;
}

}  // namespace

extern "C" {

[[gnu::visibility("default")]] int __vdso_clock_gettime(int clock, uapi::__kernel_timespec* out) {
  if (std::uint64_t ns; read_clock(static_cast<unsigned>(clock), ns)) [[likely]] {
    out->tv_sec = static_cast<long long>(ns / kNsPerSecond);
    out->tv_nsec = static_cast<long long>(ns % kNsPerSecond);
    return 0;
  }
  return static_cast<int>(call_kernel(__NR_clock_gettime, clock, reinterpret_cast<long>(out)));
}

[[gnu::visibility("default")]] int __vdso_gettimeofday(uapi::__kernel_old_timeval* time, uapi::timezone* zone) {
  std::uint64_t ns;
  if (!read_clock(CLOCK_REALTIME, ns)) [[unlikely]] {
    return static_cast<int>(call_kernel(__NR_gettimeofday, reinterpret_cast<long>(time), reinterpret_cast<long>(zone)));
  }
  if (time != nullptr) {
    time->tv_sec = static_cast<long>(ns / kNsPerSecond);
    time->tv_usec = static_cast<long>(ns % kNsPerSecond / kNsPerMicrosecond);
  }
  if (zone != nullptr) *zone = {};
  return 0;
}

[[gnu::visibility("default")]] long __vdso_time(long* out) {
  std::uint64_t ns;
  if (!read_clock(CLOCK_REALTIME, ns)) [[unlikely]]
    return call_kernel(__NR_time, reinterpret_cast<long>(out));
  const auto seconds = static_cast<long>(ns / kNsPerSecond);
  if (out != nullptr) *out = seconds;
  return seconds;
}

[[gnu::visibility("default"), gnu::weak, gnu::alias("__vdso_clock_gettime")]] int clock_gettime(
    int, uapi::__kernel_timespec*);
[[gnu::visibility("default"), gnu::weak, gnu::alias("__vdso_gettimeofday")]] int gettimeofday(
    uapi::__kernel_old_timeval*, uapi::timezone*);
[[gnu::visibility("default"), gnu::weak, gnu::alias("__vdso_time")]] long time(long*);
}

}  // namespace vdso

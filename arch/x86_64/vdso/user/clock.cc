// clock_gettime, gettimeofday and time without entering the kernel.
//
// The kernel gives a base and a multiplier for the time-stamp counter under a sequence count; a reader that saw it odd or changing
// tries again. Clocks that depend on the calling thread or process go to the kernel. Source: vdso(7), clock_gettime(2).
#include <asm/unistd_64.h>
#include <linux/time.h>
#include <linux/time_types.h>

#include "arch/x86_64/vdso/user/data.h"

namespace vdso {
namespace {

using k::arch::VdsoData;
constexpr std::uint64_t kNsPerSecond = 1'000'000'000, kNsPerMicrosecond = 1'000;

/// LFENCE keeps the counter from being read before the sequence count.
std::uint64_t ordered_cycles() {
  std::uint32_t low, high;
  asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
  return std::uint64_t{high} << 32 | low;
}

std::uint32_t begin_read(const VdsoData& data) {
  std::uint32_t sequence;
  while (((sequence = __atomic_load_n(&data.sequence, __ATOMIC_ACQUIRE)) & 1) != 0) asm volatile("pause");
  return sequence;
}
bool changed(const VdsoData& data, std::uint32_t sequence) {
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  return __atomic_load_n(&data.sequence, __ATOMIC_RELAXED) != sequence;
}

/// Nanoseconds on the monotonic clock. Another CPU's counter may be a little behind the base.
std::uint64_t monotonic(const VdsoData& data) {
  const std::uint64_t now = ordered_cycles();
  const std::uint64_t cycles = now > data.base_cycles ? now - data.base_cycles : 0;
  return data.base_monotonic_ns +
         static_cast<std::uint64_t>((static_cast<unsigned __int128>(cycles) * data.mult) >> data.shift);
}

/// Monotonic time plus one of the offsets, or no offset.
template <auto Offset>
std::uint64_t read_clock() {
  const VdsoData& data = page().time;
  std::uint64_t ns;
  std::uint32_t sequence;
  do {
    sequence = begin_read(data);
    ns = monotonic(data);
    if constexpr (Offset != nullptr) ns += static_cast<std::uint64_t>(data.*Offset);
  } while (changed(data, sequence));
  return ns;
}
constexpr std::uint64_t VdsoData::* kNoOffset = nullptr;

bool ready() { return page().time.mult != 0; }

int to_timespec(std::uint64_t ns, uapi::__kernel_timespec* out) {
  out->tv_sec = static_cast<long long>(ns / kNsPerSecond);
  out->tv_nsec = static_cast<long long>(ns % kNsPerSecond);
  return 0;
}

}  // namespace

extern "C" {

[[gnu::visibility("default")]] int __vdso_clock_gettime(int clock, uapi::__kernel_timespec* out) {
  if (ready()) [[likely]] {
    switch (clock) {
      case CLOCK_REALTIME:
      case CLOCK_REALTIME_COARSE:
        return to_timespec(read_clock<&VdsoData::realtime_offset_ns>(), out);
      case CLOCK_MONOTONIC:
      case CLOCK_MONOTONIC_COARSE:
      case CLOCK_MONOTONIC_RAW:
        return to_timespec(read_clock<kNoOffset>(), out);
      case CLOCK_BOOTTIME:
        return to_timespec(read_clock<&VdsoData::boottime_offset_ns>(), out);
      default:
        break;
    }
  }
  return static_cast<int>(call_kernel(__NR_clock_gettime, clock, reinterpret_cast<long>(out)));
}

[[gnu::visibility("default")]] int __vdso_gettimeofday(uapi::__kernel_old_timeval* time, uapi::timezone* zone) {
  if (!ready()) [[unlikely]] {
    return static_cast<int>(call_kernel(__NR_gettimeofday, reinterpret_cast<long>(time), reinterpret_cast<long>(zone)));
  }
  if (time != nullptr) {
    const std::uint64_t ns = read_clock<&VdsoData::realtime_offset_ns>();
    time->tv_sec = static_cast<long>(ns / kNsPerSecond);
    time->tv_usec = static_cast<long>(ns % kNsPerSecond / kNsPerMicrosecond);
  }
  if (zone != nullptr) *zone = {};
  return 0;
}

[[gnu::visibility("default")]] long __vdso_time(long* out) {
  if (!ready()) [[unlikely]]
    return call_kernel(__NR_time, reinterpret_cast<long>(out));
  const auto seconds = static_cast<long>(read_clock<&VdsoData::realtime_offset_ns>() / kNsPerSecond);
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

// Reading and setting clocks. Programs that use the vDSO come here only for CPU-time clocks.
#include <linux/capability.h>

#include "kernel/sync/wait_queue.h"
#include "kernel/task/cpu_time_clock.h"
#include "kernel/time/clock.h"
#include "syscalls/calls_time.h"
#include "syscalls/encode_usage.h"
#include "syscalls/time_convert.h"

namespace k::sys {
namespace {

constexpr std::uint64_t kCoarseResolutionNs = 4'000'000;  // Linux's with a tick of 250 Hz

/// One whose owner ended since it was found is no clock any more.
Result<std::uint64_t> read_cpu_clock(Task& self, int clock) {
  const auto now = TRY(task::CpuTimeClock::find(self, clock)).read();
  if (!now) return err(Errno::inval);
  return now;
}

Result<std::uint64_t> read_clock(Task& self, int clock) {
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI:
      return static_cast<std::uint64_t>(time::realtime_ns());
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
      return time::monotonic_ns();
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM:
      return time::boottime_ns();
    case CLOCK_THREAD_CPUTIME_ID:
      return sched::cpu_time_ns(self);
    default:
      return read_cpu_clock(self, clock);
  }
}

Result<void> set_clock(Task& self, std::uint64_t ns) {
  if (!self.creds().has(CAP_SYS_TIME)) return err(Errno::perm);
  // Boot cannot have been before 1970.
  if (ns < time::monotonic_ns()) return err(Errno::inval);
  time::set_realtime(static_cast<std::int64_t>(ns));
  return {};
}

/// The kernel's time zone of settimeofday(2): kept for gettimeofday(2), used by nothing.
constinit std::atomic<std::uint64_t> g_timezone{0};

}  // namespace

Result<void> clock_gettime(Task& self, int clock, UserOut<__kernel_timespec> time) {
  return time.write(timespec_of(TRY(read_clock(self, clock))));
}

Result<void> clock_settime(Task& self, int clock, UserIn<__kernel_timespec> time) {
  if (clock < 0) {
    TRY(time.read());
    TRY(task::CpuTimeClock::find(self, clock));
    return err(Errno::perm);  // nobody sets what was used
  }
  if (clock != CLOCK_REALTIME) return err(Errno::inval);
  return set_clock(self, TRY(to_ns(TRY(time.read()))));
}

Result<void> clock_getres(Task& self, int clock, UserOut<__kernel_timespec> resolution) {
  (void)TRY(read_clock(self, clock));
  if (resolution.is_null()) return {};
  const bool coarse = clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;
  return resolution.write(timespec_of(coarse ? kCoarseResolutionNs : 1));
}

Result<void> gettimeofday(Task&, UserOut<__kernel_old_timeval> time, UserOut<uapi::timezone> zone) {
  if (!time.is_null()) TRY(time.write(timeval_of(static_cast<std::uint64_t>(time::realtime_ns()))));
  if (!zone.is_null()) TRY(zone.write(std::bit_cast<uapi::timezone>(g_timezone.load(std::memory_order_relaxed))));
  return {};
}

Result<void> settimeofday(Task& self, UserIn<__kernel_old_timeval> time, UserIn<uapi::timezone> zone) {
  std::uint64_t ns = 0;
  if (!time.is_null()) ns = TRY(to_ns(TRY(time.read())));
  uapi::timezone given{};
  if (!zone.is_null()) given = TRY(zone.read());
  if (!self.creds().has(CAP_SYS_TIME)) return err(Errno::perm);
  constexpr int kMostMinutes = 15 * 60;
  if (given.tz_minuteswest > kMostMinutes || given.tz_minuteswest < -kMostMinutes) return err(Errno::inval);
  if (!zone.is_null()) g_timezone.store(std::bit_cast<std::uint64_t>(given), std::memory_order_relaxed);
  if (!time.is_null()) TRY(set_clock(self, ns));
  return {};
}

Result<std::int64_t> time(Task&, UserOut<std::int64_t> seconds) {
  const std::int64_t now = time::realtime_ns() / static_cast<std::int64_t>(time::kNsPerSecond);
  if (!seconds.is_null()) TRY(seconds.write(now));
  return now;
}

}  // namespace k::sys

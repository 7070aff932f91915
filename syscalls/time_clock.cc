// Reading and setting clocks. Programs that use the vDSO come here only for CPU-time clocks.
#include <linux/capability.h>

#include "kernel/sync/wait_queue.h"
#include "kernel/task/process.h"
#include "kernel/task/process_usage.h"
#include "kernel/time/clock.h"
#include "syscalls/calls_time.h"
#include "syscalls/encode_usage.h"
#include "syscalls/time_convert.h"

namespace k::sys {
namespace {

constexpr std::uint64_t kCoarseResolutionNs = 4'000'000;  // Linux's with a tick of 250 Hz

/// A clock number that names a process or thread: ~id << 3, 4 for a thread, and which time it counts.
/// Source: clock_getcpuclockid(3); Linux's <linux/posix-timers.h>.
struct CpuClockNumber {
  std::int32_t id;
  bool is_thread;
  unsigned counts;  // 0 user and system, 1 user, 2 all by the scheduler's clock
  explicit CpuClockNumber(int clock)
      : id(~(clock >> 3)), is_thread((clock & 4) != 0), counts(static_cast<unsigned>(clock) & 3) {}
};

std::uint64_t counted(unsigned what, std::uint64_t user_ns, std::uint64_t system_ns) {
  return what == 1 ? user_ns : user_ns + system_ns;
}

/// Threads of other processes have no clock that the caller may read.
Result<std::uint64_t> thread_time(Task& self, const CpuClockNumber& clock) {
  const sync::rcu::ReadGuard reading;
  const Task* const thread = clock.id == 0 ? &self : task::find_task(clock.id);
  if (thread == nullptr || &thread->process() != &self.process()) return err(Errno::inval);
  if (clock.counts == 2) return sched::cpu_time_ns(*thread);
  const sched::CpuTime time = sched::cpu_time(*thread);
  return counted(clock.counts, time.user_ns, time.system_ns);
}

Result<std::uint64_t> process_time(Task& self, const CpuClockNumber& clock) {
  RefOrNull<task::Process> process = RefOrNull<task::Process>::share(&self.process());
  if (clock.id != 0) {
    const sync::rcu::ReadGuard reading;
    task::Process* const found = task::find_process(clock.id);
    process = found != nullptr && found->try_ref() ? RefOrNull<task::Process>::adopt(found) : nullptr;
  }
  if (!process) return err(Errno::inval);
  const task::Usage usage = task::process_usage(*process);
  return counted(clock.counts, usage.user_ns, usage.system_ns);
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
    case CLOCK_PROCESS_CPUTIME_ID:
      return process_time(self, CpuClockNumber{~0 << 3 | 2});
    case CLOCK_THREAD_CPUTIME_ID:
      return sched::cpu_time_ns(self);
    default:
      break;
  }
  const CpuClockNumber cpu{clock};
  if (clock >= 0 || cpu.counts == 3) return err(Errno::inval);
  return cpu.is_thread ? thread_time(self, cpu) : process_time(self, cpu);
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

#include <linux/capability.h>

#include "kernel/task/cpu_time_clock.h"
#include "kernel/time/clock.h"
#include "kernel/time/sleep.h"
#include "syscalls/calls_time.h"
#include "syscalls/time_convert.h"

namespace k::sys {
namespace {

using task::RestartBlock;

/// A relative sleep ended by a signal: tells what is left and how restart_syscall(2) goes on.
Result<void> interrupted_at(Task& self, Deadline deadline, UserOut<__kernel_timespec> left,
                            Result<std::int64_t> (*resume)(Task&, RestartBlock&)) {
  self.restart_block = {resume, {deadline.ns(), left.address().value}};
  if (!left.is_null()) TRY(left.write(timespec_of(deadline.remaining_ns())));
  return err(Errno::interrupted);
}

Result<void> sleep_monotonic(Task& self, Deadline deadline, UserOut<__kernel_timespec> left) {
  const auto resume = [](Task& task, RestartBlock& block) -> Result<std::int64_t> {
    TRY(sleep_monotonic(task, Deadline::at(block.words[0]), UserOut<__kernel_timespec>{UserAddr{block.words[1]}}));
    return 0;
  };
  if (time::sleep_until(deadline)) return {};
  return interrupted_at(self, deadline, left, resume);
}

Result<void> sleep_until_monotonic(Task& self, std::uint64_t ns) {
  const auto resume = [](Task& task, RestartBlock& block) -> Result<std::int64_t> {
    TRY(sleep_until_monotonic(task, block.words[0]));
    return 0;
  };
  if (time::sleep_until(Deadline::at(ns))) return {};
  self.restart_block = {resume, {ns}};
  return err(Errno::interrupted);
}

Result<void> sleep_until_realtime(Task& self, std::uint64_t ns) {
  const auto resume = [](Task& task, RestartBlock& block) -> Result<std::int64_t> {
    TRY(sleep_until_realtime(task, block.words[0]));
    return 0;
  };
  if (time::sleep_until_realtime(static_cast<std::int64_t>(ns))) return {};
  self.restart_block = {resume, {ns}};
  return err(Errno::interrupted);
}

/// The owner of a CPU-time clock that has ended uses no more: only a signal ends the sleep.
std::uint64_t time_until(const task::CpuTimeClock& clock, std::uint64_t target) {
  const auto used = clock.read();
  if (!used) return UINT64_MAX;
  return target > *used ? target - *used : 0;
}

/// Until the clock's owner has used `target`. It is looked at now and then: that cannot pass faster than on all CPUs together.
Result<void> sleep_until_cpu_time(Task& self, int number, std::uint64_t target, UserOut<__kernel_timespec> left) {
  const auto resume = [](Task& task, RestartBlock& block) -> Result<std::int64_t> {
    TRY(sleep_until_cpu_time(task, static_cast<int>(block.words[2]), block.words[0],
                             UserOut<__kernel_timespec>{UserAddr{block.words[1]}}));
    return 0;
  };
  constexpr std::uint64_t kShortest = 1'000'000;
  const auto clock = TRY(task::CpuTimeClock::find(self, number));
  for (;;) {
    const std::uint64_t missing = time_until(clock, target);
    if (missing == 0) return {};
    if (time::sleep_until(Deadline::after(std::max(missing / arch::cpu_count(), kShortest)))) continue;
    self.restart_block = {resume, {target, left.address().value, static_cast<std::uint32_t>(number)}};
    if (!left.is_null()) TRY(left.write(timespec_of(missing)));
    return err(Errno::interrupted);
  }
}

/// The caller's own thread uses nothing while it sleeps.
bool is_own_thread(const Task& self, int number) {
  if (number >= 0 || (number & 4) == 0) return false;
  const task::pid_t thread = ~(number >> 3);
  return thread == 0 || thread == self.tid();
}

Result<void> sleep_by_cpu_time(Task& self, int number, bool absolute, std::uint64_t ns,
                               UserOut<__kernel_timespec> left) {
  if (is_own_thread(self, number)) return err(Errno::inval);
  const auto clock = TRY(task::CpuTimeClock::find(self, number));
  if (absolute) return sleep_until_cpu_time(self, number, ns, left);
  const auto used = clock.read();
  if (!used) return err(Errno::inval);
  return sleep_until_cpu_time(self, number, *used + ns, left);
}

/// Clocks that would wake the machine, which never sleeps.
bool is_alarm_clock(int clock) { return clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM; }

Result<void> check_clock(int clock) {
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_TAI:
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME:
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_BOOTTIME_ALARM:
      return {};
    case CLOCK_THREAD_CPUTIME_ID:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_MONOTONIC_COARSE:
      return err(Errno::opnotsupp);
    default:
      if (clock >= 0) return err(Errno::inval);
      return task::CpuTimeClock::is_dynamic(clock) ? Result<void>{err(Errno::opnotsupp)} : Result<void>{};
  }
}

}  // namespace

Result<void> nanosleep(Task& self, UserIn<__kernel_timespec> request, UserOut<__kernel_timespec> left) {
  return sleep_monotonic(self, Deadline::after(TRY(to_ns(TRY(request.read())))), left);
}

Result<void> clock_nanosleep(Task& self, int clock, int flags, UserIn<__kernel_timespec> request,
                             UserOut<__kernel_timespec> left) {
  TRY(check_clock(clock));
  const std::uint64_t ns = TRY(to_ns(TRY(request.read())));
  if (is_alarm_clock(clock)) {
    if ((flags & ~TIMER_ABSTIME) != 0) return err(Errno::inval);
    if (!self.creds().has(CAP_WAKE_ALARM)) return err(Errno::perm);
  }
  const bool absolute = (flags & TIMER_ABSTIME) != 0;
  // An absolute sleep leaves nothing to tell.
  const UserOut<__kernel_timespec> tell = absolute ? UserOut<__kernel_timespec>{} : left;
  if (clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID) return sleep_by_cpu_time(self, clock, absolute, ns, tell);
  if (!absolute) return sleep_monotonic(self, Deadline::after(ns), tell);
  if (clock == CLOCK_REALTIME || clock == CLOCK_TAI || clock == CLOCK_REALTIME_ALARM)
    return sleep_until_realtime(self, ns);
  return sleep_until_monotonic(self, ns);
}

}  // namespace k::sys

#include "kernel/task/process.h"
#include "kernel/task/process_usage.h"
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

/// Until the process has used `target` of CPU time. Its other threads use it up: it cannot pass faster than all CPUs together.
Result<void> sleep_until_cpu_time(Task& self, std::uint64_t target, UserOut<__kernel_timespec> left) {
  const auto resume = [](Task& task, RestartBlock& block) -> Result<std::int64_t> {
    TRY(sleep_until_cpu_time(task, block.words[0], UserOut<__kernel_timespec>{UserAddr{block.words[1]}}));
    return 0;
  };
  constexpr std::uint64_t kShortest = 1'000'000;
  for (;;) {
    const task::Usage usage = task::process_usage(self.process());
    const std::uint64_t used = usage.user_ns + usage.system_ns;
    if (used >= target) return {};
    const std::uint64_t wait = std::max((target - used) / arch::cpu_count(), kShortest);
    if (time::sleep_until(Deadline::after(wait))) continue;
    self.restart_block = {resume, {target, left.address().value}};
    if (!left.is_null()) TRY(left.write(timespec_of(target - used)));
    return err(Errno::interrupted);
  }
}

Result<void> sleep_by_cpu_time(Task& self, bool absolute, std::uint64_t ns, UserOut<__kernel_timespec> left) {
  const task::Usage usage = task::process_usage(self.process());
  return sleep_until_cpu_time(self, absolute ? ns : usage.user_ns + usage.system_ns + ns, left);
}

}  // namespace

Result<void> nanosleep(Task& self, UserIn<__kernel_timespec> request, UserOut<__kernel_timespec> left) {
  return sleep_monotonic(self, Deadline::after(TRY(to_ns(TRY(request.read())))), left);
}

Result<void> clock_nanosleep(Task& self, int clock, int flags, UserIn<__kernel_timespec> request,
                             UserOut<__kernel_timespec> left) {
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_TAI:
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME:
    case CLOCK_PROCESS_CPUTIME_ID:
      break;
    case CLOCK_THREAD_CPUTIME_ID:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_BOOTTIME_ALARM:
      return err(Errno::opnotsupp);
    default:
      return err(Errno::inval);
  }
  const std::uint64_t ns = TRY(to_ns(TRY(request.read())));
  const bool absolute = (flags & TIMER_ABSTIME) != 0;
  // An absolute sleep leaves nothing to tell.
  const UserOut<__kernel_timespec> tell = absolute ? UserOut<__kernel_timespec>{} : left;
  if (clock == CLOCK_PROCESS_CPUTIME_ID) return sleep_by_cpu_time(self, absolute, ns, tell);
  if (!absolute) return sleep_monotonic(self, Deadline::after(ns), tell);
  if (clock == CLOCK_REALTIME || clock == CLOCK_TAI) return sleep_until_realtime(self, ns);
  return sleep_until_monotonic(self, ns);
}

}  // namespace k::sys

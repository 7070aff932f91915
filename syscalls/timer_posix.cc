// timer_create, timer_settime, timer_gettime, timer_getoverrun, timer_delete.
#include <linux/capability.h>

#include "kernel/task/posix_timer.h"
#include "syscalls/calls_timer.h"
#include "syscalls/signal_event.h"
#include "syscalls/time_convert.h"

namespace k::sys {
namespace {

using task::PosixTimer;
using task::TimerBase;
using task::TimerRequest;

Result<void> choose_clock(Task& self, int clock, TimerRequest& request) {
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI:
      request.base = TimerBase::realtime;
      return {};
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM:
      request.base = TimerBase::monotonic;
      return {};
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_MONOTONIC_COARSE:
      return err(Errno::opnotsupp);
    default:
      if (task::CpuTimeClock::is_dynamic(clock)) return err(Errno::opnotsupp);
      request.base = TimerBase::cpu;
      request.cpu_clock = TRY(task::CpuTimeClock::find(self, clock));
      return {};
  }
}

Result<void> choose_thread(const Task& self, std::int32_t number, TimerRequest& request) {
  const sync::rcu::ReadGuard reading;
  const Task* const thread = task::find_task(number);
  if (thread == nullptr || &thread->process() != &self.process()) return err(Errno::inval);
  request.thread = thread->pid;
  return {};
}

Result<void> choose_event(const Task& self, const SignalEvent& event, TimerRequest& request) {
  request.value = event.value;
  switch (event.notify) {
    case SIGEV_NONE:
      return {};
    case SIGEV_SIGNAL | SIGEV_THREAD_ID:
      TRY(choose_thread(self, event.thread, request));
      break;
    case SIGEV_SIGNAL:
    case SIGEV_THREAD:  // the C library's affair; to the kernel a signal
      break;
    default:
      return err(Errno::inval);
  }
  if (!task::is_signal(event.signal)) return err(Errno::inval);
  request.signal = event.signal;
  return {};
}

Result<PosixTimer::Setting> setting_of(const uapi::__kernel_itimerspec& given) {
  const std::uint64_t left = TRY(to_ns(given.it_value));
  return PosixTimer::Setting{left, TRY(to_ns(given.it_interval))};
}

uapi::__kernel_itimerspec encode(const PosixTimer::Setting& setting) {
  return {.it_interval = timespec_of(setting.interval), .it_value = timespec_of(setting.left)};
}

}  // namespace

Result<void> timer_create(Task& self, int clock, UserAddr event, UserOut<std::int32_t> id) {
  TimerRequest request;
  std::optional<SignalEvent> given;
  if (event.value != 0) given = TRY(UserIn<SignalEvent>{event}.read());
  TRY(choose_clock(self, clock, request));
  if (given) {
    TRY(choose_event(self, *given, request));
  } else {
    request.signal = SIGALRM;
  }
  const bool wakes = clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM;
  if (wakes && !self.creds().has(CAP_WAKE_ALARM)) return err(Errno::perm);
  const auto timer = TRY(PosixTimer::create(self, request));
  const auto told = id.write(timer->id());
  if (!told) (void)timer->remove();
  return told;
}

Result<void> timer_settime(Task& self, std::int32_t id, int flags, UserIn<uapi::__kernel_itimerspec> setting,
                           UserOut<uapi::__kernel_itimerspec> former) {
  if (setting.is_null()) return err(Errno::inval);
  const auto wanted = TRY(setting_of(TRY(setting.read())));
  const auto timer = TRY(PosixTimer::find(self.process(), id));
  const auto when = (flags & TIMER_ABSTIME) != 0 ? PosixTimer::When::absolute : PosixTimer::When::relative;
  const auto before = TRY(timer->set(when, wanted));
  if (former.is_null()) return {};
  return former.write(encode(before));
}

Result<void> timer_gettime(Task& self, std::int32_t id, UserOut<uapi::__kernel_itimerspec> setting) {
  return setting.write(encode(TRY(PosixTimer::find(self.process(), id))->read()));
}

Result<int> timer_getoverrun(Task& self, std::int32_t id) {
  return TRY(PosixTimer::find(self.process(), id))->overruns();
}

Result<void> timer_delete(Task& self, std::int32_t id) { return TRY(PosixTimer::find(self.process(), id))->remove(); }

}  // namespace k::sys

#include <algorithm>

#include "kernel/task/process.h"
#include "syscalls/calls_signal.h"
#include "syscalls/encode_usage.h"

namespace k::sys {
namespace {

using task::CpuClock;
using task::IntervalTimers;
using task::TimerSetting;

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
constexpr std::uint64_t kMaxSeconds = 9'000'000'000;  // fits in 64 bits of nanoseconds

template <class Timeval>
Result<std::uint64_t> to_ns(const Timeval& t) {
  if (t.tv_sec < 0 || t.tv_usec < 0 || t.tv_usec >= 1'000'000) return err(Errno::inval);
  return std::min<std::uint64_t>(static_cast<std::uint64_t>(t.tv_sec), kMaxSeconds) * kNsPerSecond +
         static_cast<std::uint64_t>(t.tv_usec) * 1000;
}

uapi::itimerval encode(const TimerSetting& setting) {
  // What is left is rounded up, so that an armed timer never reads as zero.
  const auto left = timeval_of(setting.left_ns + 999);
  const auto interval = timeval_of(setting.interval_ns);
  uapi::itimerval out{};
  out.it_value = {left.tv_sec, left.tv_usec};
  out.it_interval = {interval.tv_sec, interval.tv_usec};
  return out;
}

Result<TimerSetting> exchange(Task& self, int which, TimerSetting setting) {
  IntervalTimers& timers = self.process().timers;
  switch (which) {
    case ITIMER_REAL:
      return timers.set_real(setting);
    case ITIMER_VIRTUAL:
      return timers.set_cpu(CpuClock::user, setting);
    case ITIMER_PROF:
      return timers.set_cpu(CpuClock::all, setting);
    default:
      return err(Errno::inval);
  }
}

}  // namespace

Result<void> setitimer(Task& self, int which, UserIn<uapi::itimerval> value, UserOut<uapi::itimerval> former) {
  TimerSetting setting;
  if (!value.is_null()) {
    const uapi::itimerval given = TRY(value.read());
    setting.left_ns = TRY(to_ns(given.it_value));
    setting.interval_ns = TRY(to_ns(given.it_interval));
  }
  const TimerSetting before = TRY(exchange(self, which, setting));
  if (!former.is_null()) TRY(former.write(encode(before)));
  return {};
}

Result<void> getitimer(Task& self, int which, UserOut<uapi::itimerval> value) {
  const IntervalTimers& timers = self.process().timers;
  TimerSetting now;
  switch (which) {
    case ITIMER_REAL:
      now = timers.real();
      break;
    case ITIMER_VIRTUAL:
      now = timers.cpu(CpuClock::user);
      break;
    case ITIMER_PROF:
      now = timers.cpu(CpuClock::all);
      break;
    default:
      return err(Errno::inval);
  }
  return value.write(encode(now));
}

std::uint32_t alarm(Task& self, std::uint32_t seconds) {
  const TimerSetting before = self.process().timers.set_real({seconds * kNsPerSecond, 0});
  const std::uint64_t left = before.left_ns;
  // Rounded to the nearest second, but never to "none".
  const std::uint64_t whole = left / kNsPerSecond + (left % kNsPerSecond >= kNsPerSecond / 2 ? 1 : 0);
  return static_cast<std::uint32_t>(left != 0 && whole == 0 ? 1 : whole);
}

}  // namespace k::sys

#include "kernel/task/timer_schedule.h"

#include <algorithm>

namespace k::task {

void TimerSchedule::arm(std::uint64_t due, std::uint64_t interval) {
  disarm();
  due_ = due;
  interval_ = interval;
  running_ = true;
}

/// Past every multiple of the interval that has come.
void TimerSchedule::pass(std::uint64_t now) {
  if (now < due_) return;
  const std::uint64_t times = (now - due_) / interval_ + 1;
  due_ = times > (UINT64_MAX - due_) / interval_ ? UINT64_MAX : due_ + times * interval_;
  passed_ += times;
}

bool TimerSchedule::expire(std::uint64_t now) {
  if (!is_running() || now < due_) return false;
  running_ = false;
  waits_ = interval_ != 0;
  return true;
}

bool TimerSchedule::deliver(std::uint64_t now) {
  if (!waits_) return false;
  pass(now);
  last_overruns_ = passed_ == 0 ? 0 : passed_ - 1;  // the first one is the signal
  passed_ = 0;
  waits_ = false;
  running_ = true;
  return true;
}

bool TimerSchedule::skip(std::uint64_t now) {
  if (!waits_) return false;
  pass(now);
  waits_ = false;
  running_ = true;
  return true;
}

TimerSchedule::Setting TimerSchedule::read(std::uint64_t now) {
  const bool unseen = signals_ == Signals::no;
  if (interval_ == 0 && !running_) return {};
  if (interval_ != 0 && (waits_ || unseen)) pass(now);
  if (due_ > now) return {due_ - now, interval_};
  return {unseen ? 0u : 1u, interval_};
}

std::int32_t TimerSchedule::overruns() const {
  return static_cast<std::int32_t>(std::min<std::uint64_t>(last_overruns_, INT32_MAX));
}

}  // namespace k::task

#include <linux/capability.h>
#include <linux/timex.h>

#include <cstring>

#include "arch/include/arch/user_access.h"
#include "kernel/task/task.h"
#include "kernel/time/clock.h"
#include "syscalls/calls_time.h"

namespace k::sys {
namespace {

using uapi::timex;

/// The state of a clock that nothing disciplines. Source: adjtimex(2); NTP_PHASE_LIMIT of <linux/timex.h>.
void describe_clock(timex& t) {
  constexpr long kPhaseLimit = 16'000'000, kTolerance = 32'768'000, kTick = 10'000, kTimeConstant = 2;
  t.offset = 0;
  t.freq = 0;
  t.maxerror = t.esterror = kPhaseLimit;
  t.status = STA_UNSYNC;
  t.constant = kTimeConstant;
  t.precision = 1;
  t.tolerance = kTolerance;
  t.tick = kTick;
  const std::int64_t now = time::realtime_ns();
  t.time.tv_sec = now / static_cast<std::int64_t>(time::kNsPerSecond);
  t.time.tv_usec = now % static_cast<std::int64_t>(time::kNsPerSecond) / 1000;
}

Result<void> step_clock(const timex& t) {
  const std::int64_t limit = (t.modes & ADJ_NANO) != 0 ? 1'000'000'000 : 1'000'000;
  if (t.time.tv_usec < 0 || t.time.tv_usec >= limit) return err(Errno::inval);
  const auto per_second = static_cast<std::int64_t>(time::kNsPerSecond);
  std::int64_t step, then;
  if (__builtin_mul_overflow(t.time.tv_sec, per_second, &step) ||
      __builtin_add_overflow(step, t.time.tv_usec * (per_second / limit), &step) ||
      __builtin_add_overflow(time::realtime_ns(), step, &then) || then < 0)
    return err(Errno::inval);
  time::set_realtime(then);
  return {};
}

}  // namespace

Result<int> adjtimex(Task& self, UserAddr address) {
  HT_MAY_SLEEP();
  timex t{};
  if (arch::copy_from_user(&t, address, sizeof t) != 0) return err(Errno::fault);
  const bool reads = t.modes == 0 || t.modes == ADJ_OFFSET_SS_READ;
  if (!reads && !self.creds().has(CAP_SYS_TIME)) return err(Errno::perm);
  if (!reads && (t.modes & ~static_cast<unsigned>(ADJ_SETOFFSET | ADJ_NANO)) != 0) return err(Errno::inval);
  if ((t.modes & ADJ_SETOFFSET) != 0) TRY(step_clock(t));
  describe_clock(t);
  // The whole struct was read from user memory, so its padding holds no kernel bytes.
  if (arch::copy_to_user(address, &t, sizeof t) != 0) return err(Errno::fault);
  return TIME_ERROR;
}

Result<int> clock_adjtime(Task& self, int clock, UserAddr timex) {
  if (clock == CLOCK_REALTIME) return adjtimex(self, timex);
  return err(clock >= 0 && clock <= CLOCK_TAI ? Errno::opnotsupp : Errno::inval);
}

}  // namespace k::sys

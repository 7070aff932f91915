#include "kernel/task/interval_timer.h"

#include <algorithm>

#include "kernel/task/posix_timer.h"
#include "kernel/task/process_usage.h"
#include "kernel/task/signal_internal.h"

namespace k::task {
namespace {

using time::Deadline;
using time::kNsPerSecond;

std::uint64_t used(const Usage& usage, CpuClock clock) {
  return clock == CpuClock::user ? usage.user_ns : usage.user_ns + usage.system_ns;
}

}  // namespace

IntervalTimers::IntervalTimers(Process& owner) : owner_(owner), real_(owner) {}

void IntervalTimers::expire(time::Timer& timer) {
  Real& real = static_cast<Real&>(timer);
  Locked signals{real.owner.signals};
  if (real.interval_ns != 0) {
    // What was missed is not made up for.
    const std::uint64_t now = time::monotonic_ns();
    const std::uint64_t due = real.deadline().ns() + real.interval_ns;
    real.arm(Deadline::at(due > now ? due : now + real.interval_ns - (now - due) % real.interval_ns));
  }
  (void)send_locked(real.owner, *signals, nullptr, SignalInfo::from_kernel(SIGALRM));
}

TimerSetting IntervalTimers::real() const {
  Locked signals{owner_.signals};
  if (!real_.armed()) return {0, real_.interval_ns};
  return {std::max<std::uint64_t>(real_.deadline().remaining_ns(), 1), real_.interval_ns};
}

TimerSetting IntervalTimers::set_real(TimerSetting setting) {
  const TimerSetting former = real();
  // Not under the lock: cancel waits for a running callback, which takes it.
  real_.cancel();
  Locked signals{owner_.signals};
  real_.interval_ns = setting.left_ns == 0 ? 0 : setting.interval_ns;
  if (setting.left_ns != 0) real_.arm(Deadline::after(setting.left_ns));
  return former;
}

TimerSetting IntervalTimers::read(const Cpu& timer, std::uint64_t used_ns) const {
  if (timer.expires_ns == 0) return {};
  return {timer.expires_ns > used_ns ? timer.expires_ns - used_ns : 1, timer.interval_ns};
}

TimerSetting IntervalTimers::cpu(CpuClock clock) const {
  const std::uint64_t now = used(process_usage(owner_), clock);
  Locked signals{owner_.signals};
  return read(clock == CpuClock::user ? user_ : all_, now);
}

TimerSetting IntervalTimers::set_cpu(CpuClock clock, TimerSetting setting) {
  const std::uint64_t now = used(process_usage(owner_), clock);
  Locked signals{owner_.signals};
  Cpu& timer = clock == CpuClock::user ? user_ : all_;
  const TimerSetting former = read(timer, now);
  timer = setting.left_ns == 0 ? Cpu{} : Cpu{now + setting.left_ns, setting.interval_ns};
  return former;
}

void IntervalTimers::check(Cpu& timer, std::uint64_t used_ns, int signal) {
  Locked signals{owner_.signals};
  if (timer.expires_ns == 0 || used_ns < timer.expires_ns) return;
  timer.expires_ns = timer.interval_ns == 0 ? 0 : timer.expires_ns + timer.interval_ns;
  (void)send_locked(owner_, *signals, nullptr, SignalInfo::from_kernel(signal));
}

/// SIGXCPU once a second beyond the soft limit, SIGKILL at the hard one.
void IntervalTimers::check_limit(std::uint64_t used_ns) {
  const Limit limit = owner_.limits.get(RLIMIT_CPU);
  const std::uint64_t seconds = used_ns / kNsPerSecond;
  if (limit.soft == RLIM64_INFINITY || seconds < limit.soft) return;
  if (seconds >= limit.hard) return kill_process(owner_);
  if (seconds < cpu_limit_warned_s_) return;
  cpu_limit_warned_s_ = seconds + 1;
  (void)send_to_process(owner_, SignalInfo::from_kernel(SIGXCPU));
}

void IntervalTimers::sample(sched::Thread& running) {
  PosixTimer::sample(static_cast<Task&>(running));
  Process& process = static_cast<Task&>(running).process();
  IntervalTimers& timers = process.timers;
  const bool limited = process.limits.soft(RLIMIT_CPU) != RLIM64_INFINITY;
  if (timers.user_.expires_ns == 0 && timers.all_.expires_ns == 0 && !limited) return;
  const Usage usage = process_usage(process);
  timers.check(timers.user_, used(usage, CpuClock::user), SIGVTALRM);
  timers.check(timers.all_, used(usage, CpuClock::all), SIGPROF);
  if (limited) timers.check_limit(used(usage, CpuClock::all));
}

void IntervalTimers::start_sampling() { sched::on_cpu_time_sample(&sample); }

}  // namespace k::task

#include "kernel/task/posix_timer.h"

#include "kernel/task/signal_internal.h"
#include "kernel/time/clock.h"

namespace k::task {
namespace {

PosixTimers* timers_if_any(const Process::Signals& signals) {
  return signals.posix_timers.load(std::memory_order_acquire);
}

SignalInfo info_of(const TimerRequest& request) {
  SignalInfo info = SignalInfo::from_kernel(request.signal);
  info.code = SI_TIMER;
  info.fields.timer.value = request.value.value_or(0);
  return info;
}

}  // namespace

Result<PosixTimers*> PosixTimers::of(Process& process) {
  std::atomic<PosixTimers*>& place = process.signals.unguarded().posix_timers;
  if (PosixTimers* there = place.load(std::memory_order_acquire)) return there;
  auto made = TRY(make<PosixTimers>());
  PosixTimers* there = nullptr;
  if (!place.compare_exchange_strong(there, made.get(), std::memory_order_acq_rel)) return there;
  return made.release();
}

PosixTimer* PosixTimers::find(std::int32_t id) const {
  PosixTimer* at = owned.root();
  while (at != nullptr && at->id() != id) at = id < at->id() ? owned.left(*at) : owned.right(*at);
  return at;
}

std::int32_t PosixTimers::next_id() {
  do {
    last_id = last_id == INT32_MAX ? 0 : last_id + 1;
  } while (find(last_id) != nullptr);
  return last_id;
}

PosixTimer::PosixTimer(Task& self, const TimerRequest& request)
    : owner_(Ref<Process>::share(self.process())),
      cpu_clock_(request.cpu_clock),
      thread_(request.thread),
      base_(request.base),
      runs_on_(request.base),
      schedule_(request.signal != 0 ? TimerSchedule::Signals::yes : TimerSchedule::Signals::no),
      record_(*this, info_of(request), Ref<User>::share(self.user())) {}

Result<Ref<PosixTimer>> PosixTimer::create(Task& self, const TimerRequest& request) {
  const std::uint64_t limit = self.process().limits.soft(RLIMIT_SIGPENDING);
  if (self.user().queued_signals.load(std::memory_order_relaxed) >= limit) return err(Errno::again);
  auto timer = make_ref<PosixTimer>(self, request);
  if (!timer) return err(Errno::again);
  TRY((*timer)->join_samples());
  if (const auto added = (*timer)->add_to_owner(); !added) {
    (*timer)->leave_samples();
    return err(added.error());
  }
  Locked signals{self.process().signals};
  if (!request.value) (*timer)->record_.info.fields.timer.value = static_cast<std::uint32_t>((*timer)->id_);
  return std::move(*timer);
}

Result<void> PosixTimer::add_to_owner() {
  PosixTimers* const timers = TRY(PosixTimers::of(*owner_));
  Locked signals{owner_->signals};
  id_ = timers->next_id();
  record_.info.fields.timer.id = id_;
  ref();  // the tree's
  timers->owned.insert(*this);
  return {};
}

Result<Ref<PosixTimer>> PosixTimer::find(Process& owner, std::int32_t id) {
  Locked signals{owner.signals};
  const PosixTimers* const timers = timers_if_any(*signals);
  PosixTimer* const timer = timers != nullptr ? timers->find(id) : nullptr;
  if (timer == nullptr) return err(Errno::inval);
  return Ref<PosixTimer>::share(*timer);
}

/// Under the owner's lock. The tree's reference goes; the caller has its own.
void PosixTimer::take_out(PosixTimers& timers) {
  removed_ = true;
  schedule_.disarm();
  start();
  timers.owned.erase(*this);
  lib::release(this);
}

Result<void> PosixTimer::remove() {
  {
    Locked signals{owner_->signals};
    if (removed_) return err(Errno::inval);
    take_out(*timers_if_any(*signals));
  }
  leave_samples();
  return {};
}

void PosixTimer::remove_all(Process& owner) {
  for (;;) {
    RefOrNull<PosixTimer> timer;
    {
      Locked signals{owner.signals};
      PosixTimers* const timers = timers_if_any(*signals);
      if (timers == nullptr || timers->owned.empty()) return;
      timer = RefOrNull<PosixTimer>::share(timers->owned.first());
      timer->take_out(*timers);
    }
    timer->leave_samples();
  }
}

Result<PosixTimer::Setting> PosixTimer::set(When when, Setting setting) {
  const std::uint64_t cpu_now = base_ == TimerBase::cpu ? TRY(cpu_clock_->read()) : 0;
  Locked signals{owner_->signals};
  if (removed_) return err(Errno::inval);
  if (base_ == TimerBase::cpu) cpu_sampled_.store(cpu_now, std::memory_order_relaxed);
  const Setting former = schedule_.read(now());
  if (setting.left == 0) {
    schedule_.disarm();
  } else {
    runs_on_ = base_ == TimerBase::realtime && when == When::relative ? TimerBase::monotonic : base_;
    const std::uint64_t from = when == When::relative ? now() : 0;
    schedule_.arm(setting.left > UINT64_MAX - from ? UINT64_MAX : from + setting.left, setting.interval);
  }
  start();
  // No sample may ever come if nobody uses the clock's time.
  if (base_ == TimerBase::cpu) expire(*signals, now());
  return former;
}

PosixTimer::Setting PosixTimer::read() {
  const auto cpu_now = base_ == TimerBase::cpu ? cpu_clock_->read() : Result<std::uint64_t>{0};
  Locked signals{owner_->signals};
  if (!cpu_now) return {};
  if (base_ == TimerBase::cpu) cpu_sampled_.store(*cpu_now, std::memory_order_relaxed);
  return schedule_.read(now());
}

std::int32_t PosixTimer::overruns() {
  Locked signals{owner_->signals};
  return schedule_.overruns();
}

}  // namespace k::task

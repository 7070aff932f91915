// The moving parts of POSIX timers: alarms, samples of CPU time, and what the signal queue tells.
//
// Why no expiration is lost or seen twice: whoever finds a timer due asks its schedule under the owner's lock, which says yes once; an
// alarm or sample that comes late or twice finds it not due and sets the alarm for what the schedule says then.
#include "kernel/task/posix_timer.h"
#include "kernel/task/signal_internal.h"
#include "kernel/time/clock.h"

namespace k::task {
namespace {

/// A periodic timer whose signal is ignored goes on by itself, at most this often. Linux: once a tick of 250 Hz.
constexpr std::uint64_t kShortestIgnoredNs = 4'000'000;

}  // namespace

std::uint64_t PosixTimer::now() const {
  switch (runs_on_) {
    case TimerBase::monotonic:
      return time::monotonic_ns();
    case TimerBase::realtime:
      return static_cast<std::uint64_t>(time::realtime_ns());
    case TimerBase::cpu:
      break;
  }
  // Another process's threads may only be counted under its lock.
  const bool own = &cpu_clock_->process() == owner_.get();
  return own ? cpu_clock_->read_locked(owner_->signals.unguarded()) : cpu_sampled_.load(std::memory_order_relaxed);
}

void PosixTimer::start() {
  const bool running = schedule_.is_running();
  if (base_ == TimerBase::cpu) {
    cpu_due_.store(running ? std::max<std::uint64_t>(schedule_.due(), 1) : 0, std::memory_order_relaxed);
  } else if (!running) {
    alarm_.arm(Deadline::never());
  } else if (runs_on_ == TimerBase::realtime) {
    alarm_.arm(time::realtime_deadline(static_cast<std::int64_t>(std::min<std::uint64_t>(schedule_.due(), INT64_MAX))));
  } else {
    alarm_.arm(Deadline::at(schedule_.due()));
  }
}

void PosixTimer::expire(Process::Signals& signals, std::uint64_t now) {
  if (schedule_.expire(now)) {
    send(signals, now);
  } else {
    start();
  }
}

void PosixTimer::send(Process::Signals& signals, std::uint64_t now) {
  const sync::rcu::ReadGuard reading;
  Task* only = nullptr;
  if (thread_) {
    only = thread_->task.load(std::memory_order_acquire);
    if (only == nullptr || only->left || &only->process() != owner_.get()) return;
  }
  switch (send_record_locked(*owner_, signals, only, record_)) {
    case RecordSent::queued:
      record_.info.fields.timer.overrun = 0;
      ref();  // the queue's
      break;
    case RecordSent::waits_already:
      if (record_.info.fields.timer.overrun < INT32_MAX) ++record_.info.fields.timer.overrun;
      break;
    case RecordSent::ignored:
      if (schedule_.skip(schedule_.interval() < kShortestIgnoredNs ? now + kShortestIgnoredNs : now)) start();
      break;
    case RecordSent::nobody:
      break;
  }
}

void PosixTimer::ring(time::Timer& alarm) {
  PosixTimer& timer = static_cast<Alarm&>(alarm).timer;
  Locked signals{timer.owner_->signals};
  timer.expire(*signals, timer.now());
}

/// A periodic timer goes on when its signal is taken; one whose signal was discarded does not, as on Linux.
void PosixTimer::left_queue(QueuedSignal& record, QueuedSignal::Left how, SignalInfo& info) {
  PosixTimer& timer = static_cast<Record&>(record).timer;
  if (how == QueuedSignal::Left::taken && timer.schedule_.deliver(timer.now())) {
    const std::int64_t all = std::int64_t{info.fields.timer.overrun} + timer.schedule_.overruns();
    info.fields.timer.overrun = static_cast<std::int32_t>(std::min<std::int64_t>(all, INT32_MAX));
    timer.start();
  }
  lib::release(&timer);
}

// -- CPU time.

Result<void> PosixTimer::join_samples() {
  if (base_ != TimerBase::cpu) return {};
  PosixTimers* const timers = TRY(PosixTimers::of(cpu_clock_->process()));
  Locked signals{cpu_clock_->process().signals};
  timers->sampled.push_back(*this);
  timers->sampled_count.fetch_add(1, std::memory_order_relaxed);
  return {};
}

void PosixTimer::leave_samples() {
  if (base_ != TimerBase::cpu) return;
  Locked signals{cpu_clock_->process().signals};
  PosixTimers& timers = *signals->posix_timers.load(std::memory_order_relaxed);
  timers.sampled.erase(timers.sampled.iterator_to(*this));
  timers.sampled_count.fetch_sub(1, std::memory_order_relaxed);
}

/// One that is due by what `running` has used, now no longer looked at by samples.
RefOrNull<PosixTimer> PosixTimer::take_due(Task& running, PosixTimers& timers) {
  Locked signals{running.process().signals};
  for (PosixTimer& timer : timers.sampled) {
    const std::uint64_t due = timer.cpu_due_.load(std::memory_order_relaxed);
    if (due == 0 || !timer.cpu_clock_->counts(running)) continue;
    const std::uint64_t used = timer.cpu_clock_->read_locked(*signals);
    timer.cpu_sampled_.store(used, std::memory_order_relaxed);
    if (used < due || !timer.try_ref()) continue;
    timer.cpu_due_.store(0, std::memory_order_relaxed);
    return RefOrNull<PosixTimer>::adopt(&timer);
  }
  return nullptr;
}

void PosixTimer::sample(Task& running) {
  PosixTimers* const timers = running.process().signals.unguarded().posix_timers.load(std::memory_order_acquire);
  if (timers == nullptr || timers->sampled_count.load(std::memory_order_relaxed) == 0) [[likely]]
    return;
  while (const RefOrNull<PosixTimer> due = take_due(running, *timers)) {
    Locked signals{due->owner_->signals};
    due->expire(*signals, due->cpu_sampled_.load(std::memory_order_relaxed));
  }
}

// -- CLOCK_REALTIME was set.

void PosixTimer::watch_clock() { time::on_clock_set(&clock_was_set); }

void PosixTimer::clock_was_set() {
  for_each_process([](Process& process) {
    Locked signals{process.signals};
    PosixTimers* const timers = signals->posix_timers.load(std::memory_order_relaxed);
    if (timers == nullptr) return;
    for (PosixTimer* t = timers->owned.first(); t != nullptr; t = timers->owned.next(*t)) {
      if (t->runs_on_ == TimerBase::realtime) t->start();
    }
  });
}

}  // namespace k::task

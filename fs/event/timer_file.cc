#include "fs/event/timer_file.h"

#include <linux/time.h>
#include <linux/timerfd.h>

#include "kernel/time/clock.h"

namespace k::fs::event {

Result<Ref<TimerFile>> TimerFile::create(int clock, lib::Flags flags) {
  auto* file = new (std::nothrow) TimerFile(clock, flags);
  if (file == nullptr) return err(Errno::nomem);
  if (file->is_realtime()) time::clock_set_waiters().add(file->clock_watch_);
  return Ref<TimerFile>::adopt(*file);
}

void TimerFile::closed() {
  if (is_realtime()) time::clock_set_waiters().remove(clock_watch_);
  timer_.cancel();
}

bool TimerFile::is_realtime() const { return clock_ == CLOCK_REALTIME || clock_ == CLOCK_REALTIME_ALARM; }

/// Arms for `expires_ns`; what is past already needs no timer.
void TimerFile::start(State& state, std::uint64_t now) {
  state.armed = true;
  if (state.expires_ns > now) return timer_.arm(Deadline::at(state.expires_ns));
  state.armed = false;
  state.expired = true;
  ++state.ticks;
}

/// The expirations of a periodic timer since the one that fired; arms it for the next.
void TimerFile::count_missed(State& state, std::uint64_t now) {
  if (!state.expired || state.interval_ns == 0) return;
  const std::uint64_t intervals = 1 + (now > state.expires_ns ? now - state.expires_ns : 0) / state.interval_ns;
  state.ticks += intervals - 1;
  state.expires_ns += intervals * state.interval_ns;
  state.realtime_ns += static_cast<std::int64_t>(intervals * state.interval_ns);
  state.expired = false;
  start(state, now);
}

TimerSetting TimerFile::left(State& state, std::uint64_t now) {
  count_missed(state, now);
  return {state.armed && state.expires_ns > now ? state.expires_ns - now : 0, state.interval_ns};
}

TimerSetting TimerFile::set(const TimerSetting& setting, lib::Flags flags) {
  TimerSetting former;
  bool due;
  {
    sync::Locked state{state_};
    const std::uint64_t now = time::monotonic_ns();
    former = left(*state, now);
    timer_.arm(Deadline::never());
    const bool absolute = flags.has(TFD_TIMER_ABSTIME);
    *state = State{.interval_ns = setting.interval_ns, .flags = flags, .canceled = state->canceled};
    if (setting.value_ns != 0) {
      state->follows_clock = absolute && is_realtime();
      state->realtime_ns = static_cast<std::int64_t>(setting.value_ns);
      if (!absolute) {
        state->expires_ns = now + setting.value_ns;
      } else {
        state->expires_ns = is_realtime() ? time::realtime_deadline(state->realtime_ns).ns() : setting.value_ns;
      }
      start(*state, now);
    }
    note_readable(*state);
    due = is_readable();
  }
  if (due) queue_.wake_one(sync::kReadable);
  return former;
}

TimerSetting TimerFile::get() {
  sync::Locked state{state_};
  const TimerSetting now = left(*state, time::monotonic_ns());
  note_readable(*state);
  return now;
}

void TimerFile::expire() {
  {
    sync::Locked state{state_};
    if (!state->armed || state->expires_ns > time::monotonic_ns()) return;
    state->armed = false;
    state->expired = true;
    ++state->ticks;
    note_readable(*state);
  }
  queue_.wake_one(sync::kReadable);
}

/// An absolute setting follows CLOCK_REALTIME; with TFD_TIMER_CANCEL_ON_SET the reader is told instead.
void TimerFile::clock_was_set() {
  {
    sync::Locked state{state_};
    if (!state->follows_clock) return;
    if (state->flags.has(TFD_TIMER_CANCEL_ON_SET)) state->canceled = true;
    if (state->armed) {
      state->expires_ns = time::realtime_deadline(state->realtime_ns).ns();
      start(*state, time::monotonic_ns());
    }
    note_readable(*state);
    if (!is_readable()) return;
  }
  queue_.wake_one(sync::kReadable);
}

Result<std::uint64_t> TimerFile::take() {
  if (!is_readable()) return 0u;
  sync::Locked state{state_};
  const bool canceled = std::exchange(state->canceled, false);
  if (!canceled) count_missed(*state, time::monotonic_ns());
  const std::uint64_t ticks = std::exchange(state->ticks, 0);
  state->expired = false;
  note_readable(*state);
  if (canceled) return err(Errno::canceled);
  return ticks;
}

Result<std::size_t> TimerFile::read(IoBuffer& to, IoAt& at) {
  if (to.remaining() < sizeof(std::uint64_t)) return err(Errno::inval);
  std::uint64_t ticks = TRY(take());
  while (ticks == 0) {
    if (!at.blocking) return err(Errno::again);
    TRY(queue_.wait_until([&] { return is_readable(); }));
    ticks = TRY(take());
  }
  if (TRY(to.copy_in(&ticks, sizeof ticks)) != sizeof ticks) return err(Errno::fault);
  return sizeof ticks;
}

sync::PollEvents TimerFile::poll(sync::PollTable* table) {
  if (table != nullptr) table->watch(queue_);
  return is_readable() ? sync::PollEvents{sync::PollEvent::in} : sync::PollEvents{};
}

Result<long> TimerFile::ioctl(unsigned command, IoctlArg argument) {
  if (command != TFD_IOC_SET_TICKS) return err(Errno::notty);
  const auto ticks = TRY(argument.read<std::uint64_t>());
  if (ticks == 0) return err(Errno::inval);
  {
    sync::Locked state{state_};
    if (std::exchange(state->canceled, false)) return err(Errno::canceled);
    state->ticks = ticks;
    note_readable(*state);
  }
  queue_.wake_one(sync::kReadable);
  return 0;
}

void TimerFile::show_info(lib::TextBuffer& out) const {
  constexpr std::uint64_t kSecond = time::kNsPerSecond;
  State state;
  {
    sync::Locked now{state_};
    state = *now;
  }
  const std::uint64_t now = time::monotonic_ns();
  const std::uint64_t value = state.armed && state.expires_ns > now ? state.expires_ns - now : 0;
  const unsigned flags = state.flags.bits();
  out.print("clockid: {}\nticks: {}\nsettime flags: 0{}\n", clock_, state.ticks, flags);
  out.print("it_value: ({}, {})\n", value / kSecond, value % kSecond);
  out.print("it_interval: ({}, {})\n", state.interval_ns / kSecond, state.interval_ns % kSecond);
}

}  // namespace k::fs::event

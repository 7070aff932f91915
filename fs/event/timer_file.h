/// TimerFile: the file behind timerfd_create(2).
///
/// Invariants  a periodic timer fires once and then waits to be read: how often it expired since follows from the clock, so nobody's
///             timer interrupts a CPU for expirations that nobody looks at. A callback that comes for an earlier setting
///             finds its time not reached, and does nothing.
/// Lock order  Rank::timer_file; the timer queue inside it, wake-ups outside.
/// Context     task context; the expiry runs in interrupt context, the clock's setting in the setter's.
/// Errors      AGAIN, INVAL (under 8 bytes), CANCELED (TFD_TIMER_CANCEL_ON_SET), FAULT, interrupted.
/// Source      timerfd_create(2), proc_pid_fdinfo(5).
#pragma once

#include "fs/vfs/anonymous_file.h"
#include "kernel/sync/wait_queue.h"
#include "kernel/time/timer.h"
#include "mm/phys/slab.h"

namespace k::fs::event {

struct TimerSetting {
  std::uint64_t value_ns = 0, interval_ns = 0;  // value 0: disarmed
};

class TimerFile final : public AnonymousFile, public mm::SlabAllocated<TimerFile> {
 public:
  static constexpr FileClass kClass{"[timerfd]"};
  /// `clock`: a CLOCK_* that timerfd_create(2) takes. `flags`: O_NONBLOCK.
  static Result<Ref<TimerFile>> create(int clock, lib::Flags flags);

  Result<std::size_t> read(IoBuffer& to, IoAt& at) override;
  sync::PollEvents poll(sync::PollTable* table) override;
  Result<long> ioctl(unsigned command, IoctlArg argument) override;
  void show_info(lib::TextBuffer& out) const override;

  /// Returns what get() would have before. `flags`: TFD_TIMER_*.
  TimerSetting set(const TimerSetting& setting, lib::Flags flags);
  /// What is left until the next expiration, and the interval.
  TimerSetting get();
  bool is_realtime() const;

 private:
  struct State {
    std::uint64_t expires_ns = 0;  // CLOCK_MONOTONIC: of the next, or of the first that was not read
    std::uint64_t interval_ns = 0;
    std::int64_t realtime_ns = 0;  // of the next on CLOCK_REALTIME, when it follows that clock
    std::uint64_t ticks = 0;
    lib::Flags flags;
    bool armed = false, expired = false, follows_clock = false, canceled = false;
  };
  struct Expiry : time::Timer {
    explicit Expiry(TimerFile& f) : Timer(&Expiry::fire), file(f) {}
    static void fire(time::Timer& timer) { static_cast<Expiry&>(timer).file.expire(); }
    TimerFile& file;
  };
  struct ClockWatch : sync::Waiter {
    explicit ClockWatch(TimerFile& f) : Waiter(&ClockWatch::changed, sync::kAnyEvent), file(f) {}
    static bool changed(sync::Waiter& self, sync::PollEvents) {
      static_cast<ClockWatch&>(self).file.clock_was_set();
      return false;
    }
    TimerFile& file;
  };

  TimerFile(int clock, lib::Flags flags) : AnonymousFile(kClass, flags.with(O_RDWR)), clock_(clock) {}
  void closed() override;
  void expire();
  void clock_was_set();
  void start(State& state, std::uint64_t now);
  void count_missed(State& state, std::uint64_t now);
  TimerSetting left(State& state, std::uint64_t now);
  /// How often it expired since the last read, 0: not yet. CANCELED once after the clock was set.
  Result<std::uint64_t> take();
  bool is_readable() const { return readable_.load(std::memory_order_relaxed); }
  void note_readable(const State& state) {
    readable_.store(state.ticks > 0 || state.canceled, std::memory_order_relaxed);
  }

  int clock_;
  mutable sync::SpinGuarded<State, sync::Rank::timer_file> state_;
  std::atomic<bool> readable_{false};  // written under the lock
  Expiry timer_{*this};
  ClockWatch clock_watch_{*this};
  sync::WaitQueue queue_;
};

}  // namespace k::fs::event

/// When a POSIX timer expires, and how many expirations one signal stands for. Pure: times are of whatever clock it runs on.
///
/// Invariants  a periodic timer that expired waits for its signal to be taken, and only then goes on: at the next multiple of its
///             interval that is not past. What it passed over on the way are the overruns.
/// Context     the owner locks.
/// Source      timer_create(2), timer_settime(2), timer_getoverrun(2).
#pragma once

#include <cstdint>

namespace k::task {

class TimerSchedule {
 public:
  struct Setting {
    std::uint64_t left = 0;  // 0: not armed
    std::uint64_t interval = 0;
  };
  enum class Signals : bool { no, yes };  // SIGEV_NONE: only timer_gettime looks

  explicit TimerSchedule(Signals signals) : signals_(signals) {}

  void arm(std::uint64_t due, std::uint64_t interval);
  void disarm() { *this = TimerSchedule{signals_}; }
  /// Runs towards due(), so that an alarm must be set for it.
  bool is_running() const { return running_ && signals_ == Signals::yes; }
  std::uint64_t due() const { return due_; }
  std::uint64_t interval() const { return interval_; }

  /// The clock shows `now`. True when the timer expires by that: a signal is to be sent.
  bool expire(std::uint64_t now);
  /// The signal was taken. True when the timer goes on; its overruns are then known.
  bool deliver(std::uint64_t now);
  /// The signal was ignored: a periodic timer goes on at once, past `now`.
  bool skip(std::uint64_t now);

  /// What timer_gettime(2) tells; moves a periodic timer's next expiration beyond `now` where nothing else does.
  Setting read(std::uint64_t now);
  /// Of the signal taken last, at most INT32_MAX.
  std::int32_t overruns() const;

 private:
  void pass(std::uint64_t now);

  std::uint64_t due_ = 0, interval_ = 0;
  std::uint64_t passed_ = 0;  // expirations since the last signal was taken, beyond the one that it stands for
  std::uint64_t last_overruns_ = 0;
  Signals signals_;
  bool running_ = false;
  bool waits_ = false;  // for its signal to be taken
};

}  // namespace k::task

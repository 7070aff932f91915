/// POSIX timers: what timer_create(2) makes.
///
/// A timer on a clock of the machine has an alarm; one on a CPU-time clock is looked at when the scheduler takes a sample of what
/// uses that time. Its signal's record is part of it, so expiring never allocates.
/// Invariants  a timer is in its owner's tree until it is deleted, also by exec and exit; its record may wait in a signal queue
///             longer. Freed after an RCU grace period: a running alarm or sample may still look at it.
/// Lock order  Process::signals of the owner for schedule, record and alarm; Process::signals of the process whose CPU time
///             counts for its place in that process's list. Never both at once.
/// Context     calls: task context. Alarms and samples: interrupt.
/// Errors      as timer_create(2), timer_settime(2).
/// Source      timer_create(2), timer_settime(2), timer_getoverrun(2), timer_delete(2), sigevent(3type).
#pragma once

#include <optional>

#include "kernel/task/cpu_time_clock.h"
#include "kernel/task/process.h"
#include "kernel/task/timer_schedule.h"
#include "kernel/time/timer.h"

namespace k::task {

enum class TimerBase : std::uint8_t { monotonic, realtime, cpu };

struct TimerRequest {
  TimerBase base = TimerBase::monotonic;
  std::optional<CpuTimeClock> cpu_clock;  // with TimerBase::cpu
  int signal = 0;                         // 0: SIGEV_NONE
  RefOrNull<Pid> thread;                  // SIGEV_THREAD_ID: who gets it
  std::optional<std::uint64_t> value;     // none: the timer's number
};

class PosixTimer final : public lib::RefCounted, public mm::SlabAllocated<PosixTimer>, public RcuFreed<PosixTimer> {
 public:
  using Setting = TimerSchedule::Setting;
  enum class When : bool { relative, absolute };

  /// Makes one for the running process. AGAIN: its user has too many signals waiting (RLIMIT_SIGPENDING).
  static Result<Ref<PosixTimer>> create(Task& self, const TimerRequest& request);
  /// INVAL: there is none.
  static Result<Ref<PosixTimer>> find(Process& owner, std::int32_t id);
  static void remove_all(Process& owner);
  /// kernel/init calls it once: CLOCK_REALTIME was set, so alarms on it move.
  static void watch_clock();
  /// A sample of `running` was taken.
  static void sample(Task& running);

  std::int32_t id() const { return id_; }
  /// Returns the former setting. INVAL when it was deleted meanwhile; SRCH when the owner of its CPU clock has ended.
  Result<Setting> set(When when, Setting setting);
  Setting read();
  std::int32_t overruns();
  /// INVAL: another thread did.
  Result<void> remove();

  void on_last_ref() {
    record_.stop_counting();
    free_later();
  }

 private:
  friend struct PosixTimers;
  struct Alarm : time::Timer {
    explicit Alarm(PosixTimer& t) : Timer(&ring), timer(t) {}
    PosixTimer& timer;
  };
  struct Record : QueuedSignal {
    Record(PosixTimer& t, const SignalInfo& info, Ref<User> user)
        : QueuedSignal(info, std::move(user), &left_queue), timer(t) {}
    PosixTimer& timer;
  };
  template <class T, class... Args>
  friend Result<Ref<T>> lib::make_ref(Args&&... args);
  PosixTimer(Task& self, const TimerRequest& request);

  static void ring(time::Timer& alarm);
  static void left_queue(QueuedSignal& record, QueuedSignal::Left how, SignalInfo& info);
  static void clock_was_set();
  static RefOrNull<PosixTimer> take_due(Task& running, PosixTimers& timers);
  Result<void> add_to_owner();
  Result<void> join_samples();
  void leave_samples();
  // Under the owner's lock.
  std::uint64_t now() const;
  void start();
  void expire(Process::Signals& signals, std::uint64_t now);
  void send(Process::Signals& signals, std::uint64_t now);
  void take_out(PosixTimers& timers);

  const Ref<Process> owner_;
  const std::optional<CpuTimeClock> cpu_clock_;
  const RefOrNull<Pid> thread_;
  const TimerBase base_;
  std::int32_t id_ = 0;
  bool removed_ = false;
  TimerBase runs_on_;  // a relative time on CLOCK_REALTIME does not change with it
  TimerSchedule schedule_;
  Record record_;
  Alarm alarm_{*this};
  lib::TreapNode<PosixTimer> tree_node_;
  lib::ListNode sampled_node_;                 // in the list of the process whose CPU time counts
  std::atomic<std::uint64_t> cpu_due_{0};      // 0: samples need not look
  std::atomic<std::uint64_t> cpu_sampled_{0};  // the clock at the last sample
};

/// The timers of a process, made when it first needs them.
struct PosixTimers {
  struct ById {
    static lib::TreapNode<PosixTimer>& node(PosixTimer& t) { return t.tree_node_; }
    static bool less(const PosixTimer& a, const PosixTimer& b) { return a.id_ < b.id_; }
    static void update(PosixTimer&) {}
  };
  /// Of `process`, made if there are none yet.
  static Result<PosixTimers*> of(Process& process);
  PosixTimer* find(std::int32_t id) const;
  std::int32_t next_id();

  lib::Treap<PosixTimer, ById> owned;
  std::int32_t last_id = -1;
  lib::List<PosixTimer, &PosixTimer::sampled_node_> sampled;  // on this process's CPU time, whoever owns them
  std::atomic<std::uint32_t> sampled_count{0};
};

}  // namespace k::task

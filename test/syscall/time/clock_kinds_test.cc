/// Clocks that wake the machine, and the CPU-time clocks of other processes and threads: what each call says of each of them.
/// Source: clock_getres(2), clock_nanosleep(2), timer_create(2), clock_getcpuclockid(3).
#include <linux/capability.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/signals.h"

using namespace systest;

namespace {

enum class Owner { process, thread };
enum Mode { kProfile, kVirtual, kScheduled, kNone };

clockid_t cpu_clock(pid_t number, Owner owner, Mode mode = kScheduled) {
  return (clockid_t)((~(unsigned)number << 3) | (owner == Owner::thread ? 4 : 0) | mode);
}

long sleep_until(clockid_t clock, long ns, int flags = TIMER_ABSTIME) {
  const timespec time{0, ns};
  return syscall(SYS_clock_nanosleep, clock, flags, &time, nullptr);
}

long make_timer(clockid_t clock) {
  sigevent event{};
  event.sigev_notify = SIGEV_NONE;
  int id = -1;
  const long made = syscall(SYS_timer_create, clock, &event, &id);
  if (made == 0) syscall(SYS_timer_delete, id);
  return made;
}

/// The errors of reading, asking the resolution, setting, making a timer; 0 is success.
struct Answers {
  Err read, resolution, set, timer;
  bool operator==(const Answers&) const = default;
};
void PrintTo(const Answers& a, std::ostream* os) {
  for (const Err e : {a.read, a.resolution, a.set, a.timer}) {
    PrintTo(e, os);
    *os << "; ";
  }
}

Answers ask(clockid_t clock) {
  timespec time{};
  Answers answers{};
  answers.read = err_of(syscall(SYS_clock_gettime, clock, &time));
  answers.resolution = err_of(syscall(SYS_clock_getres, clock, &time));
  answers.set = err_of(syscall(SYS_clock_settime, clock, &time));
  answers.timer = err_of(make_timer(clock));
  return answers;
}

constexpr Answers kThere{{0}, {0}, {EPERM}, {0}};
constexpr Answers kNotThere{{EINVAL}, {EINVAL}, {EINVAL}, {EINVAL}};
constexpr Answers kDynamic{{EINVAL}, {EINVAL}, {EINVAL}, {EOPNOTSUPP}};

void use_cpu(long ns) {
  timespec now{};
  do {
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  } while (now.tv_sec == 0 && now.tv_nsec < ns);
}

/// Calls `body(tid)` while another thread of this process waits.
template <class Body>
void with_thread(Body body) {
  static int tid;
  static Gate* ready;
  static Gate* finish;
  Gate a, b;
  ready = &a, finish = &b;
  pthread_t thread;
  const auto run = [](void*) -> void* {
    tid = gettid();
    use_cpu(2'000'000);
    ready->open();
    finish->wait();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, nullptr, run, nullptr), 0);
  a.wait();
  body(tid);
  b.open();
  pthread_join(thread, nullptr);
}

}  // namespace

TEST(AlarmClocks, AreReadAndNotSet) {
  for (const clockid_t clock : {CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM})
    EXPECT_EQ(ask(clock), (Answers{{0}, {0}, {EINVAL}, {0}})) << clock;
  timespec plain{}, alarm{};
  ASSERT_OK(clock_gettime(CLOCK_BOOTTIME, &plain));
  ASSERT_OK(clock_gettime(CLOCK_BOOTTIME_ALARM, &alarm));
  EXPECT_GE(alarm.tv_sec * 1'000'000'000 + alarm.tv_nsec, plain.tv_sec * 1'000'000'000 + plain.tv_nsec);
}

TEST(AlarmClocks, SleepsAreTaken) {
  for (const clockid_t clock : {CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM}) {
    EXPECT_OK(sleep_until(clock, 1000, 0));
    EXPECT_OK(sleep_until(clock, 1000, TIMER_ABSTIME));
    EXPECT_ERRNO(EINVAL, sleep_until(clock, 1000, 2)) << "no flag of theirs";
    EXPECT_ERRNO(EINVAL, sleep_until(clock, -1, 0));
  }
}

TEST(AlarmClocks, TimersExpire) {
  for (const clockid_t clock : {CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM}) {
    block({SIGUSR1});
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR1;
    timer_t timer;
    ASSERT_OK(timer_create(clock, &event, &timer));
    const itimerspec soon{{}, {0, 1'000'000}};
    ASSERT_OK(timer_settime(timer, 0, &soon, nullptr));
    const sigset_t set = set_of({SIGUSR1});
    int signal = 0;
    EXPECT_EQ(sigwait(&set, &signal), 0);
    EXPECT_OK(timer_delete(timer));
  }
}

TEST(AlarmClocks, AreForWhoMayWakeTheMachine) {
  EXPECT_EQ(as_user([] {
              for (const clockid_t clock : {CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM}) {
                EXPECT_EQ(ask(clock), (Answers{{0}, {0}, {EINVAL}, {EPERM}}));
                EXPECT_ERRNO(EPERM, sleep_until(clock, 1000, 0));
                EXPECT_ERRNO(EPERM, timerfd_create(clock, 0));
              }
            }),
            0);
}

TEST(CpuClocks, OfOnesOwnProcessAndThread) {
  for (const pid_t self : {getpid(), 0}) {
    for (const Mode mode : {kProfile, kVirtual, kScheduled}) {
      EXPECT_EQ(ask(cpu_clock(self, Owner::process, mode)), kThere) << mode;
      EXPECT_EQ(ask(cpu_clock(self, Owner::thread, mode)), kThere) << mode;
      EXPECT_ERRNO(EINVAL, sleep_until(cpu_clock(self, Owner::thread, mode), 1)) << "it would never end";
    }
    EXPECT_EQ(ask(cpu_clock(self, Owner::process, kNone)), kDynamic);
    EXPECT_EQ(ask(cpu_clock(self, Owner::thread, kNone)), kNotThere);
    EXPECT_OK(sleep_until(cpu_clock(self, Owner::process), 1)) << "was used already";
    EXPECT_ERRNO(EOPNOTSUPP, sleep_until(cpu_clock(self, Owner::process, kNone), 1));
    EXPECT_ERRNO(EINVAL, sleep_until(cpu_clock(self, Owner::thread, kNone), 1));
  }
  EXPECT_ERRNO(EOPNOTSUPP, sleep_until(CLOCK_THREAD_CPUTIME_ID, 1));
}

TEST(CpuClocks, OfAnotherProcess) {
  const Sleeper other;
  for (const Mode mode : {kProfile, kVirtual, kScheduled}) {
    EXPECT_EQ(ask(cpu_clock(other, Owner::process, mode)), kThere) << mode;
    EXPECT_EQ(ask(cpu_clock(other, Owner::thread, mode)), kNotThere) << mode;
  }
  EXPECT_EQ(ask(cpu_clock(other, Owner::process, kNone)), kDynamic);
  EXPECT_OK(sleep_until(cpu_clock(other, Owner::process), 1));
  EXPECT_ERRNO(EINVAL, sleep_until(cpu_clock(other, Owner::thread), 1));
  EXPECT_ERRNO(EINVAL, timerfd_create(cpu_clock(other, Owner::process), 0));
}

TEST(CpuClocks, OfAnotherThread) {
  with_thread([](pid_t tid) {
    for (const Mode mode : {kProfile, kVirtual, kScheduled}) {
      EXPECT_EQ(ask(cpu_clock(tid, Owner::thread, mode)), kThere) << mode;
      EXPECT_EQ(ask(cpu_clock(tid, Owner::process, mode)), kNotThere) << mode;
    }
    EXPECT_OK(sleep_until(cpu_clock(tid, Owner::thread), 1));
    EXPECT_ERRNO(EINVAL, sleep_until(cpu_clock(tid, Owner::process), 1));
  });
}

TEST(CpuClocks, OfAProcessThatEnded) {
  const pid_t pid = spawn([] { use_cpu(1'000'000); });
  await_state(pid, 'Z');
  EXPECT_EQ(ask(cpu_clock(pid, Owner::process)), kThere) << "a zombie's";
  EXPECT_EQ(ask(cpu_clock(pid, Owner::thread)), kNotThere);
  EXPECT_OK(sleep_until(cpu_clock(pid, Owner::process), 1));
  reap(pid);
  EXPECT_EQ(ask(cpu_clock(pid, Owner::process)), kNotThere);
  EXPECT_ERRNO(EINVAL, sleep_until(cpu_clock(pid, Owner::process), 1));
  EXPECT_EQ(ask(cpu_clock(pid, Owner::process, kNone)), kDynamic);
}

TEST(CpuClocks, OfStrangersAreReadToo) {
  EXPECT_EQ(as_user([] { EXPECT_EQ(ask(cpu_clock(1, Owner::process)), kThere); }), 0);
}

TEST(CpuClocks, ASleepLastsWhileAnotherProcessWorks) {
  Gate go;
  const pid_t worker = spawn([&] {
    go.wait();
    for (;;) {
    }
  });
  const clockid_t clock = cpu_clock(worker, Owner::process);
  timespec before{}, after{};
  ASSERT_OK(clock_gettime(clock, &before));
  go.open();
  EXPECT_OK(sleep_until(clock, 30'000'000, 0)) << "relative";
  ASSERT_OK(clock_gettime(clock, &after));
  const long used = (after.tv_sec - before.tv_sec) * 1'000'000'000 + after.tv_nsec - before.tv_nsec;
  EXPECT_GE(used, 30'000'000);
  kill(worker, SIGKILL);
  reap(worker);
}

TEST(CpuClocks, ASleepOnAnIdleProcessIsInterrupted) {
  const Sleeper idle;
  const clockid_t clock = cpu_clock(idle, Owner::process);
  const pid_t pid = spawn([&] {
    count_signal(SIGUSR1);
    const timespec long_time{5, 0};
    timespec left{};
    EXPECT_ERRNO(EINTR, syscall(SYS_clock_nanosleep, clock, 0, &long_time, &left));
    EXPECT_GT(left.tv_sec + left.tv_nsec, 0);
  });
  await_state(pid, 'S');
  kill(pid, SIGUSR1);
  EXPECT_EQ(reap(pid), 0);
}

TEST(CpuClocks, SettingReadsTheTimeFirst) {
  EXPECT_ERRNO(EFAULT, syscall(SYS_clock_settime, cpu_clock(getpid(), Owner::process), nullptr));
}

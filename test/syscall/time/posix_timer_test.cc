/// timer_create(2), timer_settime(2), timer_gettime(2), timer_getoverrun(2), timer_delete(2), as the kernel has them.
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/signals.h"

using namespace systest;

namespace {

constexpr long kMs = 1'000'000;

sigevent event_of(int notify, int signal, int value = 0) {
  sigevent event{};
  event.sigev_notify = notify;
  event.sigev_signo = signal;
  event.sigev_value.sival_int = value;
  return event;
}

int create(clockid_t clock, sigevent* event, int* id) { return (int)syscall(SYS_timer_create, clock, event, id); }

/// A timer that sends `signal` to the process.
int timer_of(clockid_t clock, int signal = SIGUSR1, int notify = SIGEV_SIGNAL, int value = 0) {
  sigevent event = event_of(notify, signal, value);
  int id = -1;
  EXPECT_OK(create(clock, &event, &id));
  return id;
}

itimerspec after(long ns, long interval_ns = 0) {
  return {{interval_ns / 1'000'000'000, interval_ns % 1'000'000'000}, {ns / 1'000'000'000, ns % 1'000'000'000}};
}
int settime(int id, const itimerspec& setting, int flags = 0, itimerspec* former = nullptr) {
  return (int)syscall(SYS_timer_settime, id, flags, &setting, former);
}
itimerspec gettime(int id) {
  itimerspec now{};
  EXPECT_OK(syscall(SYS_timer_gettime, id, &now));
  return now;
}
int overrun(int id) { return (int)syscall(SYS_timer_getoverrun, id); }
int remove_timer(int id) { return (int)syscall(SYS_timer_delete, id); }
bool is_zero(const timespec& t) { return t.tv_sec == 0 && t.tv_nsec == 0; }
timespec now_on(clockid_t clock) {
  timespec t{};
  EXPECT_OK(clock_gettime(clock, &t));
  return t;
}
void sleep_ms(long ms) {
  timespec t{0, ms * kMs};
  while (nanosleep(&t, &t) != 0) {
  }
}
/// Takes `signal`, which is blocked.
siginfo_t await(int signal) {
  siginfo_t info{};
  const sigset_t set = set_of({signal});
  int taken;
  do taken = sigwaitinfo(&set, &info);
  while (taken == -1 && errno == EINTR);
  EXPECT_EQ(taken, signal);
  return info;
}
bool is_pending(int signal) {
  sigset_t set;
  EXPECT_OK(sigpending(&set));
  return sigismember(&set, signal) == 1;
}
void burn(const volatile bool& until) {
  volatile unsigned long n = 0;
  while (!until) n = n + 1;
}

}  // namespace

TEST(PosixTimer, SignalTellsTimerValueAndCode) {
  block({SIGUSR1});
  for (clockid_t clock : {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI}) {
    const int id = timer_of(clock, SIGUSR1, SIGEV_SIGNAL, 1234);
    ASSERT_OK(settime(id, after(kMs)));
    const siginfo_t info = await(SIGUSR1);
    EXPECT_EQ(info.si_code, SI_TIMER);
    EXPECT_EQ(info.si_timerid, id);
    EXPECT_EQ(info.si_overrun, 0);
    EXPECT_EQ(info.si_value.sival_int, 1234);
    EXPECT_TRUE(is_zero(gettime(id).it_value)) << "used up";
    EXPECT_OK(remove_timer(id));
  }
}

TEST(PosixTimer, WithoutEventIsSigalrmWithTheNumber) {
  block({SIGALRM});
  int id = -1, second = -1;
  ASSERT_OK(create(CLOCK_MONOTONIC, nullptr, &id));
  ASSERT_OK(create(CLOCK_MONOTONIC, nullptr, &second));
  EXPECT_NE(id, second);
  ASSERT_OK(settime(second, after(kMs)));
  const siginfo_t info = await(SIGALRM);
  EXPECT_EQ(info.si_timerid, second);
  EXPECT_EQ(info.si_value.sival_int, second);
}

TEST(PosixTimer, CreateRefusesBadArguments) {
  int id = -1;
  EXPECT_ERRNO(EINVAL, create(77, nullptr, &id));
  EXPECT_ERRNO(EOPNOTSUPP, create(CLOCK_MONOTONIC_RAW, nullptr, &id));
  EXPECT_ERRNO(EOPNOTSUPP, create(CLOCK_MONOTONIC_COARSE, nullptr, &id));
  EXPECT_ERRNO(EOPNOTSUPP, create(CLOCK_REALTIME_COARSE, nullptr, &id));
  EXPECT_ERRNO(EFAULT, create(CLOCK_MONOTONIC, nullptr, nullptr));
  EXPECT_ERRNO(EFAULT, create(CLOCK_MONOTONIC, (sigevent*)8, &id));
  for (int signal : {0, -1, 65}) {
    sigevent event = event_of(SIGEV_SIGNAL, signal);
    EXPECT_ERRNO(EINVAL, create(CLOCK_MONOTONIC, &event, &id)) << signal;
  }
  sigevent event = event_of(99, SIGUSR1);
  EXPECT_ERRNO(EINVAL, create(CLOCK_MONOTONIC, &event, &id));
  event = event_of(SIGEV_THREAD_ID, SIGUSR1);
  event._sigev_un._tid = 1;
  EXPECT_ERRNO(EINVAL, create(CLOCK_MONOTONIC, &event, &id)) << "a thread of another process";
  event = event_of(SIGEV_NONE, 0);
  EXPECT_OK(create(CLOCK_MONOTONIC, &event, &id)) << "no signal, no look at its number";
}

TEST(PosixTimer, UnknownNumbersAreRefused) {
  itimerspec setting = after(kMs);
  EXPECT_ERRNO(EINVAL, settime(55, setting));
  EXPECT_ERRNO(EINVAL, syscall(SYS_timer_gettime, 55, &setting));
  EXPECT_ERRNO(EINVAL, overrun(55));
  EXPECT_ERRNO(EINVAL, remove_timer(55));
  const int id = timer_of(CLOCK_MONOTONIC);
  EXPECT_OK(remove_timer(id));
  EXPECT_ERRNO(EINVAL, remove_timer(id));
  EXPECT_ERRNO(EINVAL, settime(id, setting));
}

TEST(PosixTimer, SettimeRefusesBadTimes) {
  const int id = timer_of(CLOCK_MONOTONIC);
  EXPECT_ERRNO(EINVAL, syscall(SYS_timer_settime, id, 0, nullptr, nullptr));
  EXPECT_ERRNO(EFAULT, syscall(SYS_timer_settime, id, 0, 8, nullptr));
  for (const itimerspec& bad : {itimerspec{{0, 0}, {-1, 0}}, itimerspec{{0, 0}, {0, 1'000'000'000}},
                                itimerspec{{0, -1}, {1, 0}}, itimerspec{{0, 1'000'000'000}, {0, 0}}})
    EXPECT_ERRNO(EINVAL, settime(id, bad));
}

TEST(PosixTimer, TellsAndReplacesTheSetting) {
  const int id = timer_of(CLOCK_MONOTONIC);
  EXPECT_TRUE(is_zero(gettime(id).it_value)) << "made disarmed";
  ASSERT_OK(settime(id, after(1000 * 1000 * kMs, 5 * kMs)));
  itimerspec now = gettime(id), former{};
  EXPECT_EQ(now.it_value.tv_sec, 999);
  EXPECT_EQ(now.it_interval.tv_nsec, 5 * kMs);
  ASSERT_OK(settime(id, after(0, 7 * kMs), 0, &former));
  EXPECT_EQ(former.it_value.tv_sec, 999);
  EXPECT_EQ(former.it_interval.tv_nsec, 5 * kMs);
  now = gettime(id);
  EXPECT_TRUE(is_zero(now.it_value) && is_zero(now.it_interval)) << "a zero value disarms and forgets the interval";
}

TEST(PosixTimer, AbsoluteTimeInThePastExpiresAtOnce) {
  block({SIGUSR1});
  for (clockid_t clock : {CLOCK_REALTIME, CLOCK_MONOTONIC}) {
    const int id = timer_of(clock);
    ASSERT_OK(settime(id, after(kMs), TIMER_ABSTIME));
    EXPECT_EQ(await(SIGUSR1).si_timerid, id);
  }
}

TEST(PosixTimer, AbsoluteTimeIsReached) {
  block({SIGUSR1});
  for (clockid_t clock : {CLOCK_REALTIME, CLOCK_MONOTONIC}) {
    const int id = timer_of(clock);
    timespec due = now_on(clock);
    due.tv_nsec += 20 * kMs;
    if (due.tv_nsec >= 1'000'000'000) due.tv_sec++, due.tv_nsec -= 1'000'000'000;
    ASSERT_OK(settime(id, {{0, 0}, due}, TIMER_ABSTIME));
    await(SIGUSR1);
    const timespec now = now_on(clock);
    EXPECT_TRUE(now.tv_sec > due.tv_sec || (now.tv_sec == due.tv_sec && now.tv_nsec >= due.tv_nsec));
  }
}

TEST(PosixTimer, PeriodicTimerCountsWhatItPassedOver) {
  block({SIGUSR1});
  const int id = timer_of(CLOCK_MONOTONIC);
  ASSERT_OK(settime(id, after(kMs, kMs)));
  sleep_ms(50);
  const siginfo_t info = await(SIGUSR1);
  EXPECT_GT(info.si_overrun, 20);
  EXPECT_EQ(overrun(id), info.si_overrun);
  EXPECT_EQ(await(SIGUSR1).si_timerid, id) << "it goes on";
  EXPECT_GT(gettime(id).it_value.tv_nsec, 0);
}

TEST(PosixTimer, OneSignalWaitsHoweverOftenItExpires) {
  block({SIGRTMIN});
  const int id = timer_of(CLOCK_MONOTONIC, SIGRTMIN);
  ASSERT_OK(settime(id, after(kMs, kMs)));
  sleep_ms(20);
  ASSERT_OK(settime(id, after(0)));
  await(SIGRTMIN);
  EXPECT_FALSE(is_pending(SIGRTMIN)) << "even a real-time signal";
}

TEST(PosixTimer, ExpiringAgainWhileTheSignalWaitsIsAnOverrun) {
  block({SIGUSR1});
  const int id = timer_of(CLOCK_MONOTONIC);
  ASSERT_OK(settime(id, after(1), TIMER_ABSTIME));
  while (!is_pending(SIGUSR1)) sleep_ms(1);
  ASSERT_OK(settime(id, after(1), TIMER_ABSTIME));
  while (!is_zero(gettime(id).it_value)) sleep_ms(1);
  EXPECT_EQ(await(SIGUSR1).si_overrun, 1);
  EXPECT_FALSE(is_pending(SIGUSR1));
}

TEST(PosixTimer, TwoTimersQueueOneOrdinarySignalEach) {
  block({SIGUSR1});
  const int one = timer_of(CLOCK_MONOTONIC), two = timer_of(CLOCK_MONOTONIC);
  ASSERT_OK(settime(one, after(1), TIMER_ABSTIME));
  while (!is_zero(gettime(one).it_value)) sleep_ms(1);
  ASSERT_OK(settime(two, after(1), TIMER_ABSTIME));
  while (!is_zero(gettime(two).it_value)) sleep_ms(1);
  ASSERT_OK(kill(getpid(), SIGUSR1));  // lost: one waits already
  EXPECT_EQ(await(SIGUSR1).si_timerid, one);
  EXPECT_TRUE(is_pending(SIGUSR1));
  EXPECT_EQ(await(SIGUSR1).si_timerid, two);
  EXPECT_FALSE(is_pending(SIGUSR1));
}

TEST(PosixTimer, HandlerGetsEveryPeriod) {
  count_signal(SIGUSR1);
  const int id = timer_of(CLOCK_MONOTONIC);
  ASSERT_OK(settime(id, after(kMs, kMs)));
  while (seen.count < 5) sleep_ms(1);
  EXPECT_OK(remove_timer(id));
}

TEST(PosixTimer, IgnoredSignalsLetItRunOn) {
  signal(SIGUSR1, SIG_IGN);
  const int id = timer_of(CLOCK_MONOTONIC);
  ASSERT_OK(settime(id, after(kMs, 2 * kMs)));
  sleep_ms(20);
  count_signal(SIGUSR1);
  while (seen.count < 2) sleep_ms(1);
  EXPECT_OK(remove_timer(id));
}

TEST(PosixTimer, WithoutNotificationCanBeWatched) {
  const int id = timer_of(CLOCK_MONOTONIC, 0, SIGEV_NONE);
  ASSERT_OK(settime(id, after(5 * kMs)));
  EXPECT_FALSE(is_zero(gettime(id).it_value));
  sleep_ms(10);
  EXPECT_TRUE(is_zero(gettime(id).it_value));
  ASSERT_OK(settime(id, after(5 * kMs, 1000 * kMs)));
  sleep_ms(10);
  const itimerspec now = gettime(id);
  EXPECT_FALSE(is_zero(now.it_value)) << "on the way to its second expiration";
  EXPECT_EQ(now.it_interval.tv_sec, 1);
}

TEST(PosixTimer, ThreadIdChoosesTheThread) {
  static volatile pthread_t handled_by;
  static volatile pid_t tid;
  struct sigaction action{};
  action.sa_handler = [](int) { handled_by = pthread_self(); };
  ASSERT_OK(sigaction(SIGUSR1, &action, nullptr));
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void*) -> void* {
                  tid = gettid();
                  while (handled_by == 0) sleep_ms(1);
                  return nullptr;
                },
                nullptr),
            0);
  while (tid == 0) sleep_ms(1);
  sigevent event = event_of(SIGEV_THREAD_ID, SIGUSR1);
  event._sigev_un._tid = tid;
  int id = -1;
  ASSERT_OK(create(CLOCK_MONOTONIC, &event, &id));
  ASSERT_OK(settime(id, after(kMs)));
  pthread_join(thread, nullptr);
  EXPECT_EQ(handled_by, thread);
  EXPECT_OK(settime(id, after(kMs))) << "its thread has ended; nothing happens";
  sleep_ms(5);
}

TEST(PosixTimer, DeletedTimerLeavesItsPendingSignal) {
  block({SIGUSR1});
  const int id = timer_of(CLOCK_MONOTONIC, SIGUSR1, SIGEV_SIGNAL, 9);
  ASSERT_OK(settime(id, after(1), TIMER_ABSTIME));
  while (!is_pending(SIGUSR1)) sleep_ms(1);
  EXPECT_OK(remove_timer(id));
  EXPECT_EQ(await(SIGUSR1).si_value.sival_int, 9);
}

TEST(PosixTimer, ChildrenHaveNone) {
  const int id = timer_of(CLOCK_MONOTONIC);
  EXPECT_EQ(in_child([&] {
              EXPECT_ERRNO(EINVAL, overrun(id));
              EXPECT_EQ(timer_of(CLOCK_MONOTONIC), 0) << "numbers begin anew";
            }),
            0);
}

TEST(PosixTimer, ExecDeletesThemAndWhatTheySent) {
  EXPECT_EQ(in_child([] {
              block({SIGUSR1});
              const int id = timer_of(CLOCK_MONOTONIC);
              ASSERT_OK(settime(id, after(kMs, kMs)));
              while (!is_pending(SIGUSR1)) sleep_ms(1);
              // Neither the thread nor the process has SIGUSR1 (0x200) pending.
              execl("/bin/busybox", "sh", "-c", "! grep -q '^S[ih][gd]Pnd:.*200$' /proc/$$/status", nullptr);
            }),
            0);
}

TEST(PosixTimer, CountAgainstTheLimitOfPendingSignals) {
  EXPECT_EQ(as_user([] {
              rlimit limit{3, 3};
              ASSERT_OK(setrlimit(RLIMIT_SIGPENDING, &limit));
              int id = -1;
              for (int i = 0; i < 3; i++) EXPECT_OK(create(CLOCK_MONOTONIC, nullptr, &id));
              EXPECT_ERRNO(EAGAIN, create(CLOCK_MONOTONIC, nullptr, &id));
              EXPECT_OK(remove_timer(id));
              EXPECT_OK(create(CLOCK_MONOTONIC, nullptr, &id));
            }),
            0);
}

TEST(PosixTimer, FollowsWhenTheRealTimeClockIsSet) {
  block({SIGUSR1});
  const int absolute = timer_of(CLOCK_REALTIME), relative = timer_of(CLOCK_REALTIME, SIGUSR2);
  const timespec now = now_on(CLOCK_REALTIME);
  ASSERT_OK(settime(absolute, {{0, 0}, {now.tv_sec + 5000, 0}}, TIMER_ABSTIME));
  ASSERT_OK(settime(relative, after(5000l * 1000 * kMs)));
  const timespec later{now.tv_sec + 6000, now.tv_nsec};
  ASSERT_OK(clock_settime(CLOCK_REALTIME, &later));
  EXPECT_EQ(await(SIGUSR1).si_timerid, absolute);
  EXPECT_GT(gettime(relative).it_value.tv_sec, 4000) << "a duration does not care";
  timespec back = now_on(CLOCK_REALTIME);
  back.tv_sec -= 6000;
  ASSERT_OK(clock_settime(CLOCK_REALTIME, &back));
}

namespace {
volatile bool expired;
void on_expired(int) { expired = true; }
}  // namespace

TEST(CpuTimer, ExpiresByUsedTimeOnly) {
  signal(SIGUSR1, on_expired);
  for (clockid_t clock : {CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID}) {
    expired = false;
    const int id = timer_of(clock);
    const timespec before = now_on(clock);
    ASSERT_OK(settime(id, after(20 * kMs)));
    sleep_ms(40);
    EXPECT_FALSE(expired) << "sleeping uses nothing";
    EXPECT_FALSE(is_zero(gettime(id).it_value));
    burn(expired);
    const timespec now = now_on(clock);
    EXPECT_GE((now.tv_sec - before.tv_sec) * 1'000'000'000 + now.tv_nsec - before.tv_nsec, 20 * kMs);
    EXPECT_TRUE(is_zero(gettime(id).it_value));
    EXPECT_OK(remove_timer(id));
  }
}

TEST(CpuTimer, RepeatsAndTellsItsTimer) {
  static volatile int count, code, number;
  count = 0;
  struct sigaction action{};
  action.sa_flags = SA_SIGINFO;
  action.sa_sigaction = [](int, siginfo_t* info, void*) {
    code = info->si_code;
    number = info->si_timerid;
    count = count + 1;
    expired = count >= 3;
  };
  ASSERT_OK(sigaction(SIGUSR1, &action, nullptr));
  expired = false;
  const int id = timer_of(CLOCK_PROCESS_CPUTIME_ID);
  ASSERT_OK(settime(id, after(10 * kMs, 10 * kMs)));
  burn(expired);
  EXPECT_EQ(code, SI_TIMER);
  EXPECT_EQ(number, id);
}

TEST(CpuTimer, AbsoluteTimeThatIsUsedExpiresAtOnce) {
  block({SIGUSR1});
  const int id = timer_of(CLOCK_PROCESS_CPUTIME_ID);
  ASSERT_OK(settime(id, after(1), TIMER_ABSTIME));
  EXPECT_EQ(await(SIGUSR1).si_timerid, id);
}

TEST(CpuTimer, WatchesAnotherProcess) {
  block({SIGUSR1});
  const pid_t worker = spawn([] {
    const volatile bool never = false;
    burn(never);
  });
  clockid_t clock;
  ASSERT_EQ(clock_getcpuclockid(worker, &clock), 0);
  const int id = timer_of(clock);
  ASSERT_OK(settime(id, after(20 * kMs)));
  EXPECT_EQ(await(SIGUSR1).si_timerid, id);
  ASSERT_OK(kill(worker, SIGKILL));
  EXPECT_EQ(reap(worker), 128 + SIGKILL);
  EXPECT_ERRNO(ESRCH, settime(id, after(kMs)));
  EXPECT_TRUE(is_zero(gettime(id).it_value));
  int other = -1;
  EXPECT_ERRNO(EINVAL, create(clock, nullptr, &other));
}

TEST(CpuTimer, ThreadsOfOthersHaveNoClock) {
  const clockid_t thread_of_init = (clockid_t)(~1u << 3 | 6);
  int id = -1;
  EXPECT_ERRNO(EINVAL, create(thread_of_init, nullptr, &id));
}

TEST(IntervalTimer, VirtualAndProfilingTimersCountCpuTime) {
  const int which[] = {ITIMER_VIRTUAL, ITIMER_PROF}, signals[] = {SIGVTALRM, SIGPROF};
  for (int i = 0; i < 2; i++) {
    expired = false;
    signal(signals[i], on_expired);
    itimerval setting{{0, 0}, {0, 20'000}}, now{};
    ASSERT_OK(setitimer(which[i], &setting, nullptr));
    sleep_ms(40);
    EXPECT_FALSE(expired);
    ASSERT_OK(getitimer(which[i], &now));
    EXPECT_GT(now.it_value.tv_usec, 0);
    burn(expired);
    ASSERT_OK(getitimer(which[i], &now));
    EXPECT_EQ(now.it_value.tv_usec, 0);
  }
}

TEST(IntervalTimer, ProfilingTimerRepeatsAndCanBeStopped) {
  count_signal(SIGPROF);
  itimerval setting{{0, 10'000}, {0, 10'000}}, former{};
  ASSERT_OK(setitimer(ITIMER_PROF, &setting, nullptr));
  volatile unsigned long n = 0;
  while (seen.count < 3) n = n + 1;
  setting = {};
  ASSERT_OK(setitimer(ITIMER_PROF, &setting, &former));
  EXPECT_EQ(former.it_interval.tv_usec, 10'000);
}

TEST(IntervalTimer, RealTimerSurvivesExecButNotFork) {
  EXPECT_EQ(in_child([] {
              itimerval setting{{0, 0}, {0, 50'000}}, now{};
              ASSERT_OK(setitimer(ITIMER_REAL, &setting, nullptr));
              EXPECT_EQ(in_child([&] {
                          EXPECT_OK(getitimer(ITIMER_REAL, &now));
                          EXPECT_EQ(now.it_value.tv_usec, 0);
                        }),
                        0);
              execl("/bin/busybox", "sleep", "100", nullptr);
            }),
            128 + SIGALRM);
}

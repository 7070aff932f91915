/// nanosleep(2), clock_nanosleep(2), alarm(2), setitimer(2), times(2), getrusage(2).
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/signals.h"

using namespace systest;

namespace {

long nanoseconds(clockid_t clock) {
  timespec t{};
  EXPECT_OK(clock_gettime(clock, &t));
  return t.tv_sec * 1000000000 + t.tv_nsec;
}

void work(long nanoseconds_of_cpu) {
  const long end = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) + nanoseconds_of_cpu;
  while (nanoseconds(CLOCK_PROCESS_CPUTIME_ID) < end) continue;
}

}  // namespace

TEST(Nanosleep, SleepsAtLeastAsLong) {
  const timespec length{0, 20000000};
  const long before = nanoseconds(CLOCK_MONOTONIC);
  EXPECT_OK(syscall(SYS_nanosleep, &length, nullptr));
  EXPECT_GE(nanoseconds(CLOCK_MONOTONIC) - before, 20000000);
}

TEST(Nanosleep, RefusesBadTimes) {
  const timespec too_many{0, 1000000000}, negative{-1, 0}, zero{0, 0};
  EXPECT_ERRNO(EINVAL, syscall(SYS_nanosleep, &too_many, nullptr));
  EXPECT_ERRNO(EINVAL, syscall(SYS_nanosleep, &negative, nullptr));
  EXPECT_OK(syscall(SYS_nanosleep, &zero, nullptr));
}

TEST(ClockNanosleep, AbsoluteTimeInThePastReturnsAtOnce) {
  const timespec past{1, 0};
  EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &past, nullptr), 0);
  EXPECT_EQ(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &past, nullptr), 0);
}

TEST(ClockNanosleep, AbsoluteTimeIsReached) {
  timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_nsec += 10000000;
  if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
  EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr), 0);
  EXPECT_GE(nanoseconds(CLOCK_MONOTONIC), until.tv_sec * 1000000000 + until.tv_nsec);
}

TEST(ClockNanosleep, RefusesBadClocks) {
  const timespec zero{0, 0};
  EXPECT_EQ(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &zero, nullptr), EINVAL);
  EXPECT_EQ(clock_nanosleep(99, 0, &zero, nullptr), EINVAL);
  EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC_RAW, 0, &zero, nullptr), ENOTSUP);
}

TEST(Alarm, ComesOnceAndTellsTheRest) {
  EXPECT_EQ(alarm(100), 0u);
  EXPECT_EQ(alarm(1), 100u);
  count_signal(SIGALRM);
  EXPECT_ERRNO(EINTR, pause());
  EXPECT_EQ(seen.count, 1);
  EXPECT_EQ(alarm(0), 0u);
}

TEST(Alarm, SharesTheRealTimer) {
  alarm(100);
  itimerval now{};
  EXPECT_OK(getitimer(ITIMER_REAL, &now));
  EXPECT_GE(now.it_value.tv_sec, 90);
  EXPECT_EQ(now.it_interval.tv_sec, 0);
  alarm(0);
  EXPECT_OK(getitimer(ITIMER_REAL, &now));
  EXPECT_EQ(now.it_value.tv_sec, 0);
  EXPECT_EQ(now.it_value.tv_usec, 0);
}

TEST(Itimer, RealRepeats) {
  count_signal(SIGALRM);
  const itimerval every{{0, 5000}, {0, 5000}};
  EXPECT_OK(setitimer(ITIMER_REAL, &every, nullptr));
  while (seen.count < 3) usleep(1000);
  const itimerval off{};
  itimerval old{};
  EXPECT_OK(setitimer(ITIMER_REAL, &off, &old));
  EXPECT_EQ(old.it_interval.tv_usec, 5000);
}

TEST(Itimer, VirtualAndProfCountCpuTime) {
  count_signal(SIGVTALRM);
  const itimerval once{{0, 0}, {0, 10000}};
  EXPECT_OK(setitimer(ITIMER_VIRTUAL, &once, nullptr));
  while (seen.count < 1) continue;
  EXPECT_EQ(seen.signal, SIGVTALRM);
  count_signal(SIGPROF);
  EXPECT_OK(setitimer(ITIMER_PROF, &once, nullptr));
  while (seen.count < 1) getppid();
  EXPECT_EQ(seen.signal, SIGPROF);
}

TEST(Itimer, RefusesBadArguments) {
  const itimerval bad{{0, 0}, {0, 1000000}};
  itimerval now;
  EXPECT_ERRNO(EINVAL, setitimer(ITIMER_REAL, &bad, nullptr));
  EXPECT_ERRNO(EINVAL, setitimer((__itimer_which)9, &now, nullptr));
  EXPECT_ERRNO(EINVAL, getitimer((__itimer_which)9, &now));
}

TEST(Times, CountOwnAndReapedChildrensTime) {
  tms before{}, after{};
  EXPECT_NE(times(&before), (clock_t)-1);
  EXPECT_EQ(in_child([] { work(50000000); }), 0);
  EXPECT_NE(times(&after), (clock_t)-1);
  EXPECT_GE(after.tms_cutime + after.tms_cstime, before.tms_cutime + before.tms_cstime + 4);
  work(30000000);
  tms worked{};
  times(&worked);
  EXPECT_GE(worked.tms_utime + worked.tms_stime, after.tms_utime + after.tms_stime + 2);
}

TEST(Rusage, SelfAndChildrenAreApart) {
  rusage self{}, children{};
  work(30000000);
  EXPECT_OK(getrusage(RUSAGE_SELF, &self));
  EXPECT_GE(self.ru_utime.tv_usec + self.ru_stime.tv_usec + 1000000 * self.ru_utime.tv_sec, 20000);
  EXPECT_OK(getrusage(RUSAGE_CHILDREN, &children));
  EXPECT_EQ(children.ru_utime.tv_sec + children.ru_stime.tv_sec, 0);
  EXPECT_GT(self.ru_maxrss, 0);
  EXPECT_GT(self.ru_minflt, 0);
  EXPECT_ERRNO(EINVAL, getrusage((__rusage_who)9, &self));
}

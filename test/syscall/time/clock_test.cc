/// clock_gettime(2), clock_getres(2), gettimeofday(2), time(2), settimeofday(2): by vDSO and by system call.
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"

using namespace systest;

namespace {

constexpr clockid_t kClocks[] = {CLOCK_REALTIME,          CLOCK_MONOTONIC,     CLOCK_PROCESS_CPUTIME_ID,
                                 CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
                                 CLOCK_MONOTONIC_COARSE,  CLOCK_BOOTTIME};

timespec by_libc(clockid_t clock) {
  timespec t{};
  EXPECT_OK(clock_gettime(clock, &t));
  return t;
}

timespec by_call(clockid_t clock) {
  timespec t{};
  EXPECT_OK(syscall(SYS_clock_gettime, clock, &t));
  return t;
}

bool in_order(timespec a, timespec b) {
  return a.tv_sec < b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec <= b.tv_nsec);
}

}  // namespace

TEST(Clock, LibcAndTheCallAgreeOnEveryClock) {
  for (clockid_t clock : kClocks) {
    const timespec a = by_call(clock), b = by_libc(clock), c = by_call(clock);
    EXPECT_TRUE(in_order(a, b) && in_order(b, c)) << "clock " << clock;
    EXPECT_LT(c.tv_nsec, 1000000000);
  }
}

TEST(Clock, MonotonicNeverGoesBack) {
  timespec last = by_libc(CLOCK_MONOTONIC);
  for (int i = 0; i < 10000; i++) {
    const timespec now = by_libc(CLOCK_MONOTONIC);
    ASSERT_TRUE(in_order(last, now));
    last = now;
  }
}

TEST(Clock, MonotonicNeverGoesBackAcrossProcessors) {
  for (int i = 0; i < 50; i++) {
    timespec in_child_time{};
    const timespec before = by_libc(CLOCK_MONOTONIC);
    EXPECT_EQ(in_child([&] { EXPECT_TRUE(in_order(before, by_libc(CLOCK_MONOTONIC))); }), 0);
    in_child_time = by_libc(CLOCK_MONOTONIC);
    EXPECT_TRUE(in_order(before, in_child_time));
  }
}

TEST(Clock, RealtimeIsAfterThisWasWritten) { EXPECT_GT(by_libc(CLOCK_REALTIME).tv_sec, 1600000000); }

TEST(Clock, GettimeofdayAndTimeAgreeWithRealtime) {
  const timespec before = by_call(CLOCK_REALTIME);
  timeval by_vdso{}, by_syscall{};
  EXPECT_OK(gettimeofday(&by_vdso, nullptr));
  EXPECT_OK(syscall(SYS_gettimeofday, &by_syscall, nullptr));
  const timespec after = by_call(CLOCK_REALTIME);
  for (const timeval& t : {by_vdso, by_syscall}) {
    EXPECT_GE(t.tv_sec, before.tv_sec);
    EXPECT_LE(t.tv_sec, after.tv_sec);
    EXPECT_LT(t.tv_usec, 1000000);
  }
  time_t stored = 0;
  const time_t now = time(&stored);
  EXPECT_EQ(now, stored);
  EXPECT_GE(syscall(SYS_time, nullptr), before.tv_sec - 1);
}

TEST(Clock, ResolutionIsNanoseconds) {
  timespec resolution{};
  EXPECT_OK(clock_getres(CLOCK_MONOTONIC, &resolution));
  EXPECT_EQ(resolution.tv_sec, 0);
  EXPECT_EQ(resolution.tv_nsec, 1);
  EXPECT_OK(clock_getres(CLOCK_REALTIME, nullptr));
}

TEST(Clock, UnknownClockIsEinval) {
  timespec t;
  EXPECT_ERRNO(EINVAL, clock_gettime(99, &t));
  EXPECT_ERRNO(EINVAL, syscall(SYS_clock_gettime, 99, &t));
  EXPECT_ERRNO(EINVAL, clock_getres(99, &t));
}

TEST(Clock, CpuTimeGrowsWithWorkOnly) {
  const timespec before = by_libc(CLOCK_PROCESS_CPUTIME_ID);
  for (volatile int i = 0; i < 3000000; i = i + 1) continue;
  const timespec after = by_libc(CLOCK_PROCESS_CPUTIME_ID);
  EXPECT_TRUE(in_order(before, after));
  EXPECT_FALSE(in_order(after, before));
}

TEST(Clock, SettingIsForRoot) {
  EXPECT_EQ(as_user([] {
              const timespec now = by_libc(CLOCK_REALTIME);
              const timeval tv{now.tv_sec, 0};
              EXPECT_ERRNO(EPERM, clock_settime(CLOCK_REALTIME, &now));
              EXPECT_ERRNO(EPERM, settimeofday(&tv, nullptr));
            }),
            0);
}

TEST(Clock, SettingRefusesBadArguments) {
  const timespec bad{0, 1000000000};
  const timespec negative{-1, 0};
  EXPECT_ERRNO(EINVAL, clock_settime(CLOCK_REALTIME, &bad));
  EXPECT_ERRNO(EINVAL, clock_settime(CLOCK_REALTIME, &negative));
  const timespec fine{1700000000, 0};
  EXPECT_ERRNO(EINVAL, clock_settime(CLOCK_MONOTONIC, &fine));
}

TEST(Clock, AdjtimexReads) {
  timex state{};
  EXPECT_NE(adjtimex(&state), -1);
  EXPECT_GE(state.tick, 9000);
  EXPECT_LE(state.tick, 11000);
}

TEST(Adjtimex, RefusesAStepBeyondTheClock) {
  timex step{};
  step.modes = ADJ_SETOFFSET;
  step.time.tv_sec = INT64_MAX;
  EXPECT_ERRNO(EINVAL, adjtimex(&step));
  step.time.tv_sec = INT64_MIN;
  EXPECT_ERRNO(EINVAL, adjtimex(&step));
}

/// timerfd_create(2), timerfd_settime(2), timerfd_gettime(2).
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>

#include <string>

#include "epoll.h"
#include "support/child.h"

using namespace systest;

namespace {

constexpr long kMs = 1'000'000;

itimerspec spec(long value_ns, long interval_ns = 0) {
  constexpr long kSecond = 1'000'000'000;
  return {{interval_ns / kSecond, interval_ns % kSecond}, {value_ns / kSecond, value_ns % kSecond}};
}
long ns_of(const timespec& t) { return t.tv_sec * 1'000'000'000 + t.tv_nsec; }
long now_on(clockid_t clock) {
  timespec t;
  clock_gettime(clock, &t);
  return ns_of(t);
}
int arm(int fd, const itimerspec& value, int flags = 0) { return timerfd_settime(fd, flags, &value, nullptr); }

class TimerfdClock : public testing::TestWithParam<clockid_t> {};

}  // namespace

TEST(Timerfd, RefusesBadArguments) {
  EXPECT_ERRNO(EINVAL, timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
  EXPECT_ERRNO(EINVAL, timerfd_create(99, 0));
  EXPECT_ERRNO(EINVAL, timerfd_create(CLOCK_MONOTONIC, 1));
  Fd fd{timerfd_create(CLOCK_MONOTONIC, 0)}, event{eventfd(0, 0)};
  const itimerspec good = spec(0), bad_ns = {{0, 0}, {0, 1'000'000'000}}, negative = {{-1, 0}, {1, 0}};
  EXPECT_ERRNO(EINVAL, arm(fd, good, 4));
  EXPECT_ERRNO(EINVAL, arm(fd, bad_ns));
  EXPECT_ERRNO(EINVAL, arm(fd, negative));
  EXPECT_ERRNO(EINVAL, arm(event, good));
  EXPECT_ERRNO(EBADF, arm(999, good));
  itimerspec now;
  EXPECT_ERRNO(EINVAL, timerfd_gettime(event, &now));
  EXPECT_ERRNO(EFAULT, timerfd_settime(fd, 0, nullptr, nullptr));
  std::uint64_t ticks;
  EXPECT_ERRNO(EINVAL, read(fd, &ticks, 7));
  EXPECT_ERRNO(EINVAL, write(fd, &ticks, 8));
}

TEST(Timerfd, AlarmClocksNeedACapability) {
  Fd real{timerfd_create(CLOCK_REALTIME_ALARM, 0)}, boot{timerfd_create(CLOCK_BOOTTIME_ALARM, 0)};
  EXPECT_GE(real, 0);
  EXPECT_GE(boot, 0);
  EXPECT_EQ(as_user([] { EXPECT_ERRNO(EPERM, timerfd_create(CLOCK_REALTIME_ALARM, 0)); }), 0);
}

TEST_P(TimerfdClock, ARelativeTimerExpiresOnce) {
  Fd fd{timerfd_create(GetParam(), 0)};
  EXPECT_OK(arm(fd, spec(kMs)));
  EXPECT_EQ(drain(fd), 1u);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  std::uint64_t ticks;
  EXPECT_ERRNO(EAGAIN, read(fd, &ticks, 8));
}

TEST_P(TimerfdClock, AnAbsoluteTimerDoesNotFireEarly) {
  Fd fd{timerfd_create(GetParam(), 0)};
  const long when = now_on(GetParam()) + 3 * kMs;
  EXPECT_OK(arm(fd, spec(when), TFD_TIMER_ABSTIME));
  EXPECT_EQ(drain(fd), 1u);
  EXPECT_GE(now_on(GetParam()), when);
}

TEST_P(TimerfdClock, APastTimeExpiresAtOnce) {
  Fd fd{timerfd_create(GetParam(), 0)};
  EXPECT_OK(arm(fd, spec(1), TFD_TIMER_ABSTIME));
  EXPECT_EQ(drain(fd), 1u);
}

INSTANTIATE_TEST_SUITE_P(Clocks, TimerfdClock,
                         testing::Values(CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_REALTIME_ALARM));

TEST(Timerfd, CountsTheExpirationsThatNobodyRead) {
  Fd fd{timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)};
  const long start = now_on(CLOCK_MONOTONIC);
  EXPECT_OK(arm(fd, spec(start - 10 * kMs, kMs), TFD_TIMER_ABSTIME));
  pollfd entry{fd, POLLIN, 0};
  EXPECT_EQ(poll(&entry, 1, -1), 1);
  EXPECT_GE(drain(fd), 11u);
  EXPECT_EQ(poll(&entry, 1, -1), 1);
  EXPECT_GE(drain(fd), 1u);
}

TEST(Timerfd, APeriodicTimerGoesOn) {
  Fd fd{timerfd_create(CLOCK_MONOTONIC, 0)};
  EXPECT_OK(arm(fd, spec(kMs, 2 * kMs)));
  std::uint64_t total = 0;
  while (total < 4) total += drain(fd);
  itimerspec now;
  EXPECT_OK(timerfd_gettime(fd, &now));
  EXPECT_EQ(ns_of(now.it_interval), 2 * kMs);
  EXPECT_GT(ns_of(now.it_value), 0);
  EXPECT_LE(ns_of(now.it_value), 2 * kMs);
}

TEST(Timerfd, SettingAnswersWhatWasThere) {
  Fd fd{timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)};
  const itimerspec hour = spec(3600'000 * kMs, 7 * kMs), none = spec(0);
  itimerspec before;
  EXPECT_OK(timerfd_settime(fd, 0, &hour, &before));
  EXPECT_EQ(ns_of(before.it_value), 0);
  EXPECT_OK(timerfd_settime(fd, 0, &none, &before));
  EXPECT_EQ(ns_of(before.it_interval), 7 * kMs);
  EXPECT_GT(ns_of(before.it_value), 3599'000 * kMs);
  EXPECT_LE(ns_of(before.it_value), 3600'000 * kMs);
  EXPECT_OK(timerfd_gettime(fd, &before));
  EXPECT_EQ(ns_of(before.it_value), 0);
}

TEST(Timerfd, SettingDiscardsWhatWasNotRead) {
  Fd fd{timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)};
  EXPECT_OK(arm(fd, spec(1), TFD_TIMER_ABSTIME));
  pollfd entry{fd, POLLIN | POLLOUT, 0};
  EXPECT_EQ(poll(&entry, 1, -1), 1);  // Linux's own interrupt comes a moment later
  EXPECT_EQ(entry.revents, POLLIN);
  EXPECT_OK(arm(fd, spec(0)));
  EXPECT_EQ(poll(&entry, 1, 0), 0);
}

TEST(Timerfd, AnExpiredOneShotHasNothingLeft) {
  Fd fd{timerfd_create(CLOCK_MONOTONIC, 0)};
  EXPECT_OK(arm(fd, spec(kMs)));
  pollfd entry{fd, POLLIN, 0};
  EXPECT_EQ(poll(&entry, 1, -1), 1);
  itimerspec now;
  EXPECT_OK(timerfd_gettime(fd, &now));
  EXPECT_EQ(ns_of(now.it_value), 0);
  EXPECT_EQ(drain(fd), 1u) << "asking does not take the expiration";
}

TEST(Timerfd, EpollHearsOfIt) {
  Epoll epoll;
  Fd fd{timerfd_create(CLOCK_MONOTONIC, 0)};
  EXPECT_OK(epoll.add(fd, EPOLLIN | EPOLLET));
  EXPECT_EQ(epoll.only(), 0u);
  EXPECT_OK(arm(fd, spec(kMs, kMs)));
  EXPECT_EQ(epoll.only(-1), EPOLLIN);
  EXPECT_GE(drain(fd), 1u);
  EXPECT_EQ(epoll.only(-1), EPOLLIN);
}

TEST(Timerfd, ASetClockCancelsTheReader) {
  Fd fd{timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK)};
  const long hour = now_on(CLOCK_REALTIME) + 3600'000 * kMs;
  EXPECT_OK(arm(fd, spec(hour), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET));
  Epoll epoll;
  EXPECT_OK(epoll.add(fd, EPOLLIN));
  EXPECT_EQ(epoll.only(), 0u);
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  ++now.tv_sec;
  ASSERT_OK(clock_settime(CLOCK_REALTIME, &now));
  EXPECT_EQ(epoll.only(-1), EPOLLIN);
  std::uint64_t ticks;
  EXPECT_ERRNO(ECANCELED, read(fd, &ticks, 8));
  EXPECT_ERRNO(EAGAIN, read(fd, &ticks, 8));
}

TEST(Timerfd, AnAbsoluteTimerFollowsTheClock) {
  Fd fd{timerfd_create(CLOCK_REALTIME, 0)};
  const long start = now_on(CLOCK_REALTIME);
  EXPECT_OK(arm(fd, spec(start + 3600'000 * kMs), TFD_TIMER_ABSTIME));
  timespec later{start / 1'000'000'000 + 3601, 0};
  ASSERT_OK(clock_settime(CLOCK_REALTIME, &later));
  EXPECT_EQ(drain(fd), 1u);
  const timespec back{start / 1'000'000'000, 0};
  EXPECT_OK(clock_settime(CLOCK_REALTIME, &back));
}

TEST(Timerfd, LooksLikeAnAnonymousInode) {
  Fd fd{timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)};
  EXPECT_EQ(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
  EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  char link[64] = {};
  EXPECT_GT(readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), link, sizeof link - 1), 0);
  EXPECT_STREQ(link, "anon_inode:[timerfd]");
  EXPECT_OK(arm(fd, spec(3600'000 * kMs, 1500 * kMs)));
  const std::string text = slurp(("/proc/self/fdinfo/" + std::to_string(fd)).c_str());
  EXPECT_NE(text.find("clockid: 1\nticks: 0\nsettime flags: 00\nit_value: (3599, "), std::string::npos) << text;
  EXPECT_NE(text.find("it_interval: (1, 500000000)\n"), std::string::npos) << text;
}

TEST(Timerfd, AForkedChildSharesTheTimer) {
  Fd fd{timerfd_create(CLOCK_MONOTONIC, 0)};
  EXPECT_EQ(in_child([&] { EXPECT_OK(arm(fd, spec(kMs))); }), 0);
  EXPECT_EQ(drain(fd), 1u);
}

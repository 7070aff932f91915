/// rt_sigprocmask(2), rt_sigpending(2), rt_sigsuspend(2), rt_sigtimedwait(2).
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/signals.h"

using namespace systest;

namespace {

int order[8];
int ordered;
void on_order(int signal) { order[ordered++] = signal; }

}  // namespace

TEST(Sigprocmask, BlockUnblockSetAndAsk) {
  sigset_t old, set = set_of({SIGUSR1, SIGTERM});
  EXPECT_OK(sigprocmask(SIG_SETMASK, &set, nullptr));
  set = set_of({SIGUSR2});
  EXPECT_OK(sigprocmask(SIG_BLOCK, &set, &old));
  EXPECT_EQ(sigismember(&old, SIGUSR1), 1);
  EXPECT_EQ(sigismember(&old, SIGUSR2), 0);
  set = set_of({SIGTERM});
  EXPECT_OK(sigprocmask(SIG_UNBLOCK, &set, nullptr));
  EXPECT_OK(sigprocmask(SIG_BLOCK, nullptr, &old));
  EXPECT_EQ(sigismember(&old, SIGUSR1), 1);
  EXPECT_EQ(sigismember(&old, SIGUSR2), 1);
  EXPECT_EQ(sigismember(&old, SIGTERM), 0);
}

TEST(Sigprocmask, KillAndStopCannotBeBlocked) {
  unsigned long all = ~0ul, now = 0;
  EXPECT_OK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, nullptr, 8));
  EXPECT_OK(syscall(SYS_rt_sigprocmask, SIG_BLOCK, nullptr, &now, 8));
  EXPECT_EQ(now, ~(1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1)));
}

TEST(Sigprocmask, RefusesBadArguments) {
  unsigned long set = 0;
  EXPECT_ERRNO(EINVAL, syscall(SYS_rt_sigprocmask, 3, &set, nullptr, 8));
  EXPECT_ERRNO(EINVAL, syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, nullptr, 4));
  EXPECT_OK(syscall(SYS_rt_sigprocmask, 3, nullptr, &set, 8)) << "no set, no look at how";
}

TEST(Sigprocmask, BlockedSignalPendsAndRunsWhenUnblocked) {
  count_signal(SIGUSR1);
  block({SIGUSR1});
  raise(SIGUSR1);
  raise(SIGUSR1);
  EXPECT_EQ(seen.count, 0);
  sigset_t pending;
  EXPECT_OK(sigpending(&pending));
  EXPECT_EQ(sigismember(&pending, SIGUSR1), 1);
  EXPECT_EQ(sigismember(&pending, SIGUSR2), 0);
  unblock({SIGUSR1});
  EXPECT_EQ(seen.count, 1) << "ordinary signals do not queue";
}

TEST(Sigprocmask, RealTimeSignalsQueue) {
  count_signal(SIGRTMIN);
  block({SIGRTMIN});
  for (int i = 0; i < 3; i++) raise(SIGRTMIN);
  unblock({SIGRTMIN});
  EXPECT_EQ(seen.count, 3);
}

TEST(Sigprocmask, LowestPendingSignalRunsLastInAStackOfHandlers) {
  struct sigaction action{};
  action.sa_handler = on_order;
  for (int signal : {SIGUSR1, SIGUSR2, SIGTERM}) sigaction(signal, &action, nullptr);
  sigfillset(&action.sa_mask);
  for (int signal : {SIGUSR1, SIGUSR2, SIGTERM}) sigaction(signal, &action, nullptr);
  block({SIGUSR1, SIGUSR2, SIGTERM});
  for (int signal : {SIGTERM, SIGUSR2, SIGUSR1}) raise(signal);
  unblock({SIGUSR1, SIGUSR2, SIGTERM});
  ASSERT_EQ(ordered, 3);
  EXPECT_EQ(order[0], SIGUSR1) << "handlers that block all run in ascending order";
  EXPECT_EQ(order[1], SIGUSR2);
  EXPECT_EQ(order[2], SIGTERM);
}

TEST(Sigsuspend, WaitsWithItsMaskAndRestoresTheOldOne) {
  count_signal(SIGUSR1);
  block({SIGUSR1});
  raise(SIGUSR1);
  const sigset_t none = set_of({});
  EXPECT_ERRNO(EINTR, sigsuspend(&none));
  EXPECT_EQ(seen.count, 1);
  sigset_t now;
  sigprocmask(SIG_BLOCK, nullptr, &now);
  EXPECT_EQ(sigismember(&now, SIGUSR1), 1);
}

TEST(Sigsuspend, IsNotRestartedByRestartFlag) {
  count_signal(SIGUSR1, SA_RESTART);
  block({SIGUSR1});
  raise(SIGUSR1);
  const sigset_t none = set_of({});
  EXPECT_ERRNO(EINTR, sigsuspend(&none));
}

TEST(Sigsuspend, IgnoredSignalDoesNotWake) {
  count_signal(SIGUSR1);
  block({SIGUSR1});
  signal(SIGUSR2, SIG_IGN);
  const pid_t self = getpid();
  const pid_t pid = spawn([=] {
    await_state(self, 'S');
    kill(self, SIGUSR2);
    await_state(self, 'S');
    kill(self, SIGUSR1);
  });
  const sigset_t none = set_of({});
  EXPECT_ERRNO(EINTR, sigsuspend(&none));
  EXPECT_EQ(seen.signal, SIGUSR1);
  reap(pid);
}

TEST(Sigsuspend, WrongSetSizeIsEinval) {
  unsigned long none = 0;
  EXPECT_ERRNO(EINVAL, syscall(SYS_rt_sigsuspend, &none, 4));
}

TEST(Pause, ReturnsAfterAHandler) {
  count_signal(SIGUSR1);
  const pid_t self = getpid();
  const pid_t pid = spawn([=] {
    await_state(self, 'S');
    kill(self, SIGUSR1);
  });
  EXPECT_ERRNO(EINTR, pause());
  EXPECT_EQ(seen.count, 1);
  EXPECT_EQ(reap(pid), 0);
}

TEST(Sigtimedwait, TakesAPendingSignalWithoutItsHandler) {
  count_signal(SIGUSR1);
  block({SIGUSR1});
  ASSERT_OK(kill(getpid(), SIGUSR1));
  const sigset_t set = set_of({SIGUSR1});
  siginfo_t info{};
  EXPECT_EQ(sigwaitinfo(&set, &info), SIGUSR1);
  EXPECT_EQ(info.si_pid, getpid());
  EXPECT_EQ(seen.count, 0);
  sigset_t pending;
  sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGUSR1), 0);
}

TEST(Sigtimedwait, ZeroTimeoutPolls) {
  block({SIGUSR1});
  const sigset_t set = set_of({SIGUSR1});
  const timespec zero{0, 0};
  EXPECT_ERRNO(EAGAIN, sigtimedwait(&set, nullptr, &zero));
  raise(SIGUSR1);
  EXPECT_EQ(sigtimedwait(&set, nullptr, &zero), SIGUSR1);
}

TEST(Sigtimedwait, TimesOutWithEagain) {
  block({SIGUSR1});
  const sigset_t set = set_of({SIGUSR1});
  const timespec soon{0, 1000000};
  EXPECT_ERRNO(EAGAIN, sigtimedwait(&set, nullptr, &soon));
}

TEST(Sigtimedwait, OtherHandlerInterrupts) {
  count_signal(SIGUSR2, SA_RESTART);
  block({SIGUSR1});
  const pid_t self = getpid();
  const pid_t pid = spawn([=] {
    await_state(self, 'S');
    kill(self, SIGUSR2);
  });
  const sigset_t set = set_of({SIGUSR1});
  EXPECT_ERRNO(EINTR, syscall(SYS_rt_sigtimedwait, &set, nullptr, nullptr, 8));
  EXPECT_EQ(reap(pid), 0);
}

TEST(Sigtimedwait, WaitsForASignalThatComesLater) {
  block({SIGUSR1});
  const pid_t self = getpid();
  const pid_t pid = spawn([=] {
    await_state(self, 'S');
    kill(self, SIGUSR1);
  });
  const sigset_t set = set_of({SIGUSR1});
  siginfo_t info{};
  EXPECT_EQ(sigwaitinfo(&set, &info), SIGUSR1);
  EXPECT_EQ(info.si_pid, pid);
  EXPECT_EQ(reap(pid), 0);
}

TEST(Sigtimedwait, RefusesBadArguments) {
  unsigned long set = 1;
  const timespec bad{0, 1000000000}, negative{-1, 0};
  EXPECT_ERRNO(EINVAL, syscall(SYS_rt_sigtimedwait, &set, nullptr, &bad, 8));
  EXPECT_ERRNO(EINVAL, syscall(SYS_rt_sigtimedwait, &set, nullptr, &negative, 8));
  EXPECT_ERRNO(EINVAL, syscall(SYS_rt_sigtimedwait, &set, nullptr, nullptr, 4));
}

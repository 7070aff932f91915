/// kill(2), tkill(2), tgkill(2): targets and permission.
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/signals.h"

using namespace systest;

TEST(Kill, RefusesUnknownTargetsAndSignals) {
  EXPECT_ERRNO(ESRCH, kill(999999, 0));
  EXPECT_ERRNO(ESRCH, kill(-999999, SIGTERM));
  EXPECT_ERRNO(EINVAL, kill(getpid(), 65));
  EXPECT_ERRNO(EINVAL, kill(getpid(), -1));
  EXPECT_ERRNO(ESRCH, syscall(SYS_tkill, 999999, 0));
  EXPECT_ERRNO(EINVAL, syscall(SYS_tkill, -1, 0));
  EXPECT_ERRNO(EINVAL, tgkill(getpid(), 0, 0));
  EXPECT_ERRNO(ESRCH, tgkill(1, gettid(), 0)) << "a thread of another process";
}

TEST(Kill, SignalZeroOnlyChecks) {
  EXPECT_OK(kill(getpid(), 0));
  EXPECT_OK(kill(1, 0));
}

TEST(Kill, UserMaySignalOnlyTheirOwn) {
  Gate ready, finish;
  const pid_t roots = spawn([&] { finish.wait(); });
  const pid_t users = spawn([&] {
    become(kUser, kUser);
    ready.open();
    pause();
  });
  ready.wait();
  EXPECT_EQ(as_user([=] {
              EXPECT_ERRNO(EPERM, kill(roots, SIGTERM));
              EXPECT_ERRNO(EPERM, kill(roots, 0));
              EXPECT_ERRNO(EPERM, kill(1, SIGTERM));
              EXPECT_OK(kill(users, SIGTERM));
            }),
            0);
  EXPECT_EQ(reap(users), 128 + SIGTERM);
  finish.open();
  EXPECT_EQ(reap(roots), 0);
}

TEST(Kill, UserMayContinueProcessesOfTheSession) {
  Gate finish;
  const pid_t roots = spawn([&] { finish.wait(); });
  EXPECT_EQ(as_user([=] { EXPECT_OK(kill(roots, SIGCONT)); }), 0);
  finish.open();
  EXPECT_EQ(reap(roots), 0);
}

TEST(Kill, ZeroMeansTheOwnGroup) {
  EXPECT_EQ(in_child([] {
              ASSERT_OK(setpgid(0, 0));
              const pid_t member = spawn([] { pause(); });
              signal(SIGTERM, SIG_IGN);
              EXPECT_OK(kill(0, SIGTERM));
              EXPECT_EQ(reap(member), 128 + SIGTERM);
            }),
            0);
}

TEST(Kill, MinusOneSparesTheCallerAndInit) {
  EXPECT_EQ(as_user([&] {
              const pid_t other = spawn([] { pause(); });
              EXPECT_OK(kill(-1, SIGUSR2));
              EXPECT_EQ(reap(other), 128 + SIGUSR2);
              EXPECT_OK(kill(-1, 0)) << "refusals do not count";
            }),
            0);
}

TEST(Kill, WakesASleepingReader) {
  auto pipe = make_pipe();
  const pid_t pid = spawn([&] {
    char byte;
    EXPECT_ERRNO(EINTR, read(pipe.read, &byte, 1));
  });
  await_state(pid, 'S');
  EXPECT_OK(kill(pid, SIGKILL));
  EXPECT_EQ(reap(pid), 128 + SIGKILL);
}

TEST(Kill, ReachesAThreadThatDoesNotBlockTheSignal) {
  static volatile pthread_t handler_thread;
  struct sigaction action{};
  action.sa_handler = [](int) { handler_thread = pthread_self(); };
  ASSERT_OK(sigaction(SIGUSR1, &action, nullptr));
  static Gate* started = new Gate;
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void*) -> void* {
                  started->open();
                  while (handler_thread == 0) usleep(1000);
                  return nullptr;
                },
                nullptr),
            0);
  started->wait();
  block({SIGUSR1});
  ASSERT_OK(kill(getpid(), SIGUSR1));
  EXPECT_EQ(pthread_join(thread, nullptr), 0);
  EXPECT_EQ(handler_thread, thread);
}

TEST(Tgkill, ReachesOnlyTheThreadNamed) {
  static volatile pthread_t handler_thread;
  static volatile pid_t tid;
  struct sigaction action{};
  action.sa_handler = [](int) { handler_thread = pthread_self(); };
  ASSERT_OK(sigaction(SIGUSR1, &action, nullptr));
  static Gate* started = new Gate;
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void*) -> void* {
                  tid = gettid();
                  started->open();
                  while (handler_thread == 0) usleep(1000);
                  return nullptr;
                },
                nullptr),
            0);
  started->wait();
  ASSERT_OK(tgkill(getpid(), tid, SIGUSR1));
  EXPECT_EQ(pthread_join(thread, nullptr), 0);
  EXPECT_EQ(handler_thread, thread);
}

/// wait4(2), waitid(2) and exit_group(2).
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/signals.h"

using namespace systest;

TEST(Wait, ReportsTheLowEightBitsOfTheExitCode) {
  int status = 0;
  const pid_t pid = spawn([] { _exit(0x1234); });
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0x34);
}

TEST(Wait, ReportsTheSignalThatKilled) {
  int status = 0;
  const pid_t pid = spawn([] { pause(); });
  ASSERT_OK(kill(pid, SIGKILL));
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
}

TEST(Wait, WithoutChildrenFailsWithEchild) {
  EXPECT_ERRNO(ECHILD, wait(nullptr));
  EXPECT_ERRNO(ECHILD, waitpid(1, nullptr, 0));
  EXPECT_ERRNO(ECHILD, waitpid(-getpgrp(), nullptr, WNOHANG));
}

TEST(Wait, RefusesUnknownOptions) { EXPECT_ERRNO(EINVAL, waitpid(-1, nullptr, 0x100)); }

TEST(Wait, NohangAnswersZeroWhileTheChildLives) {
  Gate finish;
  const pid_t pid = spawn([&] { finish.wait(); });
  EXPECT_EQ(waitpid(pid, nullptr, WNOHANG), 0);
  finish.open();
  EXPECT_EQ(reap(pid), 0);
}

TEST(Wait, ChildIsGoneAfterItWasReaped) {
  const pid_t pid = spawn([] {});
  EXPECT_EQ(reap(pid), 0);
  EXPECT_ERRNO(ECHILD, waitpid(pid, nullptr, 0));
  EXPECT_ERRNO(ESRCH, kill(pid, 0));
}

TEST(Wait, ZombieCanStillBeSignalled) {
  const pid_t pid = spawn([] {});
  await_state(pid, 'Z');
  EXPECT_OK(kill(pid, 0));
  EXPECT_OK(kill(pid, SIGKILL));
  EXPECT_EQ(reap(pid), 0);
}

TEST(Wait, ByProcessGroupTakesOnlyItsMembers) {
  Gate finish;
  const pid_t elsewhere = spawn([&] { finish.wait(); });
  ASSERT_OK(setpgid(elsewhere, elsewhere));
  const pid_t here = spawn([] { _exit(1); });
  int status = 0;
  EXPECT_EQ(waitpid(0, &status, 0), here);
  EXPECT_ERRNO(ECHILD, waitpid(0, nullptr, 0));
  finish.open();
  EXPECT_EQ(waitpid(-elsewhere, &status, 0), elsewhere);
}

TEST(Wait, ReportsStopAndContinueWhenAsked) {
  int status = 0;
  const pid_t pid = spawn([] { pause(); });
  ASSERT_OK(kill(pid, SIGSTOP));
  EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
  EXPECT_TRUE(WIFSTOPPED(status));
  EXPECT_EQ(WSTOPSIG(status), SIGSTOP);
  EXPECT_EQ(waitpid(pid, &status, WUNTRACED | WNOHANG), 0);
  ASSERT_OK(kill(pid, SIGCONT));
  EXPECT_EQ(waitpid(pid, &status, WCONTINUED), pid);
  EXPECT_TRUE(WIFCONTINUED(status));
  ASSERT_OK(kill(pid, SIGTERM));
  EXPECT_EQ(reap(pid), 128 + SIGTERM);
}

TEST(Wait, StoppedChildIsNotReportedUnlessAsked) {
  const pid_t pid = spawn([] { pause(); });
  ASSERT_OK(kill(pid, SIGSTOP));
  await_state(pid, 'T');
  EXPECT_EQ(waitpid(pid, nullptr, WNOHANG), 0);
  ASSERT_OK(kill(pid, SIGKILL));
  EXPECT_EQ(reap(pid), 128 + SIGKILL);
}

TEST(Wait, IsInterruptedByAHandlerWithoutRestart) {
  count_signal(SIGUSR1);
  const pid_t parent = getpid();
  const pid_t pid = spawn([&] {
    await_state(parent, 'S');
    kill(parent, SIGUSR1);
    pause();
  });
  EXPECT_ERRNO(EINTR, waitpid(pid, nullptr, 0));
  EXPECT_EQ(seen.count, 1);
  ASSERT_OK(kill(pid, SIGKILL));
  reap(pid);
}

TEST(Wait, GoesOnAfterAHandlerWithRestart) {
  count_signal(SIGUSR1, SA_RESTART);
  const pid_t parent = getpid();
  const pid_t pid = spawn([&] {
    await_state(parent, 'S');
    kill(parent, SIGUSR1);
    _exit(6);
  });
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_EQ(outcome(status), 6);
  EXPECT_EQ(seen.count, 1);
}

TEST(Wait, IgnoredSigchldReapsByItself) {
  signal(SIGCHLD, SIG_IGN);
  const pid_t pid = spawn([] {});
  EXPECT_ERRNO(ECHILD, waitpid(pid, nullptr, 0));
}

TEST(Wait, NoChildWaitFlagReapsByItself) {
  count_signal(SIGCHLD, SA_NOCLDWAIT | SA_RESTART);
  const pid_t pid = spawn([] {});
  EXPECT_ERRNO(ECHILD, waitpid(pid, nullptr, 0));
}

TEST(Wait, ChildsEndSendsSigchldWithItsStory) {
  block({SIGCHLD});
  const pid_t pid = spawn([] { _exit(9); });
  siginfo_t info{};
  const sigset_t set = set_of({SIGCHLD});
  EXPECT_EQ(sigwaitinfo(&set, &info), SIGCHLD);
  EXPECT_EQ(info.si_code, CLD_EXITED);
  EXPECT_EQ(info.si_pid, pid);
  EXPECT_EQ(info.si_uid, 0u);
  EXPECT_EQ(info.si_status, 9);
  reap(pid);
}

TEST(Wait, OrphanIsAdoptedByInit) {
  auto pipe = make_pipe();
  const int middle = in_child([&] {
    const pid_t parent = getpid();
    spawn([&] {
      while (getppid() == parent) usleep(1000);
      const pid_t adopter = getppid();
      EXPECT_EQ(write(pipe.write, &adopter, sizeof adopter), (ssize_t)sizeof adopter);
    });
  });
  EXPECT_EQ(middle, 0);
  pid_t adopter = 0;
  EXPECT_EQ(read(pipe.read, &adopter, sizeof adopter), (ssize_t)sizeof adopter);
  EXPECT_EQ(adopter, 1);
}

TEST(Wait, GivesResourceUsageOfTheChild) {
  rusage usage{};
  const pid_t pid = spawn([] {});
  EXPECT_EQ(wait4(pid, nullptr, 0, &usage), pid);
  EXPECT_GE(usage.ru_utime.tv_usec, 0);
  EXPECT_LT(usage.ru_utime.tv_usec, 1000000);
}

TEST(Waitid, FillsSiginfoAndCanLeaveTheZombie) {
  siginfo_t info{};
  const pid_t pid = spawn([] { _exit(3); });
  EXPECT_OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
  EXPECT_EQ(info.si_signo, SIGCHLD);
  EXPECT_EQ(info.si_pid, pid);
  EXPECT_EQ(info.si_code, CLD_EXITED);
  EXPECT_EQ(info.si_status, 3);
  EXPECT_OK(waitid(P_PID, pid, &info, WEXITED));
  EXPECT_ERRNO(ECHILD, waitid(P_PID, pid, &info, WEXITED));
}

TEST(Waitid, NeedsAtLeastOneEvent) {
  siginfo_t info{};
  EXPECT_ERRNO(EINVAL, waitid(P_ALL, 0, &info, 0));
  EXPECT_ERRNO(EINVAL, waitid((idtype_t)77, 0, &info, WEXITED));
}

TEST(ExitGroup, EndsEveryThread) {
  const int code = in_child([] {
    pthread_t thread;
    ASSERT_EQ(pthread_create(
                  &thread, nullptr,
                  [](void*) -> void* {
                    for (;;) pause();
                  },
                  nullptr),
              0);
    syscall(SYS_exit_group, 21);
  });
  EXPECT_EQ(code, 21);
}

TEST(ExitGroup, FromASecondThreadGivesItsCode) {
  const int code = in_child([] {
    pthread_t thread;
    ASSERT_EQ(pthread_create(
                  &thread, nullptr,
                  [](void*) -> void* {
                    syscall(SYS_exit_group, 22);
                    return nullptr;
                  },
                  nullptr),
              0);
    for (;;) pause();
  });
  EXPECT_EQ(code, 22);
}

TEST(Exit, OfTheFirstThreadLeavesTheOthersRunning) {
  const int code = in_child([] {
    pthread_t thread;
    ASSERT_EQ(pthread_create(
                  &thread, nullptr,
                  [](void*) -> void* {
                    await_state(getpid(), 'Z');
                    _exit(23);
                  },
                  nullptr),
              0);
    syscall(SYS_exit, 1);
  });
  EXPECT_EQ(code, 23);
}

TEST(Exit, ClosesThePipeEndsOfTheProcess) {
  int fds[2];
  ASSERT_OK(pipe(fds));
  const pid_t pid = spawn([] {});
  close(fds[1]);
  char byte;
  EXPECT_EQ(read(fds[0], &byte, 1), 0);
  EXPECT_EQ(reap(pid), 0);
}

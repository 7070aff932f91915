/// getrlimit(2), setrlimit(2), prlimit(2), getpriority(2), nice(2).
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"

using namespace systest;

TEST(Rlimit, DefaultsAreLinuxs) {
  rlimit limit;
  EXPECT_OK(getrlimit(RLIMIT_STACK, &limit));
  EXPECT_EQ(limit.rlim_cur, 8ul << 20);
  EXPECT_EQ(limit.rlim_max, RLIM_INFINITY);
  EXPECT_OK(getrlimit(RLIMIT_AS, &limit));
  EXPECT_EQ(limit.rlim_cur, RLIM_INFINITY);
  EXPECT_OK(getrlimit(RLIMIT_NOFILE, &limit));
  EXPECT_GE(limit.rlim_cur, 1024u);
}

TEST(Rlimit, IsSetReadAndInherited) {
  EXPECT_EQ(in_child([] {
              const rlimit wanted{100, 200};
              ASSERT_OK(setrlimit(RLIMIT_NOFILE, &wanted));
              EXPECT_EQ(in_child([] {
                          rlimit now;
                          EXPECT_OK(getrlimit(RLIMIT_NOFILE, &now));
                          EXPECT_EQ(now.rlim_cur, 100u);
                          EXPECT_EQ(now.rlim_max, 200u);
                        }),
                        0);
            }),
            0);
}

TEST(Rlimit, RefusesBadArguments) {
  rlimit limit{20, 10};
  EXPECT_ERRNO(EINVAL, setrlimit(RLIMIT_NOFILE, &limit)) << "soft above hard";
  EXPECT_ERRNO(EINVAL, syscall(SYS_getrlimit, 99, &limit));
  EXPECT_ERRNO(EINVAL, syscall(SYS_setrlimit, -1, &limit));
  EXPECT_ERRNO(EFAULT, syscall(SYS_getrlimit, RLIMIT_NOFILE, 16));
}

TEST(Rlimit, UsersMayLowerButNotRaiseTheHardLimit) {
  EXPECT_EQ(as_user([] {
              rlimit limit;
              ASSERT_OK(getrlimit(RLIMIT_CORE, &limit));
              limit = {0, 0};
              EXPECT_OK(setrlimit(RLIMIT_CORE, &limit));
              limit = {0, 100};
              EXPECT_ERRNO(EPERM, setrlimit(RLIMIT_CORE, &limit));
            }),
            0);
}

TEST(Prlimit, ReadsAndWritesAnotherProcess) {
  Gate finish, changed;
  const pid_t pid = spawn([&] {
    changed.wait();
    rlimit now;
    EXPECT_OK(getrlimit(RLIMIT_NOFILE, &now));
    EXPECT_EQ(now.rlim_cur, 77u);
  });
  const rlimit wanted{77, 88};
  rlimit old{};
  EXPECT_OK(prlimit(pid, RLIMIT_NOFILE, &wanted, &old));
  EXPECT_GT(old.rlim_cur, 77u);
  changed.open();
  EXPECT_EQ(reap(pid), 0);
  EXPECT_ERRNO(ESRCH, prlimit(999999, RLIMIT_NOFILE, nullptr, &old));
  EXPECT_EQ(as_user([] {
              rlimit limit;
              EXPECT_ERRNO(EPERM, prlimit(1, RLIMIT_NOFILE, nullptr, &limit));
            }),
            0);
}

TEST(Rlimit, ProcessCountStopsAForkBomb) {
  EXPECT_EQ(as_user([] {
              const rlimit limit{20, 20};
              ASSERT_OK(setrlimit(RLIMIT_NPROC, &limit));
              Gate finish;
              int started = 0;
              while (spawn([&] { finish.wait(); }) != -1) started++;
              EXPECT_EQ(errno, EAGAIN);
              EXPECT_GT(started, 0);
              EXPECT_LT(started, 20);
              for (int i = 0; i < started; i++) finish.open();
              for (int i = 0; i < started; i++) EXPECT_NE(wait(nullptr), -1);
              EXPECT_EQ(in_child([] {}), 0) << "there is room again";
            }),
            0);
}

TEST(Rlimit, CpuTimeSendsSigxcpu) {
  EXPECT_EQ(in_child([] {
              const rlimit one_second{1, 2};
              ASSERT_OK(setrlimit(RLIMIT_CPU, &one_second));
              for (volatile unsigned long spins = 0;; spins = spins + 1) continue;
            }),
            128 + SIGXCPU);
}

TEST(Priority, NiceGoesUpForAllAndDownForRoot) {
  EXPECT_EQ(in_child([] {
              EXPECT_EQ(nice(5), 5);
              EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 5);
              EXPECT_EQ(nice(-10), -5);
              EXPECT_EQ(nice(100), 19) << "clamped";
            }),
            0);
  EXPECT_EQ(as_user([] {
              EXPECT_EQ(nice(3), 3);
              EXPECT_ERRNO(EPERM, nice(-1));
              EXPECT_ERRNO(EACCES, setpriority(PRIO_PROCESS, 0, 0));
            }),
            0);
}

TEST(Priority, RawCallAnswersTwentyLessNice) {
  EXPECT_EQ(in_child([] {
              ASSERT_OK(setpriority(PRIO_PROCESS, 0, 7));
              EXPECT_EQ(syscall(SYS_getpriority, PRIO_PROCESS, 0), 13);
            }),
            0);
}

TEST(Priority, WorksOnGroupsAndUsers) {
  EXPECT_EQ(in_child([] {
              ASSERT_OK(setpgid(0, 0));
              EXPECT_OK(setpriority(PRIO_PGRP, 0, 4));
              EXPECT_EQ(getpriority(PRIO_PGRP, getpgrp()), 4);
              EXPECT_EQ(in_child([] { EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 4); }), 0) << "inherited";
            }),
            0);
}

TEST(Priority, RefusesBadArguments) {
  EXPECT_ERRNO(EINVAL, getpriority((__priority_which)9, 0));
  EXPECT_ERRNO(ESRCH, setpriority(PRIO_PROCESS, 999999, 0));
  EXPECT_EQ(as_user([] { EXPECT_ERRNO(EPERM, setpriority(PRIO_PROCESS, 1, 5)); }), 0);
}

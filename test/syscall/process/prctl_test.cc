/// prctl(2) as C libraries and runtimes use it; getrusage(2) of a thread.
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/signals.h"

using namespace systest;

namespace {

/// User and system time together: how a sum is split between them is an estimate.
long cpu_us(const rusage& usage) {
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

}  // namespace

TEST(PrctlProcess, NameIsCutAndShownByProc) {
  ASSERT_OK(prctl(PR_SET_NAME, "a-name-longer-than-fifteen"));
  char name[16] = {};
  ASSERT_OK(prctl(PR_GET_NAME, name));
  EXPECT_STREQ(name, "a-name-longer-t");
  EXPECT_EQ(slurp("/proc/self/comm"), "a-name-longer-t\n");
}

TEST(PrctlProcess, DumpableTakesZeroAndOne) {
  EXPECT_EQ(prctl(PR_GET_DUMPABLE), 1);
  EXPECT_OK(prctl(PR_SET_DUMPABLE, 0));
  EXPECT_EQ(prctl(PR_GET_DUMPABLE), 0);
  EXPECT_ERRNO(EINVAL, prctl(PR_SET_DUMPABLE, 2));
  EXPECT_OK(prctl(PR_SET_DUMPABLE, 1));
}

TEST(PrctlProcess, ParentDeathSignalComesWhenTheParentEnds) {
  auto pipe = make_pipe();
  const int middle = in_child([&] {
    Gate ready;
    spawn([&] {
      block({SIGUSR1});
      ASSERT_OK(prctl(PR_SET_PDEATHSIG, SIGUSR1));
      int signal = 0;
      ASSERT_OK(prctl(PR_GET_PDEATHSIG, &signal));
      EXPECT_EQ(signal, SIGUSR1);
      ready.open();
      const sigset_t set = set_of({SIGUSR1});
      const int taken = sigwaitinfo(&set, nullptr);
      EXPECT_EQ(write(pipe.write, &taken, sizeof taken), (ssize_t)sizeof taken);
    });
    ready.wait();
  });
  EXPECT_EQ(middle, 0);
  int taken = 0;
  EXPECT_EQ(read(pipe.read, &taken, sizeof taken), (ssize_t)sizeof taken);
  EXPECT_EQ(taken, SIGUSR1);
  EXPECT_ERRNO(EINVAL, prctl(PR_SET_PDEATHSIG, 65));
}

TEST(PrctlProcess, ParentDeathSignalIsNotInherited) {
  ASSERT_OK(prctl(PR_SET_PDEATHSIG, SIGUSR1));
  EXPECT_EQ(in_child([] {
              int signal = -1;
              EXPECT_OK(prctl(PR_GET_PDEATHSIG, &signal));
              EXPECT_EQ(signal, 0);
            }),
            0);
}

TEST(PrctlProcess, SubreaperAdoptsOrphans) {
  ASSERT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
  int set = 0;
  ASSERT_OK(prctl(PR_GET_CHILD_SUBREAPER, &set));
  EXPECT_EQ(set, 1);
  auto pipe = make_pipe();
  EXPECT_EQ(in_child([&] {
              const pid_t orphan = spawn([] { _exit(12); });
              EXPECT_EQ(write(pipe.write, &orphan, sizeof orphan), (ssize_t)sizeof orphan);
            }),
            0);
  pid_t orphan = 0;
  ASSERT_EQ(read(pipe.read, &orphan, sizeof orphan), (ssize_t)sizeof orphan);
  EXPECT_EQ(reap(orphan), 12);
  EXPECT_EQ(in_child([] {
              int inherited = -1;
              EXPECT_OK(prctl(PR_GET_CHILD_SUBREAPER, &inherited));
              EXPECT_EQ(inherited, 0);
            }),
            0);
}

TEST(PrctlProcess, NoNewPrivilegesIsForGoodAndInherited) {
  EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
  EXPECT_ERRNO(EINVAL, prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
  EXPECT_ERRNO(EINVAL, prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0));
  EXPECT_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  EXPECT_EQ(in_child([] { EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1); }), 0);
}

TEST(PrctlProcess, TimerSlackHasADefault) {
  EXPECT_EQ(prctl(PR_GET_TIMERSLACK), 50'000);
  EXPECT_OK(prctl(PR_SET_TIMERSLACK, 1234));
  EXPECT_EQ(prctl(PR_GET_TIMERSLACK), 1234);
  EXPECT_EQ(in_child([] {
              EXPECT_EQ(prctl(PR_GET_TIMERSLACK), 1234) << "inherited";
              EXPECT_OK(prctl(PR_SET_TIMERSLACK, 0));
              EXPECT_EQ(prctl(PR_GET_TIMERSLACK), 1234) << "the default is what was inherited";
            }),
            0);
}

TEST(PrctlProcess, UnknownOptionsAreRefused) { EXPECT_ERRNO(EINVAL, prctl(0x7fff, 0, 0, 0, 0)); }

TEST(Rusage, ThreadCountsItselfOnly) {
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void*) -> void* {
                  rusage mine{}, all{};
                  volatile unsigned long n = 0;
                  do {
                    for (int i = 0; i < 100000; i++) n = n + 1;
                    EXPECT_OK(getrusage(RUSAGE_THREAD, &mine));
                  } while (mine.ru_utime.tv_sec == 0 && mine.ru_utime.tv_usec < 30'000);
                  EXPECT_OK(getrusage(RUSAGE_SELF, &all));
                  EXPECT_GE(cpu_us(all), cpu_us(mine));
                  return nullptr;
                },
                nullptr),
            0);
  pthread_join(thread, nullptr);
  rusage mine{}, all{};
  EXPECT_OK(getrusage(RUSAGE_THREAD, &mine));
  EXPECT_OK(getrusage(RUSAGE_SELF, &all));
  EXPECT_LT(cpu_us(mine), cpu_us(all)) << "what the ended thread used is the process's";
  EXPECT_ERRNO(EINVAL, getrusage(2, &mine));
}

TEST(Times, ChildrenCountWhenTheyWereWaitedFor) {
  tms before{}, after{};
  times(&before);
  const pid_t pid = spawn([] {
    rusage mine{};
    volatile unsigned long n = 0;
    do {
      for (int i = 0; i < 100000; i++) n = n + 1;
      getrusage(RUSAGE_SELF, &mine);
    } while (mine.ru_utime.tv_sec == 0 && mine.ru_utime.tv_usec < 40'000);
  });
  await_state(pid, 'Z');
  times(&after);
  EXPECT_EQ(after.tms_cutime, before.tms_cutime);
  EXPECT_EQ(reap(pid), 0);
  times(&after);
  EXPECT_GT(after.tms_cutime, before.tms_cutime);
}

/// sched_yield(2), sched_setaffinity(2), sched_setscheduler(2), sched(7).
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

TEST(Sched, YieldSucceeds) { EXPECT_OK(sched_yield()); }

TEST(Affinity, AnswersTheBytesOfTheMask) {
  cpu_set_t set;
  CPU_ZERO(&set);
  const long bytes = syscall(SYS_sched_getaffinity, 0, sizeof set, &set);
  EXPECT_GT(bytes, 0);
  EXPECT_EQ(bytes % 8, 0);
  EXPECT_EQ(CPU_COUNT(&set), sysconf(_SC_NPROCESSORS_ONLN));
}

TEST(Affinity, MovesTheCallerAndIsInherited) {
  EXPECT_EQ(in_child([] {
              cpu_set_t all;
              ASSERT_OK(sched_getaffinity(0, sizeof all, &all));
              for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
                if (!CPU_ISSET(cpu, &all)) continue;
                cpu_set_t one;
                CPU_ZERO(&one);
                CPU_SET(cpu, &one);
                ASSERT_OK(sched_setaffinity(0, sizeof one, &one));
                EXPECT_EQ(sched_getcpu(), cpu);
                EXPECT_EQ(in_child([cpu] { EXPECT_EQ(sched_getcpu(), cpu); }), 0);
              }
            }),
            0);
}

TEST(Affinity, RefusesBadArguments) {
  cpu_set_t none, far;
  CPU_ZERO(&none);
  CPU_ZERO(&far);
  CPU_SET(1000, &far);
  EXPECT_ERRNO(EINVAL, sched_setaffinity(0, sizeof none, &none));
  EXPECT_ERRNO(EINVAL, sched_setaffinity(0, sizeof far, &far));
  EXPECT_ERRNO(ESRCH, sched_setaffinity(999999, sizeof none, &none));
  EXPECT_ERRNO(EINVAL, syscall(SYS_sched_getaffinity, 0, 1, &none));
  EXPECT_EQ(as_user([] {
              cpu_set_t set;
              ASSERT_OK(sched_getaffinity(0, sizeof set, &set));
              EXPECT_ERRNO(EPERM, sched_setaffinity(1, sizeof set, &set));
            }),
            0);
}

TEST(Scheduler, DefaultIsOther) {
  EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
  sched_param param{};
  EXPECT_OK(sched_getparam(0, &param));
  EXPECT_EQ(param.sched_priority, 0);
}

TEST(Scheduler, FifoAndRoundRobinAreSetAndInherited) {
  EXPECT_EQ(in_child([] {
              for (int policy : {SCHED_FIFO, SCHED_RR}) {
                const sched_param wanted{10};
                ASSERT_OK(sched_setscheduler(0, policy, &wanted));
                EXPECT_EQ(in_child([policy] {
                            EXPECT_EQ(sched_getscheduler(0), policy);
                            sched_param now{};
                            EXPECT_OK(sched_getparam(0, &now));
                            EXPECT_EQ(now.sched_priority, 10);
                          }),
                          0);
              }
            }),
            0);
}

TEST(Scheduler, ResetOnForkDoesNotInherit) {
  EXPECT_EQ(in_child([] {
              const sched_param wanted{10};
              ASSERT_OK(sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &wanted));
              EXPECT_EQ(sched_getscheduler(0), SCHED_FIFO | SCHED_RESET_ON_FORK);
              EXPECT_EQ(in_child([] { EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER); }), 0);
            }),
            0);
}

TEST(Scheduler, BatchAndIdleAreFairClasses) {
  EXPECT_EQ(in_child([] {
              const sched_param zero{0};
              EXPECT_OK(sched_setscheduler(0, SCHED_BATCH, &zero));
              EXPECT_EQ(sched_getscheduler(0), SCHED_BATCH);
              EXPECT_OK(sched_setscheduler(0, SCHED_IDLE, &zero));
              EXPECT_EQ(sched_getscheduler(0), SCHED_IDLE);
            }),
            0);
}

TEST(Scheduler, PriorityRanges) {
  EXPECT_EQ(sched_get_priority_min(SCHED_FIFO), 1);
  EXPECT_EQ(sched_get_priority_max(SCHED_FIFO), 99);
  EXPECT_EQ(sched_get_priority_min(SCHED_RR), 1);
  EXPECT_EQ(sched_get_priority_max(SCHED_OTHER), 0);
  EXPECT_ERRNO(EINVAL, sched_get_priority_max(99));
}

TEST(Scheduler, RefusesBadArguments) {
  const sched_param zero{0}, one{1}, hundred{100};
  EXPECT_ERRNO(EINVAL, sched_setscheduler(0, SCHED_FIFO, &zero));
  EXPECT_ERRNO(EINVAL, sched_setscheduler(0, SCHED_FIFO, &hundred));
  EXPECT_ERRNO(EINVAL, sched_setscheduler(0, SCHED_OTHER, &one));
  EXPECT_ERRNO(EINVAL, sched_setscheduler(0, 99, &zero));
  EXPECT_ERRNO(ESRCH, sched_setscheduler(999999, SCHED_OTHER, &zero));
  EXPECT_ERRNO(EINVAL, sched_getscheduler(-1));
  EXPECT_EQ(as_user([] {
              const sched_param ten{10};
              EXPECT_ERRNO(EPERM, sched_setscheduler(0, SCHED_FIFO, &ten));
            }),
            0);
}

void stay_on_first_cpu() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  EXPECT_OK(sched_setaffinity(0, sizeof one, &one));
}

TEST(Scheduler, FifoRunsBeforeFairOnTheSameCpu) {
  EXPECT_EQ(in_child([] {
              stay_on_first_cpu();
              const sched_param high{20};
              ASSERT_OK(sched_setscheduler(0, SCHED_FIFO, &high));
              auto pipe = make_pipe();
              const pid_t pid = spawn([&] {
                const sched_param zero{0};
                sched_setscheduler(0, SCHED_OTHER, &zero);
                EXPECT_EQ(write(pipe.write, "fair", 4), 4);
              });
              sched_yield();  // the child becomes fair at its first run, and runs only when this thread sleeps
              EXPECT_EQ(write(pipe.write, "fifo", 4), 4);
              EXPECT_EQ(reap(pid), 0);
              EXPECT_EQ(read_some(pipe.read), "fifofair");
            }),
            0);
}

TEST(Scheduler, ARealtimeLoopLeavesTimeToOthersOnTheSameCpu) {
  struct Flags {
    std::atomic<bool> looping, done;
  };
  void* page = mmap(nullptr, sizeof(Flags), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(page, MAP_FAILED);
  auto& flags = *new (page) Flags{};
  const auto loop = [&](int policy) {
    const sched_param high{20};
    ASSERT_OK(sched_setscheduler(0, policy, &high));
    flags.looping = true;
    while (!flags.done) continue;
  };
  EXPECT_EQ(in_child([&] {
              stay_on_first_cpu();
              const pid_t fifo = spawn([&] { loop(SCHED_FIFO); }), round_robin = spawn([&] { loop(SCHED_RR); });
              while (!flags.looping) sched_yield();
              flags.done = true;
              EXPECT_EQ(reap(fifo), 0);
              EXPECT_EQ(reap(round_robin), 0);
            }),
            0);
  munmap(page, sizeof(Flags));
}

/// Gives processes that come and go other policies and CPUs; one that has gone is no mistake.
void change_policies(std::atomic<pid_t>* pids, int count, const cpu_set_t& all, unsigned seed) {
  const auto random = [&](int limit) { return (int)(rand_r(&seed) % (unsigned)limit); };
  for (int i = 0; i < 20000; i++) {
    const pid_t pid = pids[random(count)];
    if (pid == 0) continue;
    const int policy = random(3);  // SCHED_OTHER, SCHED_FIFO, SCHED_RR
    const sched_param param{policy == SCHED_OTHER ? 0 : 1 + random(20)};
    EXPECT_TRUE(sched_setscheduler(pid, policy, &param) == 0 || errno == ESRCH) << strerror(errno);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(random(CPU_COUNT(&all)), &one);
    EXPECT_TRUE(sched_setaffinity(pid, sizeof one, random(2) == 0 ? &one : &all) == 0 || errno == ESRCH)
        << strerror(errno);
  }
}

TEST(Scheduler, PolicyAndAffinityChangeWhileProcessesComeAndMove) {
  constexpr int kFamilies = 4;
  struct Shared {
    std::atomic<bool> done;
    std::atomic<pid_t> pids[kFamilies];
  };
  void* page = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(page, MAP_FAILED);
  auto& shared = *new (page) Shared{};
  cpu_set_t all;
  ASSERT_OK(sched_getaffinity(0, sizeof all, &all));
  std::vector<pid_t> families, changers;
  for (auto& pid : shared.pids) {
    families.push_back(spawn([&] {
      while (!shared.done) {
        EXPECT_EQ(in_child([&] {
                    pid = getpid();
                    for (int i = 0; i < 20; i++) i % 4 == 0 ? (void)usleep(1) : (void)sched_yield();
                  }),
                  0);
      }
    }));
  }
  for (unsigned seed = 1; seed <= 3; seed++)
    changers.push_back(spawn([&, seed] { change_policies(shared.pids, kFamilies, all, seed); }));
  for (const pid_t pid : changers) EXPECT_EQ(reap(pid), 0);
  shared.done = true;
  for (const pid_t pid : families) EXPECT_EQ(reap(pid), 0);
  munmap(page, sizeof(Shared));
}

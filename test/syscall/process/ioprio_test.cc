/// ioprio_get(2), ioprio_set(2).
#include <linux/ioprio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"

using namespace systest;

namespace {

int get(int which, int who) { return (int)syscall(SYS_ioprio_get, which, who); }
int set(int which, int who, int value) { return (int)syscall(SYS_ioprio_set, which, who, value); }

constexpr int kDefault = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_NONE, 0);
constexpr int effort(int level) { return IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, level); }
constexpr int kIdle = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0);
constexpr int kRealTime = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_RT, 3);

}  // namespace

TEST(IoPriority, IsTheThreadsAndStartsAtNone) {
  EXPECT_EQ(get(IOPRIO_WHO_PROCESS, 0), kDefault);
  EXPECT_OK(set(IOPRIO_WHO_PROCESS, 0, effort(6)));
  EXPECT_EQ(get(IOPRIO_WHO_PROCESS, 0), effort(6));
  EXPECT_EQ(get(IOPRIO_WHO_PROCESS, gettid()), effort(6));
  EXPECT_OK(set(IOPRIO_WHO_PROCESS, getpid(), kIdle));
  EXPECT_EQ(get(IOPRIO_WHO_PROCESS, 0), kIdle);
}

TEST(IoPriority, AChildInheritsIt) {
  EXPECT_OK(set(IOPRIO_WHO_PROCESS, 0, effort(2)));
  const pid_t child = spawn([] {
    EXPECT_EQ(get(IOPRIO_WHO_PROCESS, 0), effort(2));
    EXPECT_OK(set(IOPRIO_WHO_PROCESS, 0, effort(5)));
  });
  EXPECT_EQ(reap(child), 0);
  EXPECT_EQ(get(IOPRIO_WHO_PROCESS, 0), effort(2)) << "its own copy";
}

TEST(IoPriority, OfAGroupIsTheBest) {
  const pid_t leader = spawn([] {
    setpgid(0, 0);
    EXPECT_OK(set(IOPRIO_WHO_PROCESS, 0, effort(6)));
    Gate ready;
    const pid_t member = spawn([&] {
      EXPECT_OK(set(IOPRIO_WHO_PROCESS, 0, effort(1)));
      ready.open();
      pause();
    });
    ready.wait();
    EXPECT_EQ(get(IOPRIO_WHO_PGRP, 0), effort(1));
    EXPECT_EQ(get(IOPRIO_WHO_PGRP, getpgrp()), effort(1));
    EXPECT_OK(set(IOPRIO_WHO_PGRP, 0, effort(4)));
    EXPECT_EQ(get(IOPRIO_WHO_PROCESS, member), effort(4));
    EXPECT_EQ(get(IOPRIO_WHO_PROCESS, 0), effort(4));
    kill(member, SIGKILL);
    reap(member);
  });
  EXPECT_EQ(reap(leader), 0);
}

TEST(IoPriority, OfAUserCoversItsProcesses) {
  const pid_t child = spawn([] {
    EXPECT_OK(setresuid(1234, 1234, 1234));
    EXPECT_OK(set(IOPRIO_WHO_USER, 1234, effort(3)));
    EXPECT_EQ(get(IOPRIO_WHO_PROCESS, 0), effort(3));
    EXPECT_EQ(get(IOPRIO_WHO_USER, 1234), effort(3));
    EXPECT_ERRNO(ESRCH, get(IOPRIO_WHO_USER, 4321));
  });
  EXPECT_EQ(reap(child), 0);
}

TEST(IoPriority, RefusesBadArguments) {
  EXPECT_ERRNO(EINVAL, get(0, 0));
  EXPECT_ERRNO(EINVAL, get(4, 0));
  EXPECT_ERRNO(EINVAL, set(4, 0, effort(0)));
  EXPECT_ERRNO(EINVAL, set(IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_NONE, 1)));
  EXPECT_ERRNO(EINVAL, set(IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(4, 0)));
  EXPECT_ERRNO(ESRCH, get(IOPRIO_WHO_PROCESS, 1 << 22));
  EXPECT_ERRNO(ESRCH, set(IOPRIO_WHO_PGRP, 1 << 22, effort(0)));
  EXPECT_OK(set(IOPRIO_WHO_PROCESS, 0, kDefault)) << "back to none";
}

TEST(IoPriority, KeepsTheHintAboveTheLevel) {
  EXPECT_OK(set(IOPRIO_WHO_PROCESS, 0, effort(8)));
  EXPECT_EQ(get(IOPRIO_WHO_PROCESS, 0), effort(8));
  EXPECT_ERRNO(EINVAL, set(IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(4, 8)));
  EXPECT_OK(set(IOPRIO_WHO_PROCESS, 0, effort(4) | 1 << 16)) << "16 bits count";
  EXPECT_EQ(get(IOPRIO_WHO_PROCESS, 0), effort(4));
}

TEST(IoPriority, AskForWhatIsAllowed) {
  const pid_t other = spawn([] { pause(); });
  const pid_t child = spawn([&] {
    EXPECT_OK(set(IOPRIO_WHO_PROCESS, 0, kRealTime)) << "root may";
    EXPECT_OK(setresuid(1000, 1000, 1000));
    EXPECT_ERRNO(EPERM, set(IOPRIO_WHO_PROCESS, 0, kRealTime));
    EXPECT_ERRNO(EPERM, set(IOPRIO_WHO_PROCESS, other, effort(4))) << "somebody else's";
    EXPECT_EQ(get(IOPRIO_WHO_PROCESS, other), kDefault) << "but anyone may look";
    EXPECT_OK(set(IOPRIO_WHO_PROCESS, 0, kIdle));
  });
  EXPECT_EQ(reap(child), 0);
  kill(other, SIGKILL);
  reap(other);
}

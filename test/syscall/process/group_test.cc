/// Process groups and sessions: setpgid(2), getpgid(2), setsid(2), getsid(2).
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/signals.h"

using namespace systest;

TEST(Group, ChildStartsInItsParentsGroupAndSession) {
  const pid_t group = getpgrp();
  const pid_t session = getsid(0);
  EXPECT_EQ(in_child([&] {
              EXPECT_EQ(getpgrp(), group);
              EXPECT_EQ(getsid(0), session);
            }),
            0);
}

TEST(Group, SetpgidZeroZeroMakesALeader) {
  EXPECT_EQ(in_child([] {
              EXPECT_OK(setpgid(0, 0));
              EXPECT_EQ(getpgrp(), getpid());
              EXPECT_EQ(getpgid(0), getpid());
            }),
            0);
}

TEST(Group, ParentCanMoveAChildAndAnotherJoins) {
  Gate finish;
  const pid_t first = spawn([&] { finish.wait(); });
  const pid_t second = spawn([&] { finish.wait(); });
  EXPECT_OK(setpgid(first, first));
  EXPECT_OK(setpgid(second, first));
  EXPECT_EQ(getpgid(second), first);
  finish.open();
  finish.open();
  EXPECT_EQ(reap(first), 0);
  EXPECT_EQ(reap(second), 0);
}

TEST(Group, SetpgidRefusesWhatPosixRefuses) {
  EXPECT_ERRNO(EINVAL, setpgid(0, -1));
  EXPECT_ERRNO(ESRCH, setpgid(1, 0));
  EXPECT_ERRNO(EPERM, setpgid(0, 0)) << "a session leader stays in its group";
  EXPECT_EQ(in_child([] { EXPECT_ERRNO(EPERM, setpgid(0, 999999)); }), 0);
}

TEST(Group, SetpgidOfAChildThatHasExecedFailsWithEacces) {
  auto pipe = make_pipe(O_CLOEXEC);
  auto hold = make_pipe();
  const pid_t pid = spawn([&] {
    hold.write.reset();
    dup2(hold.read, 0);
    execl("/bin/busybox", "cat", nullptr);
  });
  pipe.write.reset();
  char byte;
  EXPECT_EQ(read(pipe.read, &byte, 1), 0) << "end of file means that exec closed the other end";
  EXPECT_ERRNO(EACCES, setpgid(pid, pid));
  hold.write.reset();
  EXPECT_EQ(reap(pid), 0);
}

TEST(Group, SetpgidIntoAnotherSessionFailsWithEperm) {
  Gate finish, ready;
  const pid_t pid = spawn([&] {
    setsid();
    ready.open();
    finish.wait();
  });
  ready.wait();
  EXPECT_ERRNO(EPERM, setpgid(pid, getpgrp()));
  EXPECT_EQ(in_child([&] { EXPECT_ERRNO(EPERM, setpgid(0, pid)); }), 0);
  finish.open();
  EXPECT_EQ(reap(pid), 0);
}

TEST(Group, LookupsOfUnknownProcessesFailWithEsrch) {
  EXPECT_ERRNO(ESRCH, getpgid(999999));
  EXPECT_ERRNO(ESRCH, getsid(999999));
}

TEST(Group, KillOfAGroupReachesAllItsMembers) {
  const pid_t first = spawn([] { pause(); });
  ASSERT_OK(setpgid(first, first));
  const pid_t second = spawn([] { pause(); });
  ASSERT_OK(setpgid(second, first));
  EXPECT_OK(kill(-first, SIGTERM));
  EXPECT_EQ(reap(first), 128 + SIGTERM);
  EXPECT_EQ(reap(second), 128 + SIGTERM);
  EXPECT_ERRNO(ESRCH, kill(-first, 0));
}

TEST(Session, SetsidMakesALeaderOfBoth) {
  EXPECT_EQ(in_child([] {
              EXPECT_EQ(setsid(), getpid());
              EXPECT_EQ(getsid(0), getpid());
              EXPECT_EQ(getpgrp(), getpid());
            }),
            0);
}

TEST(Session, SetsidOfAGroupLeaderFailsWithEperm) {
  EXPECT_EQ(in_child([] {
              ASSERT_OK(setpgid(0, 0));
              EXPECT_ERRNO(EPERM, setsid());
            }),
            0);
}

TEST(Session, OrphanedStoppedGroupGetsHupAndCont) {
  auto pipe = make_pipe();
  const int middle = in_child([&] {
    const pid_t pid = spawn([&] {
      count_signal(SIGHUP);
      const sigset_t none = set_of({});
      block({SIGHUP});
      setpgid(0, 0);
      kill(getpid(), SIGSTOP);
      sigsuspend(&none);
      EXPECT_EQ(seen.signal, SIGHUP);
      EXPECT_EQ(write(pipe.write, "h", 1), 1);
    });
    EXPECT_EQ(waitpid(pid, nullptr, WUNTRACED), pid);
  });
  EXPECT_EQ(middle, 0);
  char byte = 0;
  EXPECT_EQ(read(pipe.read, &byte, 1), 1);
  EXPECT_EQ(byte, 'h');
}

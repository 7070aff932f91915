/// Controlling terminal and job control: TIOCSCTTY, tcsetpgrp(3), background reads and writes, hangup.
#include <sys/wait.h>

#include "support/child.h"
#include "support/signals.h"
#include "tty/terminal.h"

using namespace systest;

using JobTest = Terminal;

namespace {

/// A child in a process group of its own that runs `body`.
pid_t job(const std::function<void()>& body) {
  Gate moved;
  const pid_t pid = spawn([&] {
    moved.wait();
    body();
  });
  EXPECT_OK(setpgid(pid, pid));
  moved.open();
  return pid;
}

int status_of(pid_t pid) {
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
  return status;
}

}  // namespace

TEST_F(JobTest, SessionOwnsTheTerminal) {
  EXPECT_EQ(tcgetpgrp(tty), getpgrp());
  EXPECT_EQ(tcgetsid(tty), getsid(0));
  Fd by_name{open("/dev/tty", O_RDWR)};
  ASSERT_OK(int{by_name});
  EXPECT_EQ(tcgetpgrp(by_name), getpgrp());
}

TEST_F(JobTest, TakingItAgainSucceedsAndOthersAreRefused) {
  EXPECT_OK(ioctl(tty, TIOCSCTTY, 0));
  EXPECT_EQ(in_child([&] { EXPECT_ERRNO(EPERM, ioctl(tty, TIOCSCTTY, 0)); }), 0) << "no session leader";
  EXPECT_EQ(in_child([&] {
              setsid();
              EXPECT_ERRNO(EPERM, ioctl(tty, TIOCSCTTY, 0)) << "it belongs to another session";
              EXPECT_ERRNO(ENOTTY, tcgetpgrp(tty));
            }),
            0);
}

TEST_F(JobTest, NewSessionHasNoTerminal) {
  EXPECT_EQ(in_child([] {
              setsid();
              EXPECT_ERRNO(ENXIO, open("/dev/tty", O_RDWR));
            }),
            0);
}

TEST_F(JobTest, TcsetpgrpMovesTheForeground) {
  Gate finish;
  const pid_t pid = job([&] { finish.wait(); });
  EXPECT_OK(tcsetpgrp(tty, pid));
  EXPECT_EQ(tcgetpgrp(tty), pid);
  finish.open();
  EXPECT_EQ(reap(pid), 0);
  signal(SIGTTOU, SIG_IGN);
  EXPECT_OK(tcsetpgrp(tty, getpgrp()));
}

TEST_F(JobTest, TcsetpgrpRefusesStrangers) {
  EXPECT_ERRNO(EINVAL, tcsetpgrp(tty, -1));
  EXPECT_ERRNO(ESRCH, tcsetpgrp(tty, 999999));
  Gate ready, finish;
  const pid_t pid = spawn([&] {
    setsid();
    ready.open();
    finish.wait();
  });
  ready.wait();
  EXPECT_ERRNO(EPERM, tcsetpgrp(tty, pid));
  finish.open();
  EXPECT_EQ(reap(pid), 0);
}

TEST_F(JobTest, BackgroundReadStopsTheJob) {
  const pid_t pid = job([&] {
    char byte;
    EXPECT_EQ(read(tty, &byte, 1), 1);
  });
  const int status = status_of(pid);
  EXPECT_TRUE(WIFSTOPPED(status));
  EXPECT_EQ(WSTOPSIG(status), SIGTTIN);
  ASSERT_OK(tcsetpgrp(tty, pid));
  ASSERT_OK(kill(-pid, SIGCONT));
  type("x\n");
  EXPECT_EQ(reap(pid), 0) << "continued in the foreground, the read goes on";
}

TEST_F(JobTest, BackgroundReadThatIgnoresTheSignalIsEio) {
  const pid_t pid = job([&] {
    signal(SIGTTIN, SIG_IGN);
    char byte;
    EXPECT_ERRNO(EIO, read(tty, &byte, 1));
  });
  EXPECT_EQ(reap(pid), 0);
}

TEST_F(JobTest, BackgroundWriteStopsOnlyWithTostop) {
  pid_t pid = job([&] { EXPECT_EQ(write(tty, "\r", 1), 1); });
  EXPECT_EQ(reap(pid), 0);
  set_local(TOSTOP, 0);
  pid = job([&] { EXPECT_EQ(write(tty, "\r", 1), 1); });
  const int status = status_of(pid);
  EXPECT_TRUE(WIFSTOPPED(status));
  EXPECT_EQ(WSTOPSIG(status), SIGTTOU);
  set_local(0, TOSTOP);
  ASSERT_OK(kill(-pid, SIGCONT));
  EXPECT_EQ(reap(pid), 0);
}

TEST_F(JobTest, BackgroundSettingOfAttributesStops) {
  const pid_t pid = job([&] {
    termios t;
    EXPECT_OK(tcgetattr(tty, &t));
    EXPECT_OK(tcsetattr(tty, TCSANOW, &t));
  });
  const int status = status_of(pid);
  EXPECT_TRUE(WIFSTOPPED(status));
  EXPECT_EQ(WSTOPSIG(status), SIGTTOU);
  ASSERT_OK(tcsetpgrp(tty, pid));
  ASSERT_OK(kill(-pid, SIGCONT));
  EXPECT_EQ(reap(pid), 0);
}

TEST_F(JobTest, SuspendCharacterStopsTheForegroundJobOnly) {
  const pid_t pid = job([] { pause(); });
  ASSERT_OK(tcsetpgrp(tty, pid));
  type("\x1a");
  const int status = status_of(pid);
  EXPECT_TRUE(WIFSTOPPED(status));
  EXPECT_EQ(WSTOPSIG(status), SIGTSTP);
  ASSERT_OK(kill(-pid, SIGCONT));
  type("\x03");
  EXPECT_EQ(reap(pid), 128 + SIGINT);
}

TEST_F(JobTest, GivingTheTerminalUpSendsHupAndCont) {
  count_signal(SIGHUP);
  EXPECT_OK(ioctl(tty, TIOCNOTTY));
  EXPECT_EQ(seen.signal, SIGHUP);
  EXPECT_ERRNO(ENXIO, open("/dev/tty", O_RDWR));
  EXPECT_ERRNO(ENOTTY, ioctl(tty, TIOCNOTTY));
  EXPECT_OK(ioctl(tty, TIOCSCTTY, 1));
}

TEST_F(JobTest, LeadersExitHangsUpTheForegroundGroup) {
  give_up();
  auto pipe = make_pipe();
  const pid_t leader = spawn([&] {
    setsid();
    ASSERT_OK(ioctl(tty, TIOCSCTTY, 1));
    const pid_t pid = job([&] {
      pipe.read.reset();
      pause();
    });
    ASSERT_OK(tcsetpgrp(tty, pid));
  });
  EXPECT_EQ(reap(leader), 0);
  pipe.write.reset();
  char byte;
  EXPECT_EQ(read(pipe.read, &byte, 1), 0) << "the job died of SIGHUP";
  EXPECT_EQ(read(tty, &byte, 1), 0) << "descriptors from before read as end of file";
  EXPECT_ERRNO(EIO, write(tty, &byte, 1));
}

TEST_F(JobTest, OpenByALeaderWithoutTerminalTakesIt) {
  give_up();
  EXPECT_EQ(in_child([&] {
              setsid();
              Fd noctty{open(kPath, O_RDWR | O_NOCTTY | O_NONBLOCK)};
              EXPECT_ERRNO(ENXIO, open("/dev/tty", O_RDWR));
              Fd taking{open(kPath, O_RDWR | O_NONBLOCK)};
              EXPECT_OK(open("/dev/tty", O_RDWR));
              EXPECT_EQ(tcgetpgrp(taking), getpid());
            }),
            0);
}

/// Sessions and jobs on a pseudo-terminal: acquisition, hang-up, window size, background access, orphaned groups.
#include "tty/pair.h"

using namespace systest;

class PtyJobTest : public Pair {
 protected:
  /// A child that leads a session of its own.
  pid_t leader(const std::function<void()>& body) {
    return spawn([&] {
      setsid();
      body();
    });
  }
  bool has_terminal() { return int{Fd{open("/dev/tty", O_RDWR | O_NOCTTY)}} != -1; }
};

TEST_F(PtyJobTest, OpenWithoutNocttyTakesIt) {
  const std::string name = path();
  EXPECT_EQ(in_child([&] {
              setsid();
              Fd own{open(name.c_str(), O_RDWR)};
              EXPECT_TRUE(has_terminal());
              EXPECT_EQ(tcgetpgrp(own), getpid());
              EXPECT_EQ(tcgetsid(own), getpid());
              Fd by_name{open("/dev/tty", O_RDWR)};
              struct stat st;
              ASSERT_OK(fstat(by_name, &st));
              EXPECT_EQ(tcgetpgrp(by_name), getpid());
            }),
            0);
}

TEST_F(PtyJobTest, OnlyALeaderThatMayReadTakesIt) {
  const std::string name = path();
  EXPECT_EQ(in_child([&] {
              setsid();
              Fd writing{open(name.c_str(), O_WRONLY)};
              EXPECT_FALSE(has_terminal()) << "may not read";
              EXPECT_EQ(in_child([&] {
                          Fd own{open(name.c_str(), O_RDWR)};
                          EXPECT_FALSE(has_terminal()) << "leads nothing";
                          EXPECT_ERRNO(EPERM, ioctl(own, TIOCSCTTY, 0));
                        }),
                        0);
              EXPECT_OK(ioctl(writing, TIOCSCTTY, 0)) << "CAP_SYS_ADMIN";
            }),
            0);
}

TEST_F(PtyJobTest, WriteOnlyTakingNeedsCapability) {
  ASSERT_OK(chmod(path().c_str(), 0666));
  const std::string name = path();
  EXPECT_EQ(as_user([&] {
              setsid();
              Fd writing{open(name.c_str(), O_WRONLY)};
              EXPECT_ERRNO(EPERM, ioctl(writing, TIOCSCTTY, 0));
              Fd reading{open(name.c_str(), O_RDONLY | O_NOCTTY)};
              EXPECT_OK(ioctl(reading, TIOCSCTTY, 0));
            }),
            0);
}

TEST_F(PtyJobTest, TheMasterIsNobodysTerminal) {
  EXPECT_EQ(in_child([&] {
              setsid();
              Fd second{open("/dev/ptmx", O_RDWR)};
              EXPECT_FALSE(has_terminal());
            }),
            0);
  EXPECT_ERRNO(ENOTTY, ioctl(master, TIOCNOTTY));
}

TEST_F(PtyJobTest, TheMasterTellsOfItsSlavesSession) {
  pid_t group = -1;
  EXPECT_OK(ioctl(master, TIOCGPGRP, &group));
  EXPECT_EQ(group, 0);
  EXPECT_ERRNO(ENOTTY, ioctl(master, TIOCGSID, &group));
  EXPECT_ERRNO(ENOTTY, tcgetpgrp(slave));
  control();
  EXPECT_OK(ioctl(master, TIOCGPGRP, &group));
  EXPECT_EQ(group, getpgrp());
  EXPECT_OK(ioctl(master, TIOCGSID, &group));
  EXPECT_EQ(group, getsid(0));
}

TEST_F(PtyJobTest, StealingNeedsTheArgumentAndCapability) {
  control();
  EXPECT_EQ(in_child([&] {
              setsid();
              EXPECT_ERRNO(EPERM, ioctl(slave, TIOCSCTTY, 0));
              EXPECT_OK(ioctl(slave, TIOCSCTTY, 1));
              EXPECT_EQ(tcgetsid(slave), getpid());
            }),
            0);
  EXPECT_FALSE(has_terminal()) << "the robbed session has none";
}

TEST_F(PtyJobTest, ASecondTerminalIsRefused) {
  control();
  Fd other_master = new_master();
  Fd other{open(path_of(other_master).c_str(), O_RDWR)};
  EXPECT_EQ(tcgetsid(slave), getsid(0)) << "the first one stays";
  EXPECT_ERRNO(EPERM, ioctl(other, TIOCSCTTY, 0));
}

TEST_F(PtyJobTest, ChildrenFromBeforeDoNotGetTheTerminal) {
  Gate go;
  const pid_t before = spawn([&] {
    go.wait();
    EXPECT_FALSE(has_terminal());
    EXPECT_ERRNO(ENOTTY, tcgetpgrp(slave));
  });
  control();
  EXPECT_EQ(in_child([&] { EXPECT_TRUE(has_terminal()); }), 0) << "those from behind inherit it";
  go.open();
  EXPECT_EQ(reap(before), 0);
}

TEST_F(PtyJobTest, NotLeaderGivesUpForItselfAlone) {
  control();
  EXPECT_EQ(in_child([&] {
              EXPECT_OK(ioctl(slave, TIOCNOTTY));
              EXPECT_FALSE(has_terminal());
              EXPECT_ERRNO(ENOTTY, ioctl(slave, TIOCNOTTY));
              EXPECT_EQ(in_child([&] { EXPECT_FALSE(has_terminal()); }), 0);
            }),
            0);
  EXPECT_TRUE(has_terminal());
}

TEST_F(PtyJobTest, LeaderGivesUpForTheSession) {
  control();
  Gate go;
  const pid_t member = spawn([&] {
    count_signal(SIGHUP);
    go.open();
    pause();
    EXPECT_EQ(seen.signal, SIGHUP);
    EXPECT_FALSE(has_terminal());
  });
  go.wait();
  await_state(member, 'S');
  signal(SIGHUP, SIG_IGN);
  EXPECT_OK(ioctl(slave, TIOCNOTTY));
  EXPECT_EQ(reap(member), 0);
  EXPECT_OK(write(slave, "x", 1)) << "the terminal itself goes on";
}

TEST_F(PtyJobTest, ClosedMasterSendsHupToTheLeaderAlone) {
  auto report = make_pipe();
  const pid_t pid = leader([&] {
    count_signal(SIGHUP);
    ASSERT_OK(ioctl(slave, TIOCSCTTY, 0));
    Gate ready;
    const pid_t other = job([&] {
      signal(SIGHUP, SIG_DFL);
      master.reset();
      ready.open();
      pause();
    });
    ready.wait();
    signal(SIGTTOU, SIG_IGN);
    ASSERT_OK(tcsetpgrp(slave, other));
    master.reset();
    EXPECT_EQ(write(report.write, "r", 1), 1);
    while (seen.count == 0) usleep(1000);
    EXPECT_EQ(seen.signal, SIGHUP);
    EXPECT_FALSE(has_terminal());
    usleep(20'000);
    EXPECT_EQ(waitpid(other, nullptr, WNOHANG), 0) << "the foreground group is told later";
    kill(other, SIGKILL);
    reap(other);
  });
  char byte;
  ASSERT_EQ(read(report.read, &byte, 1), 1);
  master.reset();
  EXPECT_EQ(reap(pid), 0);
}

TEST_F(PtyJobTest, ForegroundGroupIsToldWhenAHungUpLeaderExits) {
  auto report = make_pipe();
  auto alive = make_pipe();
  const pid_t pid = leader([&] {
    count_signal(SIGHUP);
    ASSERT_OK(ioctl(slave, TIOCSCTTY, 0));
    Gate ready;
    const pid_t other = job([&] {
      signal(SIGHUP, SIG_DFL);
      master.reset();
      ready.open();
      alive.read.reset();
      report.write.reset();
      pause();
    });
    ready.wait();
    signal(SIGTTOU, SIG_IGN);
    ASSERT_OK(tcsetpgrp(slave, other));
    master.reset();
    alive.write.reset();
    EXPECT_EQ(write(report.write, "r", 1), 1);
    while (seen.count == 0) usleep(1000);
  });
  alive.write.reset();
  char byte;
  ASSERT_EQ(read(report.read, &byte, 1), 1);
  master.reset();
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(read(alive.read, &byte, 1), 0) << "the job died of SIGHUP";
}

TEST_F(PtyJobTest, LeadersExitTellsTheForegroundAndLeavesTheTerminalOpen) {
  auto alive = make_pipe();
  const pid_t pid = leader([&] {
    ASSERT_OK(ioctl(slave, TIOCSCTTY, 0));
    Gate ready;
    const pid_t other = job([&] {
      alive.read.reset();
      ready.open();
      pause();
    });
    ready.wait();
    signal(SIGTTOU, SIG_IGN);
    ASSERT_OK(tcsetpgrp(slave, other));
  });
  alive.write.reset();
  EXPECT_EQ(reap(pid), 0);
  char byte;
  EXPECT_EQ(read(alive.read, &byte, 1), 0) << "the job died of SIGHUP";
  print("still open");
  EXPECT_EQ(screen(10), "still open");
  control();
}

TEST_F(PtyJobTest, WindowSizeIsSharedAndAChangeSendsSigwinch) {
  control();
  count_signal(SIGWINCH);
  const winsize wanted{33, 101, 5, 6};
  EXPECT_OK(ioctl(master, TIOCSWINSZ, &wanted));
  EXPECT_EQ(seen.count, 1);
  winsize now{};
  EXPECT_OK(ioctl(slave, TIOCGWINSZ, &now));
  EXPECT_EQ(memcmp(&now, &wanted, sizeof now), 0);
  EXPECT_OK(ioctl(master, TIOCSWINSZ, &wanted));
  EXPECT_EQ(seen.count, 1) << "no change";
  now.ws_row = 50;
  EXPECT_OK(ioctl(slave, TIOCSWINSZ, &now));
  EXPECT_EQ(seen.count, 2);
  EXPECT_OK(ioctl(master, TIOCGWINSZ, &now));
  EXPECT_EQ(now.ws_row, 50);
}

TEST_F(PtyJobTest, TypedSignalCharactersReachTheForegroundJob) {
  control();
  signal(SIGTTOU, SIG_IGN);
  const pid_t pid = job([] { pause(); });
  ASSERT_OK(tcsetpgrp(slave, pid));
  type("\x1a");
  EXPECT_EQ(stop_signal_of(pid), SIGTSTP);
  ASSERT_OK(kill(pid, SIGCONT));
  type("\x03");
  EXPECT_EQ(reap(pid), 128 + SIGINT);
}

TEST_F(PtyJobTest, MasterSignalsTheForegroundJob) {
  control();
  signal(SIGTTOU, SIG_IGN);
  const pid_t pid = job([] { pause(); });
  ASSERT_OK(tcsetpgrp(slave, pid));
  EXPECT_ERRNO(EINVAL, ioctl(master, TIOCSIG, SIGTERM));
  EXPECT_ERRNO(EINVAL, ioctl(master, TIOCSIG, 0));
  EXPECT_OK(ioctl(master, TIOCSIG, SIGQUIT));
  EXPECT_EQ(reap(pid), 128 + SIGQUIT);
  EXPECT_ERRNO(ENOTTY, ioctl(slave, TIOCSIG, SIGINT));
}

TEST_F(PtyJobTest, BackgroundReadAndSettingsStop) {
  control();
  pid_t pid = job([&] {
    char byte;
    read(slave, &byte, 1);
  });
  EXPECT_EQ(stop_signal_of(pid), SIGTTIN);
  kill(pid, SIGKILL);
  reap(pid);
  const std::function<void()> changes[] = {
      [&] { tcflush(slave, TCIFLUSH); },    [&] { tcflow(slave, TCOON); },    [&] { tcsendbreak(slave, 0); },
      [&] { tcsetpgrp(slave, getpgrp()); }, [&] { change([](termios&) {}); },
  };
  for (const auto& body : changes) {
    pid = job(body);
    EXPECT_EQ(stop_signal_of(pid), SIGTTOU);
    kill(pid, SIGKILL);
    reap(pid);
  }
}

TEST_F(PtyJobTest, BackgroundWriteStopsUnderTostopUnlessBlocked) {
  control();
  change([](termios& t) { t.c_lflag |= TOSTOP; });
  pid_t pid = job([&] { write(slave, "w", 1); });
  EXPECT_EQ(stop_signal_of(pid), SIGTTOU);
  kill(pid, SIGKILL);
  reap(pid);
  pid = job([&] {
    block({SIGTTOU});
    EXPECT_EQ(write(slave, "w", 1), 1);
    EXPECT_OK(tcflush(slave, TCIFLUSH));
    block({SIGTTIN});
    char byte;
    EXPECT_ERRNO(EIO, read(slave, &byte, 1));
  });
  EXPECT_EQ(reap(pid), 0);
}

TEST_F(PtyJobTest, OrphanedBackgroundGroupGetsEio) {
  control();
  auto report = make_pipe();
  // The middle one exits: its child's group has no member with a parent in another group of the session.
  const int middle = in_child([&] {
    Gate moved;
    spawn([&] {
      ASSERT_OK(setpgid(0, 0));
      moved.open();
      while (getppid() != 1) usleep(1000);
      char byte;
      EXPECT_ERRNO(EIO, read(slave, &byte, 1));
      termios t;
      EXPECT_OK(tcgetattr(slave, &t));
      EXPECT_ERRNO(EIO, tcsetattr(slave, TCSANOW, &t));
      EXPECT_ERRNO(ENOTTY, tcsetpgrp(slave, getpgrp()));
      EXPECT_EQ(write(report.write, testing::Test::HasFailure() ? "f" : "g", 1), 1);
    });
    moved.wait();
  });
  EXPECT_EQ(middle, 0);
  char byte = 0;
  EXPECT_EQ(read(report.read, &byte, 1), 1);
  EXPECT_EQ(byte, 'g');
}

TEST_F(PtyJobTest, TcsetpgrpThroughTheMasterIsForItsSessionOnly) {
  pid_t group = getpgrp();
  EXPECT_ERRNO(ENOTTY, ioctl(master, TIOCSPGRP, &group)) << "not this session's terminal";
  control();
  EXPECT_OK(ioctl(master, TIOCSPGRP, &group));
  group = -5;
  EXPECT_ERRNO(EINVAL, ioctl(slave, TIOCSPGRP, &group));
  EXPECT_ERRNO(EFAULT, ioctl(slave, TIOCSPGRP, 16));
}

TEST_F(PtyJobTest, VhangupEndsWhatIsOpenAndTheNameStays) {
  const pid_t pid = leader([&] {
    signal(SIGHUP, SIG_IGN);
    ASSERT_OK(ioctl(slave, TIOCSCTTY, 0));
    EXPECT_OK(vhangup());
    EXPECT_FALSE(has_terminal());
  });
  EXPECT_EQ(reap(pid), 0);
  char byte = 'x';
  EXPECT_EQ(read(slave, &byte, 1), 0);
  EXPECT_ERRNO(EIO, write(slave, &byte, 1));
  Fd fresh = open_slave();
  ASSERT_OK(int{fresh});
  termios t;
  ASSERT_OK(tcgetattr(fresh, &t));
  EXPECT_TRUE(t.c_lflag & ECHO) << "settings are as at first";
  EXPECT_EQ(write(fresh, "new", 3), 3);
  EXPECT_EQ(screen(3), "new");
}

TEST_F(PtyJobTest, HangUpByIoctlNeedsCapability) {
  EXPECT_EQ(as_user([&] {
              EXPECT_ERRNO(EPERM, ioctl(slave, TIOCVHANGUP));
              EXPECT_ERRNO(EPERM, vhangup());
            }),
            0);
  EXPECT_OK(ioctl(slave, TIOCVHANGUP));
  char byte;
  EXPECT_EQ(read(slave, &byte, 1), 0);
}

TEST_F(PtyJobTest, ProcStatNamesTheTerminal) {
  control();
  const std::string stat = slurp("/proc/self/stat");
  int terminal = -1, foreground = -1;
  ASSERT_EQ(sscanf(stat.c_str() + stat.rfind(')'), ") %*c %*d %*d %*d %d %d", &terminal, &foreground), 2);
  EXPECT_EQ(terminal, 136 << 8 | (int)number_of(master));
  EXPECT_EQ(foreground, getpgrp());
}

TEST_F(PtyJobTest, GroupThatEndedIsNotInTheForegroundList) {
  control();
  signal(SIGTTOU, SIG_IGN);
  const pid_t pid = job([] {});
  EXPECT_OK(tcsetpgrp(slave, pid));
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(tcgetpgrp(slave), pid) << "the number stays";
  EXPECT_ERRNO(ESRCH, tcsetpgrp(slave, pid));
  EXPECT_ERRNO(ESRCH, kill(-pid, 0));
  EXPECT_EQ(in_child([&] { EXPECT_ERRNO(EPERM, setpgid(0, pid)); }), 0);
}

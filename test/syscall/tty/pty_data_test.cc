/// What goes through a pseudo-terminal: echo and editing as the master sees them, output processing, flow control, queues.
#include <sys/uio.h>

#include "tty/pair.h"

using namespace systest;

class PtyDataTest : public Pair {
 protected:
  void echo_on() {
    change([](termios& t) { t.c_lflag |= ECHO; });
  }
  /// What the master sees when `text` is typed with echo on, up to `size` bytes.
  std::string echo_of(std::string_view text, std::size_t size) {
    type(text);
    return screen(size);
  }
  int waiting(int fd) {
    events_of(fd, POLLIN);  // moves what is on its way
    int count = -1;
    EXPECT_OK(ioctl(fd, FIONREAD, &count));
    return count;
  }
  /// Writes without waiting until nothing is taken any more: how much was.
  std::size_t fill(int fd) {
    set_nonblocking(fd);
    const std::string chunk(1000, 'f');
    std::size_t all = 0;
    for (int refused = 0; refused < 20;) {
      const ssize_t n = write(fd, chunk.data(), chunk.size());
      if (n > 0) {
        all += (std::size_t)n;
      } else {
        EXPECT_EQ(errno, EAGAIN);
        refused++;
        usleep(2000);  // what was taken may still be on its way to the other end
      }
    }
    EXPECT_OK(fcntl(fd, F_SETFL, O_RDWR));
    return all;
  }
};

TEST_F(PtyDataTest, OutputIsProcessedForTheMaster) {
  print("a\nb");
  EXPECT_EQ(screen(4), "a\r\nb");
  change([](termios& t) { t.c_oflag &= ~OPOST; });
  print("a\nb");
  EXPECT_EQ(screen(3), "a\nb");
}

TEST_F(PtyDataTest, OutputFlagsMapCarriageReturnsNewlinesCaseAndTabs) {
  change([](termios& t) { t.c_oflag = OPOST | OCRNL; });
  print("x\ry");
  EXPECT_EQ(screen(3), "x\ny");
  change([](termios& t) { t.c_oflag = OPOST | OLCUC; });
  print("case\n");
  EXPECT_EQ(screen(5), "CASE\n");
  change([](termios& t) { t.c_oflag = OPOST | XTABS | ONLCR; });
  print("\nab\tc");
  EXPECT_EQ(screen(11), "\r\nab      c");
  change([](termios& t) { t.c_oflag = OPOST | ONOCR | ONLRET; });
  print("\n\rx\ry");
  EXPECT_EQ(screen(4), "\nx\ry");
}

TEST_F(PtyDataTest, EchoShowsWhatIsTyped) {
  echo_on();
  EXPECT_EQ(echo_of("hello\n", 7), "hello\r\n");
  EXPECT_EQ(line(), "hello\n");
  EXPECT_EQ(echo_of("\x01\x1f\t.", 6), "^A^_\t.");
}

TEST_F(PtyDataTest, EraseWipesTheScreen) {
  echo_on();
  EXPECT_EQ(echo_of("ab\x7f", 5), "ab\b \b");
  EXPECT_EQ(echo_of("\x01\x7f", 8), "^A\b \b\b \b") << "a control character takes two places";
  EXPECT_EQ(echo_of("\x7f\x7f\x7f.", 4), "\b \b.") << "nothing left: nothing wiped";
}

TEST_F(PtyDataTest, ErasedTabGoesBackToWhereItBegan) {
  echo_on();
  EXPECT_EQ(echo_of("abc\t\x7f", 9), "abc\t\b\b\b\b\b");
}

TEST_F(PtyDataTest, WordEraseAndKillWipeTheirPart) {
  echo_on();
  EXPECT_EQ(echo_of("one two\x17", 7 + 9), "one two\b \b\b \b\b \b");
  EXPECT_EQ(echo_of("\x15", 12), "\b \b\b \b\b \b\b \b");
}

TEST_F(PtyDataTest, KillWithoutVisualEraseStartsANewLine) {
  echo_on();
  change([](termios& t) { t.c_lflag &= ~ECHOKE; });
  EXPECT_EQ(echo_of("abc\x15", 7), "abc^U\r\n");
  change([](termios& t) { t.c_lflag &= ~ECHOE; });
  EXPECT_EQ(echo_of("ab\x7f", 4), "ab^?") << "without ECHOE the character itself";
}

TEST_F(PtyDataTest, HardcopyEraseShowsWhatGoes) {
  echo_on();
  change([](termios& t) { t.c_lflag |= ECHOPRT; });
  EXPECT_EQ(echo_of("abc\x7f\x7fx", 8), "abc\\cb/x");
  EXPECT_EQ(echo_of("\n", 2), "\r\n");
  EXPECT_EQ(line(), "ax\n");
}

TEST_F(PtyDataTest, ReprintShowsTheLineAgain) {
  echo_on();
  EXPECT_EQ(echo_of("abc\x12", 10), "abc^R\r\nabc");
}

TEST_F(PtyDataTest, LiteralNextEchoesAHint) {
  echo_on();
  EXPECT_EQ(echo_of("\x16", 2), "^\b");
  EXPECT_EQ(echo_of("\x03", 2), "^C");
  type("\n");
  EXPECT_EQ(line(), "\x03\n");
}

TEST_F(PtyDataTest, LiteralCharacterIsNotEchoedWithoutEcho) {
  type("\x16\x03\n");
  EXPECT_EQ(line(), "\x03\n");
  EXPECT_EQ(events_of(master, POLLIN), 0);
}

TEST_F(PtyDataTest, EndOfFileIsNotEchoed) {
  echo_on();
  EXPECT_EQ(echo_of("x\x04y", 2), "xy");
  EXPECT_EQ(line(), "x");
}

TEST_F(PtyDataTest, NewlineAloneIsEchoedUnderEchonl) {
  change([](termios& t) { t.c_lflag |= ECHONL; });
  EXPECT_EQ(echo_of("secret\n", 2), "\r\n");
  EXPECT_EQ(line(), "secret\n");
}

TEST_F(PtyDataTest, EchoInRawModeIsAsTyped) {
  change([](termios& t) {
    cfmakeraw(&t);
    t.c_lflag |= ECHO;
  });
  EXPECT_EQ(echo_of("\x01\x7f\r\n", 8), "^A^?^M^J");
  change([](termios& t) { t.c_lflag &= ~ECHOCTL; });
  EXPECT_EQ(echo_of("\x01\x7f\r\n", 4), "\x01\x7f\r\n");
}

TEST_F(PtyDataTest, CharactersOfUtf8AreErasedWhole) {
  echo_on();
  change([](termios& t) { t.c_iflag |= IUTF8; });
  EXPECT_EQ(echo_of("\xc3\xa4\x7f.\n", 8), "\xc3\xa4\b \b.\r\n");
  EXPECT_EQ(line(), ".\n");
}

TEST_F(PtyDataTest, AdditionalLineEndsAreDelivered) {
  change([](termios& t) {
    t.c_cc[VEOL] = ';';
    t.c_cc[VEOL2] = '!';
  });
  type("one;two!");
  EXPECT_EQ(line(), "one;");
  EXPECT_EQ(line(), "two!");
}

TEST_F(PtyDataTest, EighthBitIsStrippedAndParityMarked) {
  raw();
  change([](termios& t) { t.c_iflag |= ISTRIP; });
  type("\xe1");
  EXPECT_EQ(line(), "a");
  change([](termios& t) { t.c_iflag = PARMRK; });
  type("\xff!");
  EXPECT_EQ(collect(slave, 3), "\xff\xff!") << "a real 255 is told from a mark";
}

TEST_F(PtyDataTest, MasterIsAlwaysRaw) {
  print("no newline");
  EXPECT_EQ(screen(10), "no newline");
  termios t;
  ASSERT_OK(tcgetattr(master, &t));
  EXPECT_TRUE(t.c_lflag & ICANON) << "its attributes are the slave's";
}

TEST_F(PtyDataTest, SettingsOfEitherEndAreTheSlaves) {
  termios t;
  ASSERT_OK(tcgetattr(master, &t));
  t.c_cc[VKILL] = 'k';
  ASSERT_OK(tcsetattr(master, TCSANOW, &t));
  ASSERT_OK(tcgetattr(slave, &t));
  EXPECT_EQ(t.c_cc[VKILL], 'k');
}

TEST_F(PtyDataTest, InitialSettingsAreLinuxs) {
  Fd fresh = new_master();
  termios t;
  ASSERT_OK(tcgetattr(fresh, &t));
  EXPECT_EQ(t.c_iflag, (tcflag_t)(ICRNL | IXON));
  EXPECT_EQ(t.c_oflag, (tcflag_t)(OPOST | ONLCR));
  EXPECT_EQ(t.c_cflag, (tcflag_t)(B38400 | CS8 | CREAD));
  EXPECT_EQ(t.c_lflag, (tcflag_t)(ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN));
  EXPECT_EQ(cfgetospeed(&t), (speed_t)B38400);
}

TEST_F(PtyDataTest, CharacterSizeStaysEightBitsWithoutParity) {
  termios t;
  ASSERT_OK(tcgetattr(slave, &t));
  t.c_cflag = (t.c_cflag & ~(CSIZE | CREAD)) | CS7 | PARENB;
  EXPECT_OK(ioctl(slave, TCSETS, &t)) << "tcsetattr(3) would look at the result";
  ASSERT_OK(tcgetattr(slave, &t));
  EXPECT_EQ(t.c_cflag & (CSIZE | PARENB | CREAD), (tcflag_t)(CS8 | CREAD));
}

TEST_F(PtyDataTest, SpeedIsKept) {
  change([](termios& t) { cfsetspeed(&t, B9600); });
  termios t;
  ASSERT_OK(tcgetattr(slave, &t));
  EXPECT_EQ(cfgetospeed(&t), (speed_t)B9600);
}

TEST_F(PtyDataTest, QueueLengthsAreTold) {
  type("unfinished");
  EXPECT_EQ(waiting(slave), 0);
  type("\nmore\n");
  await(slave, POLLIN);
  EXPECT_EQ(waiting(slave), 16);
  print("out");
  await(master, POLLIN);
  EXPECT_EQ(waiting(master), 3);
  int count = -1;
  EXPECT_OK(ioctl(slave, TIOCOUTQ, &count));
  EXPECT_EQ(count, 0);
  EXPECT_OK(ioctl(master, TIOCOUTQ, &count));
  EXPECT_EQ(count, 0);
}

TEST_F(PtyDataTest, FullMasterQueueStopsTheWriter) {
  raw();
  const std::size_t taken = fill(slave);
  EXPECT_GT(taken, 4095u);
  EXPECT_LT(taken, 65536u);
  EXPECT_EQ(events_of(slave, POLLOUT), 0);
  std::string all = screen(taken);
  EXPECT_EQ(all, std::string(taken, 'f')) << "nothing is lost";
  EXPECT_EQ(await(slave, POLLOUT), POLLOUT);
}

TEST_F(PtyDataTest, BlockedWriterGoesOnWhenTheMasterReads) {
  raw();
  constexpr std::size_t kMuch = 100'000;
  const pid_t pid = spawn([&] {
    const std::string much(kMuch, 'w');
    EXPECT_EQ(write(slave, much.data(), kMuch), (ssize_t)kMuch);
  });
  await_state(pid, 'S');
  EXPECT_EQ(screen(kMuch), std::string(kMuch, 'w'));
  EXPECT_EQ(reap(pid), 0);
}

TEST_F(PtyDataTest, BlockedWriterIsInterrupted) {
  raw();
  fill(slave);
  count_signal(SIGUSR1);
  const pid_t pid = spawn([&] { EXPECT_ERRNO(EINTR, write(slave, "x", 1)); });
  await_state(pid, 'S');
  ASSERT_OK(kill(pid, SIGUSR1));
  EXPECT_EQ(reap(pid), 0);
}

TEST_F(PtyDataTest, TypingIsHeldUpWhenNobodyReads) {
  raw();
  const std::size_t taken = fill(master);
  EXPECT_GT(taken, 4095u);
  EXPECT_LT(taken, 65536u);
  EXPECT_EQ(events_of(master, POLLOUT), 0);
  EXPECT_EQ(collect(slave, taken), std::string(taken, 'f'));
  EXPECT_EQ(await(master, POLLOUT), POLLOUT);
}

TEST_F(PtyDataTest, BlockedTypistGoesOnWhenTheSlaveReads) {
  raw();
  constexpr std::size_t kMuch = 100'000;
  const pid_t pid = spawn([&] {
    const std::string much(kMuch, 't');
    EXPECT_EQ(write(master, much.data(), kMuch), (ssize_t)kMuch);
  });
  await_state(pid, 'S');
  EXPECT_EQ(collect(slave, kMuch), std::string(kMuch, 't'));
  EXPECT_EQ(reap(pid), 0);
}

TEST_F(PtyDataTest, FinishedLinesAreHeldUpAndUnfinishedOnesCut) {
  for (int i = 0; i < 60; i++) type(std::string(99, 'a' + i % 26) + "\n");
  for (int i = 0; i < 60; i++) EXPECT_EQ(collect(slave, 100), std::string(99, 'a' + i % 26) + "\n");
  type(std::string(5000, 'x') + "\n");
  EXPECT_EQ(line(), std::string(4095, 'x') + "\n");
}

TEST_F(PtyDataTest, StopCharacterHoldsOutputUntilStart) {
  set_nonblocking(slave);
  type("\x13");
  events_of(slave, POLLIN);  // through the line discipline
  for (int tries = 0; tries < 1000 && events_of(slave, POLLOUT) != 0; tries++) usleep(1000);
  EXPECT_ERRNO(EAGAIN, write(slave, "held", 4));
  type("\x11");
  EXPECT_EQ(await(slave, POLLOUT), POLLOUT);
  print("free");
  EXPECT_EQ(screen(4), "free");
}

TEST_F(PtyDataTest, AnyCharacterRestartsUnderIxany) {
  change([](termios& t) { t.c_iflag |= IXANY; });
  type("\x13");
  for (int tries = 0; tries < 1000 && events_of(slave, POLLOUT) != 0; tries++) usleep(1000);
  EXPECT_EQ(events_of(slave, POLLOUT), 0);
  type("z\n");
  EXPECT_EQ(await(slave, POLLOUT), POLLOUT);
  EXPECT_EQ(line(), "z\n") << "and counts as typed";
}

TEST_F(PtyDataTest, TcflowHoldsOutputAgainstTheStartCharacter) {
  set_nonblocking(slave);
  EXPECT_OK(tcflow(slave, TCOOFF));
  EXPECT_ERRNO(EAGAIN, write(slave, "x", 1));
  type("\x11 \n");
  EXPECT_EQ(await(slave, POLLIN), POLLIN);
  EXPECT_ERRNO(EAGAIN, write(slave, "x", 1));
  EXPECT_OK(tcflow(slave, TCOON));
  print("x");
  EXPECT_EQ(screen(1), "x");
  EXPECT_ERRNO(EINVAL, tcflow(slave, 9));
}

TEST_F(PtyDataTest, TcflowSendsStopAndStartCharacters) {
  EXPECT_OK(tcflow(slave, TCIOFF));
  EXPECT_OK(tcflow(slave, TCION));
  EXPECT_EQ(screen(2), "\x13\x11");
}

TEST_F(PtyDataTest, HeldEchoAppearsWhenOutputRestarts) {
  echo_on();
  type("\x13");
  for (int tries = 0; tries < 1000 && events_of(slave, POLLOUT) != 0; tries++) usleep(1000);
  type("ab\n");
  EXPECT_EQ(await(slave, POLLIN), POLLIN);
  EXPECT_EQ(events_of(master, POLLIN), 0);
  type("\x11");
  EXPECT_EQ(screen(4), "ab\r\n");
}

TEST_F(PtyDataTest, FlushForgetsInput) {
  type("line\n");
  await(slave, POLLIN);
  EXPECT_OK(tcflush(slave, TCIFLUSH));
  EXPECT_EQ(events_of(slave, POLLIN), 0);
  print("kept");
  await(master, POLLIN);
  EXPECT_OK(tcflush(slave, TCOFLUSH));
  EXPECT_EQ(screen(4), "kept") << "the master has it already";
  print("gone");
  await(master, POLLIN);
  EXPECT_OK(tcflush(master, TCIFLUSH));
  EXPECT_EQ(events_of(master, POLLIN), 0);
}

TEST_F(PtyDataTest, DrainingReturnsAtOnce) {
  print("not read");
  EXPECT_OK(tcdrain(slave));
  EXPECT_OK(tcsendbreak(slave, 0));
  change([](termios& t) { t.c_lflag |= ECHO; }, TCSADRAIN);
  type("line\n");
  await(slave, POLLIN);
  change([](termios& t) { t.c_lflag &= ~ECHO; }, TCSAFLUSH);
  EXPECT_EQ(events_of(slave, POLLIN), 0) << "TCSAFLUSH forgets input";
}

TEST_F(PtyDataTest, LineDisciplineIsNtty) {
  int discipline = -1;
  EXPECT_OK(ioctl(slave, TIOCGETD, &discipline));
  EXPECT_EQ(discipline, 0);
  EXPECT_OK(ioctl(slave, TIOCSETD, &discipline));
  discipline = 25;
  EXPECT_ERRNO(EINVAL, ioctl(slave, TIOCSETD, &discipline));
}

TEST_F(PtyDataTest, TypedByIoctlWithoutBeingInControlNeedsCapability) {
  const char byte = 'i';
  EXPECT_OK(ioctl(slave, TIOCSTI, &byte));
  type("x\n");
  EXPECT_EQ(line(), "ix\n");
  EXPECT_EQ(as_user([&] { EXPECT_ERRNO(EPERM, ioctl(slave, TIOCSTI, &byte)); }), 0);
}

TEST_F(PtyDataTest, ZeroBytesAreNothing) {
  char byte;
  EXPECT_EQ(read(slave, &byte, 0), 0);
  EXPECT_EQ(read(master, &byte, 0), 0);
  EXPECT_EQ(write(master, &byte, 0), 0);
  EXPECT_EQ(write(slave, &byte, 0), 0);
}

TEST_F(PtyDataTest, BadBuffersAreEfault) {
  EXPECT_ERRNO(EFAULT, write(master, (void*)16, 4));
  EXPECT_ERRNO(EFAULT, write(slave, (void*)16, 4));
  print("data");
  await(master, POLLIN);
  EXPECT_ERRNO(EFAULT, read(master, (void*)16, 4));
}

TEST_F(PtyDataTest, VectorsAreReadAndWritten) {
  raw();
  char a[2], b[3];
  iovec out[] = {{(void*)"ab", 2}, {(void*)"cde", 3}}, in[] = {{a, 2}, {b, 3}};
  EXPECT_EQ(writev(slave, out, 2), 5);
  await(master, POLLIN);
  EXPECT_EQ(readv(master, in, 2), 5);
  EXPECT_EQ(std::string(a, 2) + std::string(b, 3), "abcde");
}

TEST_F(PtyDataTest, ExtprocLeavesEditingToTheOtherEnd) {
  change([](termios& t) { t.c_lflag |= EXTPROC | ECHO; });
  type("a\x7f\x03");
  EXPECT_EQ(collect(slave, 3), "a\x7f\x03");
  EXPECT_EQ(events_of(master, POLLIN), 0) << "no echo either";
}

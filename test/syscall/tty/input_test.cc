/// What the line discipline makes of typed input: canonical and raw mode, erase, end of file, signals.
#include <poll.h>
#include <sys/wait.h>

#include "support/child.h"
#include "support/signals.h"
#include "tty/terminal.h"

using namespace systest;

using InputTest = Terminal;

TEST_F(InputTest, LineIsReadWholeAndOneAtATime) {
  type("first\nsecond\n");
  EXPECT_EQ(line(), "first\n");
  char part[3];
  EXPECT_EQ(read(tty, part, 3), 3);
  EXPECT_EQ(std::string_view(part, 3), "sec");
  EXPECT_EQ(line(), "ond\n");
}

TEST_F(InputTest, UnfinishedLineIsNotReadable) {
  type("unfinished");
  pollfd entry{tty, POLLIN, 0};
  EXPECT_EQ(poll(&entry, 1, 0), 0);
  ASSERT_OK(fcntl(tty, F_SETFL, O_RDWR | O_NONBLOCK));
  char byte;
  EXPECT_ERRNO(EAGAIN, read(tty, &byte, 1));
  type("\n");
  EXPECT_EQ(poll(&entry, 1, 0), 1);
  EXPECT_EQ(entry.revents, POLLIN);
  EXPECT_EQ(waiting(), 11);
  EXPECT_EQ(line(), "unfinished\n");
}

TEST_F(InputTest, EraseAndKillEditTheLine) {
  type(
      "abx\x7f"
      "c\n");
  EXPECT_EQ(line(), "abc\n");
  type(
      "garbage\x15"
      "clean\n");
  EXPECT_EQ(line(), "clean\n");
  type(
      "one two\x17"
      "three\n");
  EXPECT_EQ(line(), "one three\n");
  type("\x7f\x7fz\n");
  EXPECT_EQ(line(), "z\n");
}

TEST_F(InputTest, LiteralNextTakesTheSpecialMeaning) {
  type("a\x16\x7f\n");
  EXPECT_EQ(line(), "a\x7f\n");
}

TEST_F(InputTest, EndOfFileCharacter) {
  type("\x04");
  char byte;
  EXPECT_EQ(read(tty, &byte, 1), 0);
  type("text\x04");
  EXPECT_EQ(line(), "text") << "ends the line without a newline";
}

TEST_F(InputTest, CarriageReturnMapping) {
  type("cr\r");
  EXPECT_EQ(line(), "cr\n");
  termios t;
  ASSERT_OK(tcgetattr(tty, &t));
  t.c_iflag = (t.c_iflag & ~ICRNL) | INLCR;
  ASSERT_OK(tcsetattr(tty, TCSANOW, &t));
  set_raw(1, 0);
  type("\n\r");
  EXPECT_EQ(line(), "\r\r");
  ASSERT_OK(tcgetattr(tty, &t));
  t.c_iflag |= IGNCR;
  ASSERT_OK(tcsetattr(tty, TCSANOW, &t));
  type("a\rb");
  EXPECT_EQ(line(), "ab");
}

TEST_F(InputTest, LineLongerThanTheQueueIsCutAndStillEnds) {
  type(std::string(5000, 'l'));
  type("\n");
  const std::string all = line();
  EXPECT_EQ(all.size(), 4096u);
  EXPECT_TRUE(all.ends_with("l\n"));
}

TEST_F(InputTest, RawModeGivesBytesAtOnce) {
  set_raw(1, 0);
  type("r");
  EXPECT_EQ(line(), "r");
  type("\x7f\x04\x15");
  EXPECT_EQ(line(), "\x7f\x04\x15");
}

TEST_F(InputTest, MinimumZeroNeverWaits) {
  set_raw(0, 0);
  char buffer[8];
  EXPECT_EQ(read(tty, buffer, 8), 0);
  type("xy");
  EXPECT_EQ(read(tty, buffer, 8), 2);
}

TEST_F(InputTest, TimeoutWithoutMinimumAnswersZero) {
  set_raw(0, 1);
  char buffer[8];
  EXPECT_EQ(read(tty, buffer, 8), 0);
}

TEST_F(InputTest, MinimumIsWaitedFor) {
  set_raw(3, 0);
  const pid_t pid = spawn([&] {
    char buffer[8];
    EXPECT_EQ(read(tty, buffer, 8), 3);
  });
  await_state(pid, 'S');
  type("a");
  type("b");
  EXPECT_EQ(waitpid(pid, nullptr, WNOHANG), 0);
  type("c");
  EXPECT_EQ(reap(pid), 0);
}

TEST_F(InputTest, TimeoutBetweenBytesEndsARead) {
  set_raw(5, 1);
  type("ab");
  char buffer[8];
  EXPECT_EQ(read(tty, buffer, 8), 2);
}

TEST_F(InputTest, SwitchToRawShowsTheUnfinishedLine) {
  type("half");
  set_raw(1, 0);
  EXPECT_EQ(line(), "half");
}

TEST_F(InputTest, SignalCharactersReachTheForegroundGroup) {
  for (const auto [character, signal] : {std::pair{"\x03", SIGINT}, {"\x1c", SIGQUIT}, {"\x1a", SIGTSTP}}) {
    count_signal(signal);
    type(character);
    EXPECT_EQ(seen.signal, signal);
    EXPECT_EQ(waiting(), 0) << "the character itself is not input";
  }
}

TEST_F(InputTest, SignalCharacterDiscardsTheLineUnlessNoflsh) {
  count_signal(SIGINT);
  type("line\n\x03");
  EXPECT_EQ(waiting(), 0);
  set_local(NOFLSH, 0);
  type("kept\n\x03");
  EXPECT_EQ(line(), "kept\n");
  EXPECT_EQ(seen.count, 2);
}

TEST_F(InputTest, WithoutIsigTheyAreOrdinary) {
  set_local(0, ISIG);
  type("\x03\n");
  EXPECT_EQ(line(), "\x03\n");
}

TEST_F(InputTest, ReaderIsInterruptedByTheInterruptCharacter) {
  count_signal(SIGINT);
  const pid_t pid = spawn([&] {
    char byte;
    EXPECT_ERRNO(EINTR, read(tty, &byte, 1));
    EXPECT_EQ(seen.count, 1);
  });
  await_state(pid, 'S');
  type("\x03");
  EXPECT_EQ(reap(pid), 0);
}

TEST_F(InputTest, OutputOfAnythingIsAccepted) {
  EXPECT_EQ(write(tty, "\r", 1), 1);
  EXPECT_EQ(write(tty, "", 0), 0);
}

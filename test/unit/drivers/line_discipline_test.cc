#include "drivers/tty/line_discipline.h"

#include <asm/signal.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "arch/host/fake_user_memory.h"

namespace drivers = k::drivers;

namespace {

struct RecordingPort final : drivers::LinePort {
  void echo(std::span<const char> bytes) override { screen.append(bytes.data(), bytes.size()); }
  void raise(int signal) override { signals.push_back(signal); }
  void set_stopped(bool s) override { stopped = s; }
  void discard_output() override { ++discards; }
  void input_flushed() override { ++flushes; }

  std::string screen;
  std::vector<int> signals;
  bool stopped = false;
  int discards = 0, flushes = 0;
};

class LineDisciplineTest : public testing::Test {
 protected:
  void type(std::string_view text) {
    for (const char c : text) line_.receive(c);
  }
  std::string read(std::size_t n = 100) {
    std::string out(n, '?');
    auto buffer = k::IoBuffer::kernel(std::as_writable_bytes(std::span{out}));
    out.resize(line_.take(buffer).value());
    return out;
  }
  void change(auto edit) {
    drivers::Termios t = line_.termios();
    edit(t.raw);
    line_.set_termios(t);
  }
  void make_raw() {
    change([](uapi::termios2& t) {
      t.c_lflag &= ~static_cast<uapi::tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
      t.c_iflag = 0;
      t.c_oflag = 0;
    });
  }

  RecordingPort port_;
  drivers::LineDiscipline line_{port_};
};

TEST_F(LineDisciplineTest, NothingIsReadableBeforeTheLineEnds) {
  type("ab");
  EXPECT_FALSE(line_.readable(1));
  EXPECT_EQ(line_.available(), 0u);
  type("\r");
  EXPECT_TRUE(line_.readable(1));
  EXPECT_EQ(line_.available(), 3u);
  EXPECT_EQ(read(), "ab\n");
  EXPECT_EQ(port_.screen, "ab\r\n");
}

TEST_F(LineDisciplineTest, AReadTakesOneLineAndAShortReadLeavesTheRest) {
  type("one\ntwo\n");
  EXPECT_EQ(read(2), "on");
  EXPECT_EQ(read(), "e\n");
  EXPECT_EQ(read(), "two\n");
  EXPECT_FALSE(line_.readable(1));
}

TEST_F(LineDisciplineTest, EndOfFileAloneReadsAsZeroBytes) {
  type("\x04");
  EXPECT_TRUE(line_.readable(1));
  EXPECT_EQ(read(), "");
  EXPECT_FALSE(line_.readable(1));
}

TEST_F(LineDisciplineTest, EndOfFileAfterTextHandsTheTextOutWithoutNewline) {
  type("text\x04");
  EXPECT_EQ(read(), "text");
  EXPECT_FALSE(line_.readable(1));
}

TEST_F(LineDisciplineTest, EndOfFileIsConsumedByAReadOfExactlyTheText) {
  type("text\x04");
  EXPECT_EQ(read(4), "text");
  EXPECT_FALSE(line_.readable(1)) << "no spurious end of file afterwards";
}

TEST_F(LineDisciplineTest, EraseRemovesCharactersFromLineAndScreen) {
  type("abc\x7f\x7fX\n");
  EXPECT_EQ(read(), "aX\n");
  EXPECT_EQ(port_.screen, "abc\b \b\b \bX\r\n");
}

TEST_F(LineDisciplineTest, EraseOfAControlCharacterWipesTwoCells) {
  type("\x16\x01\x7f");
  EXPECT_EQ(port_.screen, "^\b^A\b \b\b \b");
}

TEST_F(LineDisciplineTest, EraseStopsAtTheLineStart) {
  type(
      "a\n\x7f\x7f"
      "b\n");
  EXPECT_EQ(read(), "a\n");
  EXPECT_EQ(read(), "b\n");
}

TEST_F(LineDisciplineTest, EraseTakesAWholeUtf8Character) {
  change([](uapi::termios2& t) { t.c_iflag |= IUTF8; });
  type("a\xc3\xa4\x7f\n");
  EXPECT_EQ(read(), "a\n");
}

TEST_F(LineDisciplineTest, WordEraseTakesTheLastWordAndBlanksAfterIt) {
  type("one two  \x17three\n");
  EXPECT_EQ(read(), "one three\n");
}

TEST_F(LineDisciplineTest, KillDropsTheLine) {
  type("garbage\x15ok\n");
  EXPECT_EQ(read(), "ok\n");
}

TEST_F(LineDisciplineTest, LiteralNextStoresControlCharacters) {
  type("\x16\x03\n");
  EXPECT_EQ(read(), "\x03\n");
  EXPECT_TRUE(port_.signals.empty());
}

TEST_F(LineDisciplineTest, SignalCharactersSignalEchoAndFlush) {
  type("half\x03");
  ASSERT_EQ(port_.signals, std::vector<int>{SIGINT});
  EXPECT_EQ(port_.screen, "half^C");
  EXPECT_EQ(port_.discards, 1);
  type("\x1c\x1a");
  EXPECT_EQ(port_.signals, (std::vector<int>{SIGINT, SIGQUIT, SIGTSTP}));
  type("x\n");
  EXPECT_EQ(read(), "x\n") << "what was typed before the signal is gone";
}

TEST_F(LineDisciplineTest, NoflshKeepsTheInput) {
  change([](uapi::termios2& t) { t.c_lflag |= NOFLSH; });
  type("half\x03\n");
  EXPECT_EQ(read(), "half\n");
}

TEST_F(LineDisciplineTest, RawModeHandsOutEveryByteAtOnce) {
  make_raw();
  type("a\r\x03\x7f");
  EXPECT_TRUE(line_.readable(4));
  EXPECT_FALSE(line_.readable(5));
  EXPECT_EQ(read(), "a\r\x03\x7f");
  EXPECT_EQ(port_.screen, "");
}

TEST_F(LineDisciplineTest, LeavingCanonicalModeMakesTheUnfinishedLineReadable) {
  type("unfinished");
  make_raw();
  EXPECT_EQ(read(), "unfinished");
}

TEST_F(LineDisciplineTest, EnteringCanonicalModeMakesOldBytesOneLine) {
  make_raw();
  type("old");
  change([](uapi::termios2& t) { t.c_lflag |= ICANON; });
  EXPECT_TRUE(line_.readable(1));
  EXPECT_EQ(read(), "old");
}

TEST_F(LineDisciplineTest, FlowControlStopsAndRestartsOutput) {
  type("\x13");
  EXPECT_TRUE(port_.stopped);
  type("\x11");
  EXPECT_FALSE(port_.stopped);
  EXPECT_FALSE(line_.readable(1));
}

TEST_F(LineDisciplineTest, ALineNeverExceedsTheQueueAndItsEndStillFits) {
  type(std::string(5000, 'x'));
  type("\n");
  EXPECT_EQ(read(5000), std::string(4095, 'x') + "\n");
}

TEST_F(LineDisciplineTest, OutputMapsNewlinesAndExpandsTabs) {
  change([](uapi::termios2& t) { t.c_oflag |= XTABS; });
  char out[64];
  const std::string_view in = "a\tb\n";
  const std::size_t n = line_.process_output(in, out).produced;
  EXPECT_EQ(std::string_view(out, n), "a       b\r\n");
}

TEST_F(LineDisciplineTest, RawOutputIsUntouched) {
  make_raw();
  char out[64];
  const std::string_view in = "a\tb\n\r";
  EXPECT_EQ(std::string_view(out, line_.process_output(in, out).produced), in);
}

TEST_F(LineDisciplineTest, AFaultingReaderLosesNothingItDidNotGet) {
  k::arch::host::FakeUserMemory user{"????"};
  user.fault_at(2);
  type("abc\n");
  auto first = k::IoBuffer::user(user.base(), 4);
  EXPECT_EQ(line_.take(first).value(), 2u);
  EXPECT_EQ(user.text().substr(0, 2), "ab");
  auto second = k::IoBuffer::user(user.base() + 2, 2);
  EXPECT_EQ(line_.take(second).error(), k::Errno::fault);
  EXPECT_EQ(read(), "c\n");
}

TEST_F(LineDisciplineTest, BreakInterruptsUnderBrkint) {
  change([](uapi::termios2& t) { t.c_iflag |= BRKINT; });
  line_.receive_break();
  EXPECT_EQ(port_.signals, std::vector<int>{SIGINT});
}

TEST_F(LineDisciplineTest, OutputThatDoesNotFitIsLeftWhole) {
  char out[4];
  const auto first = line_.process_output(std::string_view{"abc\n"}, out);
  EXPECT_EQ(first.consumed, 3u) << "two places for a newline, one left";
  EXPECT_EQ(first.produced, 3u);
  change([](uapi::termios2& t) { t.c_oflag |= XTABS; });
  EXPECT_EQ(line_.process_output(std::string_view{"\t"}, out).consumed, 0u);
  char more[8];
  EXPECT_EQ(line_.process_output(std::string_view{"\t"}, more).produced, 5u) << "from column 3, which stayed";
}

TEST_F(LineDisciplineTest, RoomIsWhatCanBeReceivedWithoutLoss) {
  EXPECT_EQ(line_.room(), 4095u);
  type("line\n");
  EXPECT_EQ(line_.room(), 4090u);
  type(std::string(4089, 'x') + "\n");
  EXPECT_EQ(line_.room(), 0u) << "finished lines are held up, not cut";
  line_.flush_input();
  EXPECT_EQ(port_.flushes, 1);
  type(std::string(4095, 'x'));
  EXPECT_EQ(line_.room(), 1u) << "an unfinished line is cut";
  make_raw();
  EXPECT_EQ(line_.room(), 0u);
}

TEST_F(LineDisciplineTest, HeldOutputIsNotRestartedByTyping) {
  line_.hold_output(true);
  EXPECT_TRUE(port_.stopped);
  type("\x11");
  EXPECT_TRUE(port_.stopped);
  line_.hold_output(false);
  EXPECT_FALSE(port_.stopped);
  type("\x13");
  EXPECT_TRUE(port_.stopped);
  line_.hold_output(false);
  EXPECT_TRUE(port_.stopped) << "it was not held, so this is not its end";
}

TEST_F(LineDisciplineTest, UnderExtprocTheOtherEndEdits) {
  change([](uapi::termios2& t) { t.c_lflag |= EXTPROC; });
  type("a\x7f\x03");
  EXPECT_TRUE(port_.signals.empty());
  EXPECT_EQ(read(), "a\x7f\x03");
  EXPECT_EQ(port_.screen, "");
}

}  // namespace

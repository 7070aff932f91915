/// Packet mode: what the master of a pseudo-terminal is told besides data. ioctl_tty(2), TIOCPKT.
#include "tty/pair.h"

using namespace systest;

class PtyPacketTest : public Pair {
 protected:
  void SetUp() override {
    Pair::SetUp();
    packet_mode(1);
  }
  void packet_mode(int on) { ASSERT_OK(ioctl(master, TIOCPKT, &on)); }
  /// The next packet, "" if none comes at once.
  std::string packet(int milliseconds = 10'000) {
    if (events_of(master, POLLIN, milliseconds) == 0) return {};
    char buffer[256];
    const ssize_t n = read(master, buffer, sizeof buffer);
    EXPECT_GE(n, 1);
    return {buffer, (std::size_t)std::max<ssize_t>(n, 0)};
  }
  static std::string status(int bits) { return {(char)bits}; }
};

TEST_F(PtyPacketTest, DataComesBehindAZero) {
  print("data");
  EXPECT_EQ(packet(), std::string("\0data", 5));
  int on = 0;
  EXPECT_OK(ioctl(master, TIOCGPKT, &on));
  EXPECT_EQ(on, 1);
  packet_mode(0);
  print("plain");
  EXPECT_EQ(screen(5), "plain");
}

TEST_F(PtyPacketTest, FlushesAreReported) {
  EXPECT_OK(tcflush(slave, TCIFLUSH));
  EXPECT_EQ(packet(), status(TIOCPKT_FLUSHREAD));
  EXPECT_OK(tcflush(slave, TCOFLUSH));
  EXPECT_EQ(packet(), status(TIOCPKT_FLUSHWRITE));
  EXPECT_OK(tcflush(slave, TCIOFLUSH));
  EXPECT_EQ(packet(), status(TIOCPKT_FLUSHREAD | TIOCPKT_FLUSHWRITE));
}

TEST_F(PtyPacketTest, StatusComesBeforeDataAndWakesWithPri) {
  print("data");
  await(master, POLLIN);
  EXPECT_OK(tcflush(slave, TCIFLUSH));
  EXPECT_EQ(events_of(master, POLLIN | POLLPRI), POLLIN | POLLPRI);
  EXPECT_EQ(packet(), status(TIOCPKT_FLUSHREAD));
  EXPECT_EQ(events_of(master, POLLIN | POLLPRI), POLLIN);
  EXPECT_EQ(packet(), std::string("\0data", 5));
}

TEST_F(PtyPacketTest, StopAndStartAreReported) {
  EXPECT_OK(tcflow(slave, TCOOFF));
  EXPECT_EQ(packet(), status(TIOCPKT_STOP));
  EXPECT_OK(tcflow(slave, TCOON));
  EXPECT_EQ(packet(), status(TIOCPKT_START));
  EXPECT_OK(tcflow(slave, TCOOFF));
  EXPECT_OK(tcflow(slave, TCOON));
  EXPECT_EQ(packet(), status(TIOCPKT_START)) << "the later one wins";
}

TEST_F(PtyPacketTest, ChangesOfFlowControlAreReported) {
  change([](termios& t) { t.c_iflag &= ~IXON; });
  EXPECT_EQ(packet(), status(TIOCPKT_NOSTOP));
  change([](termios& t) { t.c_iflag |= IXON; });
  EXPECT_EQ(packet(), status(TIOCPKT_DOSTOP));
  change([](termios& t) { t.c_cc[VSTOP] = 'x'; });
  EXPECT_EQ(packet(), status(TIOCPKT_NOSTOP));
  change([](termios& t) { t.c_lflag ^= ECHOE; });
  EXPECT_EQ(packet(50), "") << "nothing else is worth a word";
}

TEST_F(PtyPacketTest, SettingsUnderExtprocAreReported) {
  change([](termios& t) { t.c_lflag |= EXTPROC; });
  EXPECT_EQ(packet(), status(TIOCPKT_IOCTL));
  change([](termios& t) { t.c_cc[VMIN] = 3; });
  EXPECT_EQ(packet(), status(TIOCPKT_IOCTL));
  change([](termios& t) { t.c_lflag &= ~EXTPROC; });
  EXPECT_EQ(packet(), status(TIOCPKT_IOCTL));
}

TEST_F(PtyPacketTest, SignalCharacterFlushesBothWays) {
  count_signal(SIGINT);
  ASSERT_OK(ioctl(slave, TIOCSCTTY, 0));
  type("line\n\x03");
  EXPECT_EQ(packet(), status(TIOCPKT_FLUSHREAD | TIOCPKT_FLUSHWRITE));
  EXPECT_EQ(seen.count, 1);
}

TEST_F(PtyPacketTest, NothingIsKeptFromBefore) {
  packet_mode(0);
  EXPECT_OK(tcflush(slave, TCIFLUSH));
  packet_mode(1);
  EXPECT_EQ(packet(50), "");
}

TEST_F(PtyPacketTest, OneByteReadGetsTheZeroOnly) {
  print("ab");
  await(master, POLLIN);
  char byte = 'x';
  EXPECT_EQ(read(master, &byte, 1), 1);
  EXPECT_EQ(byte, 0);
  EXPECT_EQ(packet(), std::string("\0ab", 3));
}

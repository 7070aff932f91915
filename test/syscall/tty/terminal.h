/// The guest's first serial port as the controlling terminal of the test's own session. Input is typed with
/// TIOCSTI, so the line discipline sees what it would see from the wire.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "support/check.h"
#include "support/files.h"

namespace systest {

class Terminal : public testing::Test {
 protected:
  static constexpr char kPath[] = "/dev/ttyS0";

  void SetUp() override {
    tty = Fd{open(kPath, O_RDWR | O_NOCTTY | O_NONBLOCK)};
    if (tty == -1) GTEST_SKIP() << "no " << kPath;
    if (tcgetattr(tty, &saved) == -1) GTEST_SKIP() << "no port behind " << kPath;
    ASSERT_OK(fcntl(tty, F_SETFL, O_RDWR));
    ASSERT_OK(ioctl(tty, TIOCSCTTY, 1));
    tcflush(tty, TCIFLUSH);
    set_local(ICANON | ISIG, ECHO);
  }

  void TearDown() override {
    if (tty == -1) return;
    tcflush(tty, TCIFLUSH);
    tcsetattr(tty, TCSANOW, &saved);
  }

  void type(std::string_view text) {
    for (const char& c : text) ASSERT_OK(ioctl(tty, TIOCSTI, &c));
  }

  std::string line() { return read_some(tty); }

  void set_local(tcflag_t on, tcflag_t off) {
    termios t;
    ASSERT_OK(tcgetattr(tty, &t));
    t.c_lflag = (t.c_lflag | on) & ~off;
    ASSERT_OK(tcsetattr(tty, TCSANOW, &t));
  }

  /// Non-canonical input with these VMIN and VTIME.
  void set_raw(cc_t minimum, cc_t tenths) {
    termios t;
    ASSERT_OK(tcgetattr(tty, &t));
    t.c_lflag &= ~(ICANON | ECHO);
    t.c_cc[VMIN] = minimum;
    t.c_cc[VTIME] = tenths;
    ASSERT_OK(tcsetattr(tty, TCSANOW, &t));
  }

  /// Leaves the terminal without dying of the SIGHUP that goes with it.
  void give_up() {
    signal(SIGHUP, SIG_IGN);
    ASSERT_OK(ioctl(tty, TIOCNOTTY));
    signal(SIGHUP, SIG_DFL);
  }

  int waiting() {
    int count = -1;
    EXPECT_OK(ioctl(tty, FIONREAD, &count));
    return count;
  }

  Fd tty;
  termios saved{};
};

}  // namespace systest

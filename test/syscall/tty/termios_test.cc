/// termios(3) settings, window size, and terminal requests on what is no terminal.
#include <poll.h>

#include "support/child.h"
#include "support/signals.h"
#include "tty/terminal.h"

using namespace systest;

using TermiosTest = Terminal;

TEST(NoTerminal, RequestsAreEnotty) {
  put("file", "");
  Fd file{open("file", O_RDWR)}, null{open("/dev/null", O_RDWR)};
  auto pipe = make_pipe();
  termios t{};
  winsize size{};
  for (int fd : {int{file}, int{null}, int{pipe.read}}) {
    EXPECT_ERRNO(ENOTTY, tcgetattr(fd, &t));
    EXPECT_ERRNO(ENOTTY, tcsetattr(fd, TCSANOW, &t));
    EXPECT_ERRNO(ENOTTY, ioctl(fd, TIOCGWINSZ, &size));
    EXPECT_ERRNO(ENOTTY, tcgetpgrp(fd));
    EXPECT_ERRNO(ENOTTY, tcsetpgrp(fd, getpgrp()));
    EXPECT_ERRNO(ENOTTY, ioctl(fd, TIOCSCTTY, 0));
    EXPECT_EQ(isatty(fd), 0);
  }
  EXPECT_ERRNO(EBADF, tcgetattr(999, &t));
}

TEST(NoTerminal, DevTtyWithoutControllingTerminalIsEnxio) { EXPECT_ERRNO(ENXIO, open("/dev/tty", O_RDWR)); }

TEST_F(TermiosTest, DefaultsAreLinuxs) {
  EXPECT_EQ(saved.c_cc[VINTR], 3);
  EXPECT_EQ(saved.c_cc[VQUIT], 28);
  EXPECT_EQ(saved.c_cc[VERASE], 127);
  EXPECT_EQ(saved.c_cc[VKILL], 21);
  EXPECT_EQ(saved.c_cc[VEOF], 4);
  EXPECT_EQ(saved.c_cc[VSUSP], 26);
  EXPECT_EQ(saved.c_cc[VMIN], 1);
  EXPECT_EQ(saved.c_cc[VTIME], 0);
  EXPECT_TRUE(saved.c_oflag & OPOST);
  EXPECT_TRUE(saved.c_oflag & ONLCR);
  EXPECT_TRUE(saved.c_iflag & ICRNL);
  EXPECT_EQ(saved.c_cflag & CSIZE, (tcflag_t)CS8);
}

TEST_F(TermiosTest, SettingsAreKept) {
  termios t;
  ASSERT_OK(tcgetattr(tty, &t));
  t.c_lflag &= ~(ICANON | ISIG);
  t.c_iflag |= IGNCR;
  t.c_cc[VMIN] = 7;
  t.c_cc[VINTR] = 'x';
  for (int when : {TCSANOW, TCSADRAIN, TCSAFLUSH}) {
    ASSERT_OK(tcsetattr(tty, when, &t));
    termios now;
    ASSERT_OK(tcgetattr(tty, &now));
    EXPECT_EQ(now.c_lflag, t.c_lflag);
    EXPECT_EQ(now.c_iflag, t.c_iflag);
    EXPECT_EQ(now.c_cc[VMIN], 7);
    EXPECT_EQ(now.c_cc[VINTR], 'x');
  }
}

TEST_F(TermiosTest, WindowSizeIsKeptAndAChangeSendsSigwinch) {
  winsize before{}, now{};
  ASSERT_OK(ioctl(tty, TIOCGWINSZ, &before));
  const winsize wanted{33, 101, 0, 0};
  count_signal(SIGWINCH);
  EXPECT_OK(ioctl(tty, TIOCSWINSZ, &wanted));
  EXPECT_OK(ioctl(tty, TIOCGWINSZ, &now));
  EXPECT_EQ(now.ws_row, 33);
  EXPECT_EQ(now.ws_col, 101);
  EXPECT_EQ(seen.count, 1);
  EXPECT_OK(ioctl(tty, TIOCSWINSZ, &wanted));
  EXPECT_EQ(seen.count, 1) << "no change, no signal";
  EXPECT_OK(ioctl(tty, TIOCSWINSZ, &before));
}

TEST_F(TermiosTest, FlushFlowAndDrain) {
  type("typed\n");
  EXPECT_OK(tcflush(tty, TCIFLUSH));
  EXPECT_EQ(waiting(), 0);
  EXPECT_OK(tcflush(tty, TCIOFLUSH));
  EXPECT_OK(tcdrain(tty));
  EXPECT_ERRNO(EINVAL, ioctl(tty, TCFLSH, 99));
}

TEST_F(TermiosTest, UnknownRequestsAndBadPointers) {
  EXPECT_ERRNO(ENOTTY, ioctl(tty, 0x54ff, 0));
  EXPECT_ERRNO(EFAULT, ioctl(tty, TCGETS, 16));
  EXPECT_ERRNO(EFAULT, ioctl(tty, TCSETS, 16));
  EXPECT_ERRNO(EFAULT, ioctl(tty, TIOCGWINSZ, 16));
  EXPECT_ERRNO(EFAULT, ioctl(tty, TIOCGPGRP, 16));
}

TEST_F(TermiosTest, IsACharacterDeviceThatCannotSeek) {
  struct stat st;
  EXPECT_OK(fstat(tty, &st));
  EXPECT_TRUE(S_ISCHR(st.st_mode));
  EXPECT_EQ(st.st_rdev, 4u << 8 | 64);
  EXPECT_ERRNO(ESPIPE, lseek(tty, 0, SEEK_SET));
  pollfd entry{tty, POLLIN | POLLOUT, 0};
  EXPECT_EQ(poll(&entry, 1, -1), 1);
  EXPECT_EQ(entry.revents, POLLOUT);
}

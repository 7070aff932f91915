/// A pseudo-terminal pair of the test's own, echo off and nobody's controlling terminal until it asks.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <string_view>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/signals.h"

namespace systest {

/// What poll(2) says now, or within ten seconds when it has to wait for one of `events`.
inline short events_of(int fd, short events, int milliseconds = 0) {
  pollfd entry{fd, events, 0};
  EXPECT_NE(poll(&entry, 1, milliseconds), -1);
  return entry.revents;
}
inline short await(int fd, short events) { return events_of(fd, events, 10'000); }

class Pair : public testing::Test {
 protected:
  void SetUp() override {
    master = new_master();
    slave = open_slave();
    ASSERT_OK(int{slave});
    change([](termios& t) { t.c_lflag &= ~ECHO; });
  }

  /// The end of the master hangs up a test that took the slave as its terminal.
  void TearDown() override { signal(SIGHUP, SIG_IGN); }

  Fd new_master() {
    Fd fd{open("/dev/ptmx", O_RDWR | O_NOCTTY)};
    EXPECT_OK(int{fd});
    int locked = 0;
    EXPECT_OK(ioctl(fd, TIOCSPTLCK, &locked));
    return fd;
  }
  static unsigned number_of(int fd) {
    unsigned number = ~0u;
    EXPECT_OK(ioctl(fd, TIOCGPTN, &number));
    return number;
  }
  static std::string path_of(int fd) { return "/dev/pts/" + std::to_string(number_of(fd)); }
  std::string path() { return path_of(master); }
  Fd open_slave(int flags = O_RDWR | O_NOCTTY) { return Fd{open(path().c_str(), flags)}; }

  /// Types on the master.
  void type(std::string_view text) { ASSERT_EQ(write(master, text.data(), text.size()), (ssize_t)text.size()); }
  void print(std::string_view text) { ASSERT_EQ(write(slave, text.data(), text.size()), (ssize_t)text.size()); }
  /// One read of the slave.
  std::string line() { return read_some(slave); }
  /// Exactly `size` bytes from the master, fewer if none come for a while.
  std::string screen(std::size_t size) { return collect(master, size); }
  static std::string collect(int fd, std::size_t size) {
    std::string all;
    while (all.size() < size) {
      char buffer[4096];
      if ((await(fd, POLLIN) & POLLIN) == 0) break;
      const ssize_t got = read(fd, buffer, std::min(sizeof buffer, size - all.size()));
      if (got <= 0) break;
      all.append(buffer, (std::size_t)got);
    }
    return all;
  }
  /// Waits until what was typed is through the line discipline: `mark` comes out raw or as a line.
  bool quiet(int fd) { return events_of(fd, POLLIN, 100) == 0; }

  template <class Edit>
  void change(Edit edit, int when = TCSANOW) {
    termios t;
    ASSERT_OK(tcgetattr(slave, &t));
    edit(t);
    ASSERT_OK(tcsetattr(slave, when, &t));
  }
  void raw() {
    change([](termios& t) { cfmakeraw(&t); });
  }
  void set_nonblocking(int fd) { ASSERT_OK(fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK)); }

  /// Takes the slave as controlling terminal of this test's session.
  void control() { ASSERT_OK(ioctl(slave, TIOCSCTTY, 0)); }

  /// A child in a process group of its own that runs `body`.
  static pid_t job(const std::function<void()>& body) {
    Gate moved;
    const pid_t pid = spawn([&] {
      moved.wait();
      body();
    });
    EXPECT_OK(setpgid(pid, pid));
    moved.open();
    return pid;
  }
  static int stop_signal_of(pid_t pid) {
    int status = 0;
    EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
    return WIFSTOPPED(status) ? WSTOPSIG(status) : -1;
  }

  Fd master, slave;
};

}  // namespace systest

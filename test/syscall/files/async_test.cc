/// O_ASYNC: a file's owner hears by SIGIO, or the signal of F_SETSIG, that it became ready. Source: fcntl(2), "Managing signals";
/// socket(7), pipe(7), tty(4).
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "sockets/sockets.h"
#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/signals.h"

using namespace systest;

namespace {

constexpr int kBandIn = POLLIN | POLLRDNORM, kBandOut = POLLOUT | POLLWRNORM | POLLWRBAND, kBandHup = POLLHUP | POLLERR;

/// Asks for SIGRTMIN, which tells everything, and blocks it.
void make_async(int fd) {
  block({SIGRTMIN, SIGIO});
  ASSERT_EQ(fcntl(fd, F_SETOWN, getpid()), 0);
  ASSERT_EQ(fcntl(fd, F_SETSIG, SIGRTMIN), 0);
  ASSERT_EQ(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC), 0);
}

struct Notice {
  int signal = 0, code = 0, fd = -1;
  long band = 0;
  bool operator==(const Notice&) const = default;
};
void PrintTo(const Notice& n, std::ostream* os) {
  *os << "signal " << n.signal << " code " << n.code << " fd " << n.fd << " band " << n.band;
}
constexpr Notice kNothing{};

/// The next of SIGRTMIN and SIGIO that waits.
Notice next_notice() {
  const sigset_t set = set_of({SIGRTMIN, SIGIO});
  const timespec now{};
  siginfo_t info{};
  if (sigtimedwait(&set, &info, &now) == -1) return {};
  return {info.si_signo, info.si_code, info.si_fd, info.si_band};
}
/// The last one; forgets those before it.
Notice last_notice() {
  Notice last;
  for (Notice n = next_notice(); n != kNothing; n = next_notice()) last = n;
  return last;
}

Notice in(int fd) { return {SIGRTMIN, POLL_IN, fd, kBandIn}; }
Notice out(int fd) { return {SIGRTMIN, POLL_OUT, fd, kBandOut}; }
Notice hup(int fd) { return {SIGRTMIN, POLL_HUP, fd, kBandHup}; }

struct Pty {
  Pty() : master(posix_openpt(O_RDWR | O_NOCTTY)) {
    unlockpt(master);
    slave = Fd{open(ptsname(master), O_RDWR | O_NOCTTY)};
  }
  Fd master, slave;
};

char byte;

}  // namespace

TEST(Async, FlagIsKeptAndShown) {
  const auto pipe = make_pipe();
  ASSERT_EQ(fcntl(pipe.read, F_SETFL, O_ASYNC), 0);
  EXPECT_EQ(fcntl(pipe.read, F_GETFL), O_RDONLY | O_ASYNC);
  const Fd twin{dup(pipe.read)};
  EXPECT_EQ(fcntl(twin, F_GETFL), O_RDONLY | O_ASYNC);
  ASSERT_EQ(fcntl(twin, F_SETFL, 0), 0);
  EXPECT_EQ(fcntl(pipe.read, F_GETFL), O_RDONLY);
  int on = 1;
  ASSERT_OK(ioctl(pipe.read, FIOASYNC, &on));
  EXPECT_EQ(fcntl(pipe.read, F_GETFL), O_RDONLY | O_ASYNC);
  on = 0;
  ASSERT_OK(ioctl(pipe.read, FIOASYNC, &on));
  EXPECT_EQ(fcntl(pipe.read, F_GETFL), O_RDONLY);
  EXPECT_ERRNO(EFAULT, ioctl(pipe.read, FIOASYNC, nullptr));
}

TEST(Async, FilesThatTellNothingForgetTheFlag) {
  put("f", "x");
  const Fd files[] = {Fd{open("f", O_RDWR)}, Fd{eventfd(0, 0)}, Fd{timerfd_create(CLOCK_MONOTONIC, 0)},
                      Fd{open("/dev/null", O_RDWR)}, Fd{open(".", O_RDONLY)}};
  for (const Fd& fd : files) {
    int on = 1;
    EXPECT_ERRNO(ENOTTY, ioctl(fd, FIOASYNC, &on));
    on = 0;
    EXPECT_OK(ioctl(fd, FIOASYNC, &on)) << "no change";
    EXPECT_EQ(fcntl(fd, F_SETFL, O_ASYNC), 0);
    EXPECT_EQ(fcntl(fd, F_GETFL) & O_ASYNC, 0);
  }
}

TEST(Async, OpenTakesTheFlagAndTellsNothing) {
  ASSERT_OK(mkfifo("fifo", 0600));
  const Fd fd{open("fifo", O_RDWR | O_ASYNC)};
  EXPECT_NE(fcntl(fd, F_GETFL) & O_ASYNC, 0);
  block({SIGIO});
  ASSERT_EQ(fcntl(fd, F_SETOWN, getpid()), 0);
  ASSERT_EQ(write(fd, "x", 1), 1);
  EXPECT_EQ(next_notice(), kNothing);
}

TEST(AsyncPipe, AReaderHearsOfEveryWrite) {
  const auto pipe = make_pipe();
  make_async(pipe.read);
  EXPECT_EQ(next_notice(), kNothing);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(write(pipe.write, "xy", 2), 2);
    EXPECT_EQ(next_notice(), in(pipe.read));
    EXPECT_EQ(next_notice(), kNothing);
  }
  ASSERT_EQ(read(pipe.read, &byte, 1), 1);
  EXPECT_EQ(next_notice(), kNothing);
}

TEST(AsyncPipe, AWriterHearsOfEveryRead) {
  const auto pipe = make_pipe();
  make_async(pipe.write);
  ASSERT_EQ(write(pipe.write, "xy", 2), 2);
  EXPECT_EQ(next_notice(), kNothing);
  ASSERT_EQ(read(pipe.read, &byte, 1), 1);
  EXPECT_EQ(next_notice(), out(pipe.write));
}

TEST(AsyncPipe, TheOtherEndsCloseIsTold) {
  auto one = make_pipe();
  make_async(one.read);
  one.write.reset();
  EXPECT_EQ(last_notice(), in(one.read));
  auto other = make_pipe();
  make_async(other.write);
  other.read.reset();
  EXPECT_EQ(last_notice(), out(other.write));
}

TEST(AsyncPipe, AFifoOpenForBothHearsBoth) {
  ASSERT_OK(mkfifo("fifo", 0600));
  const Fd fd{open("fifo", O_RDWR)};
  make_async(fd);
  ASSERT_EQ(write(fd, "x", 1), 1);
  EXPECT_EQ(last_notice(), in(fd));
  ASSERT_EQ(read(fd, &byte, 1), 1);
  EXPECT_EQ(last_notice(), out(fd));
}

TEST(AsyncPipe, SpliceAndTeeTellToo) {
  put("f", "hello");
  const Fd file{open("f", O_RDONLY)};
  const auto pipe = make_pipe(), second = make_pipe();
  make_async(pipe.read);
  ASSERT_EQ(splice(file, nullptr, pipe.write, nullptr, 5, 0), 5);
  EXPECT_EQ(last_notice(), in(pipe.read));
  make_async(second.read);
  ASSERT_EQ(tee(pipe.read, second.write, 5, 0), 5);
  EXPECT_EQ(last_notice(), in(second.read));
}

TEST(AsyncPipe, NobodyHearsWithoutAnOwner) {
  const auto pipe = make_pipe();
  block({SIGIO});
  ASSERT_EQ(fcntl(pipe.read, F_SETFL, O_ASYNC), 0);
  ASSERT_EQ(write(pipe.write, "x", 1), 1);
  EXPECT_EQ(next_notice(), kNothing);
  EXPECT_EQ(fcntl(pipe.read, F_GETOWN), 0);
}

TEST(AsyncPipe, SigioTellsNothingMoreByItself) {
  const auto pipe = make_pipe();
  make_async(pipe.read);
  ASSERT_EQ(fcntl(pipe.read, F_SETSIG, 0), 0);
  ASSERT_EQ(write(pipe.write, "x", 1), 1);
  const Notice notice = next_notice();
  EXPECT_EQ(notice.signal, SIGIO);
  EXPECT_EQ(notice.code, SI_KERNEL);
}

TEST(AsyncPipe, SigioByFSetsigTellsEverything) {
  const auto pipe = make_pipe();
  make_async(pipe.read);
  ASSERT_EQ(fcntl(pipe.read, F_SETSIG, SIGIO), 0);
  ASSERT_EQ(write(pipe.write, "x", 1), 1);
  EXPECT_EQ(next_notice(), (Notice{SIGIO, POLL_IN, pipe.read, kBandIn}));
}

TEST(AsyncPipe, EndsWithTheFlagAndWithTheFile) {
  auto pipe = make_pipe();
  make_async(pipe.read);
  ASSERT_EQ(fcntl(pipe.read, F_SETFL, 0), 0);
  ASSERT_EQ(write(pipe.write, "x", 1), 1);
  EXPECT_EQ(next_notice(), kNothing);
  ASSERT_OK(mkfifo("fifo", 0600));
  Fd reader{open("fifo", O_RDWR)};
  const Fd other{open("fifo", O_RDWR)};
  make_async(reader);
  reader.reset();
  ASSERT_EQ(write(other, "x", 1), 1);
  EXPECT_EQ(next_notice(), kNothing);
}

TEST(AsyncPipe, TellsTheDescriptorThatAsked) {
  const auto pipe = make_pipe();
  const Fd twin{dup(pipe.read)};
  make_async(twin);
  ASSERT_EQ(fcntl(pipe.read, F_SETFL, O_ASYNC), 0) << "no change";
  ASSERT_EQ(write(pipe.write, "x", 1), 1);
  EXPECT_EQ(next_notice(), in(twin));
}

TEST(AsyncPipe, MayBeAskedForAndGivenUpWhileOthersWrite) {
  const auto pipe = make_pipe();
  make_async(pipe.read);
  std::atomic<bool> done{false};
  std::thread writer{[&] {
    while (!done) {
      EXPECT_EQ(write(pipe.write, "x", 1), 1);
      EXPECT_EQ(read(pipe.read, &byte, 1), 1);
    }
  }};
  for (int i = 0; i < 2000; ++i) {
    EXPECT_EQ(fcntl(pipe.read, F_SETFL, 0), 0);
    EXPECT_EQ(fcntl(pipe.read, F_SETFL, O_ASYNC), 0);
  }
  done = true;
  writer.join();
  last_notice();
  ASSERT_EQ(write(pipe.write, "x", 1), 1);
  EXPECT_EQ(next_notice(), in(pipe.read));
}

TEST(AsyncPipe, AGroupHears) {
  const auto pipe = make_pipe();
  Gate ready, go;
  const pid_t pid = spawn([&] {
    setpgid(0, 0);
    block({SIGIO});
    ready.open();
    const sigset_t set = set_of({SIGIO});
    int signal = 0;
    sigwait(&set, &signal);
    EXPECT_EQ(signal, SIGIO);
  });
  ready.wait();
  ASSERT_EQ(fcntl(pipe.read, F_SETOWN, -pid), 0);
  ASSERT_EQ(fcntl(pipe.read, F_SETFL, O_ASYNC), 0);
  ASSERT_EQ(write(pipe.write, "x", 1), 1);
  EXPECT_EQ(reap(pid), 0);
}

TEST(AsyncSocket, HearsOfData) {
  for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET}) {
    const auto pair = make_pair(type);
    make_async(pair.one);
    last_notice();  // of the former pair's end
    for (int i = 0; i < 2; ++i) {
      ASSERT_EQ(send(pair.other, "x", 1, 0), 1);
      EXPECT_EQ(next_notice(), in(pair.one));
      EXPECT_EQ(next_notice(), kNothing);
    }
  }
}

TEST(AsyncSocket, HearsOfRoomOnceItLacked) {
  const auto pair = make_pair(SOCK_STREAM);
  ASSERT_OK(fcntl(pair.one, F_SETFL, O_NONBLOCK));
  make_async(pair.one);
  static char big[4096];
  while (send(pair.one, big, sizeof big, 0) > 0) {
  }
  EXPECT_EQ(next_notice(), kNothing);
  while (recv(pair.other, big, sizeof big, MSG_DONTWAIT) > 0) {
  }
  EXPECT_EQ(last_notice(), out(pair.one));
  ASSERT_EQ(send(pair.one, big, 1, 0), 1);
  ASSERT_EQ(recv(pair.other, big, 1, 0), 1);
  EXPECT_EQ(next_notice(), kNothing) << "there was always room";
}

TEST(AsyncSocket, HearsOfTheEnd) {
  auto closing = make_pair(SOCK_STREAM);
  make_async(closing.one);
  closing.other.reset();
  EXPECT_EQ(last_notice(), hup(closing.one));
  const auto half = make_pair(SOCK_STREAM);
  make_async(half.one);
  ASSERT_OK(shutdown(half.other, SHUT_WR));
  EXPECT_EQ(last_notice(), in(half.one));
  ASSERT_OK(shutdown(half.other, SHUT_RDWR));
  EXPECT_EQ(last_notice(), hup(half.one));
}

TEST(AsyncSocket, AListenerHearsOfConnections) {
  const Fd listener = make_listener("here");
  make_async(listener);
  const Fd client = connect_to("here");
  EXPECT_EQ(last_notice(), in(listener));
}

TEST(AsyncSocket, OwnersAreSetByIoctlToo) {
  const auto pair = make_pair(SOCK_STREAM);
  int pid = getpid(), told = 0;
  ASSERT_OK(ioctl(pair.one, FIOSETOWN, &pid));
  EXPECT_EQ(fcntl(pair.one, F_GETOWN), pid);
  ASSERT_OK(ioctl(pair.one, FIOGETOWN, &told));
  EXPECT_EQ(told, pid);
  pid = -getpgrp();
  ASSERT_OK(ioctl(pair.one, SIOCSPGRP, &pid));
  ASSERT_OK(ioctl(pair.one, SIOCGPGRP, &told));
  EXPECT_EQ(told, pid);
  EXPECT_ERRNO(EFAULT, ioctl(pair.one, FIOSETOWN, nullptr));
  const auto pipe = make_pipe();
  EXPECT_ERRNO(ENOTTY, ioctl(pipe.read, FIOSETOWN, &pid));
  EXPECT_ERRNO(ENOTTY, ioctl(pipe.read, FIOGETOWN, &told));
}

TEST(AsyncInotify, HearsOfEvents) {
  put("f", "x");
  const Fd fd{inotify_init1(IN_NONBLOCK)};
  ASSERT_OK(inotify_add_watch(fd, "f", IN_ATTRIB));
  make_async(fd);
  ASSERT_OK(chmod("f", 0600));
  EXPECT_EQ(last_notice(), in(fd));
}

TEST(AsyncTty, ASlaveHearsOfALine) {
  const Pty pty;
  make_async(pty.slave);
  ASSERT_EQ(write(pty.master, "ab", 2), 2);
  EXPECT_EQ(next_notice(), kNothing);
  ASSERT_EQ(write(pty.master, "c\n", 2), 2);
  char line[8];
  ASSERT_EQ(read(pty.slave, line, sizeof line), 4);
  EXPECT_EQ(last_notice(), in(pty.slave));
}

TEST(AsyncTty, ASlaveWithoutLinesHearsOfEveryByte) {
  const Pty pty;
  termios settings;
  ASSERT_OK(tcgetattr(pty.slave, &settings));
  cfmakeraw(&settings);
  ASSERT_OK(tcsetattr(pty.slave, TCSANOW, &settings));
  make_async(pty.slave);
  ASSERT_EQ(write(pty.master, "a", 1), 1);
  ASSERT_EQ(read(pty.slave, &byte, 1), 1);
  EXPECT_EQ(last_notice(), in(pty.slave));
}

TEST(AsyncTty, AMasterHearsOfOutput) {
  const Pty pty;
  make_async(pty.master);
  ASSERT_EQ(write(pty.slave, "a", 1), 1);
  ASSERT_EQ(read(pty.master, &byte, 1), 1);
  EXPECT_EQ(last_notice(), in(pty.master));
}

TEST(AsyncTty, TheCallerIsTheOwnerUnlessAnotherWasNamed) {
  const Pty pty;
  ASSERT_EQ(fcntl(pty.slave, F_SETFL, O_ASYNC), 0);
  EXPECT_EQ(fcntl(pty.slave, F_GETOWN), getpid());
  ASSERT_EQ(fcntl(pty.master, F_SETOWN, getppid()), 0);
  ASSERT_EQ(fcntl(pty.master, F_SETFL, O_ASYNC), 0);
  EXPECT_EQ(fcntl(pty.master, F_GETOWN), getppid());
}

TEST(AsyncTty, TheForegroundGroupIsTheOwnerOfAControllingTerminal) {
  EXPECT_EQ(in_child([] {
              signal(SIGHUP, SIG_IGN);
              setsid();
              const Pty pty;
              ASSERT_OK(ioctl(pty.slave, TIOCSCTTY, 0));
              ASSERT_EQ(fcntl(pty.slave, F_SETFL, O_ASYNC), 0);
              EXPECT_EQ(fcntl(pty.slave, F_GETOWN), -getpgrp());
            }),
            0);
}

/// poll(2), ppoll(2), select(2), pselect(2).
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/signals.h"

using namespace systest;

namespace {

short events_of(int fd, short wanted) {
  pollfd entry{fd, wanted, 0};
  EXPECT_NE(poll(&entry, 1, 0), -1);
  return entry.revents;
}

}  // namespace

TEST(Poll, PipeReadEnd) {
  auto pipe = make_pipe();
  EXPECT_EQ(events_of(pipe.read, POLLIN), 0);
  ASSERT_EQ(write(pipe.write, "x", 1), 1);
  EXPECT_EQ(events_of(pipe.read, POLLIN | POLLOUT), POLLIN);
  pipe.write.reset();
  EXPECT_EQ(events_of(pipe.read, POLLIN), POLLIN | POLLHUP);
  char byte;
  ASSERT_EQ(read(pipe.read, &byte, 1), 1);
  EXPECT_EQ(events_of(pipe.read, POLLIN), POLLHUP);
  EXPECT_EQ(events_of(pipe.read, 0), POLLHUP) << "asked or not";
}

TEST(Poll, PipeWriteEnd) {
  auto pipe = make_pipe(O_NONBLOCK);
  EXPECT_EQ(events_of(pipe.write, POLLOUT), POLLOUT);
  const std::string full(65536, 'f');
  ASSERT_EQ(write(pipe.write, full.data(), full.size()), 65536);
  EXPECT_EQ(events_of(pipe.write, POLLOUT), 0);
  pipe.read.reset();
  EXPECT_EQ(events_of(pipe.write, POLLOUT), POLLERR);
  auto empty = make_pipe();
  empty.read.reset();
  EXPECT_EQ(events_of(empty.write, POLLOUT), POLLOUT | POLLERR);
}

TEST(Poll, RegularFilesAndNullAreAlwaysReady) {
  put("file", "");
  Fd fd{open("file", O_RDWR)}, null{open("/dev/null", O_RDWR)};
  EXPECT_EQ(events_of(fd, POLLIN | POLLOUT), POLLIN | POLLOUT);
  EXPECT_EQ(events_of(null, POLLIN | POLLOUT), POLLIN | POLLOUT);
}

TEST(Poll, ClosedDescriptorIsNvalAndNegativeIsSkipped) {
  EXPECT_EQ(events_of(999, POLLIN), POLLNVAL);
  pollfd entries[2] = {{-1, POLLIN, 77}, {999, POLLIN, 0}};
  EXPECT_EQ(poll(entries, 2, 0), 1);
  EXPECT_EQ(entries[0].revents, 0);
}

TEST(Poll, CountsReadyEntriesAndTimesOutWithZero) {
  auto a = make_pipe(), b = make_pipe();
  ASSERT_EQ(write(a.write, "x", 1), 1);
  pollfd entries[3] = {{a.read, POLLIN, 0}, {b.read, POLLIN, 0}, {b.write, POLLOUT, 0}};
  EXPECT_EQ(poll(entries, 3, -1), 2);
  EXPECT_EQ(poll(&entries[1], 1, 1), 0);
  EXPECT_EQ(poll(nullptr, 0, 1), 0);
}

TEST(Poll, WakesWhenAWriterWrites) {
  auto pipe = make_pipe();
  const pid_t parent = getpid();
  const pid_t pid = spawn([&] {
    await_state(parent, 'S');
    EXPECT_EQ(write(pipe.write, "x", 1), 1);
  });
  pollfd entry{pipe.read, POLLIN, 0};
  EXPECT_EQ(poll(&entry, 1, -1), 1);
  EXPECT_EQ(entry.revents, POLLIN);
  EXPECT_EQ(reap(pid), 0);
}

TEST(Poll, WakesWhenTheLastWriterCloses) {
  auto pipe = make_pipe();
  const pid_t parent = getpid();
  const pid_t pid = spawn([&] { await_state(parent, 'S'); });
  pipe.write.reset();
  pollfd entry{pipe.read, POLLIN, 0};
  EXPECT_EQ(poll(&entry, 1, -1), 1);
  EXPECT_EQ(entry.revents, POLLHUP);
  EXPECT_EQ(reap(pid), 0);
}

TEST(Poll, TooManyEntriesAreEinval) {
  const rlimit limit{16, 16};
  ASSERT_OK(setrlimit(RLIMIT_NOFILE, &limit));
  pollfd entries[17] = {};
  EXPECT_ERRNO(EINVAL, poll(entries, 17, 0));
}

TEST(Ppoll, MaskLetsAPendingSignalInAndTimeIsChecked) {
  count_signal(SIGUSR1);
  block({SIGUSR1});
  raise(SIGUSR1);
  const sigset_t none = set_of({});
  EXPECT_ERRNO(EINTR, ppoll(nullptr, 0, nullptr, &none));
  EXPECT_EQ(seen.count, 1);
  const timespec bad{0, -1};
  EXPECT_ERRNO(EINVAL, syscall(SYS_ppoll, nullptr, 0, &bad, nullptr, 8));
  EXPECT_ERRNO(EINVAL, syscall(SYS_ppoll, nullptr, 0, nullptr, &none, 4));
  sigset_t now;
  sigprocmask(SIG_BLOCK, nullptr, &now);
  EXPECT_EQ(sigismember(&now, SIGUSR1), 1);
}

TEST(Select, KeepsOnlyReadyDescriptors) {
  auto a = make_pipe(), b = make_pipe();
  ASSERT_EQ(write(a.write, "x", 1), 1);
  fd_set readers, writers;
  FD_ZERO(&readers);
  FD_ZERO(&writers);
  FD_SET(a.read, &readers);
  FD_SET(b.read, &readers);
  FD_SET(b.write, &writers);
  EXPECT_EQ(select(b.write + 1, &readers, &writers, nullptr, nullptr), 2);
  EXPECT_TRUE(FD_ISSET(a.read, &readers));
  EXPECT_FALSE(FD_ISSET(b.read, &readers));
  EXPECT_TRUE(FD_ISSET(b.write, &writers));
}

TEST(Select, TimeoutAnswersZeroAndClearsTheSets) {
  auto pipe = make_pipe();
  fd_set readers;
  FD_ZERO(&readers);
  FD_SET(pipe.read, &readers);
  timeval soon{0, 1000};
  EXPECT_EQ(select(pipe.read + 1, &readers, nullptr, nullptr, &soon), 0);
  EXPECT_FALSE(FD_ISSET(pipe.read, &readers));
  EXPECT_EQ(soon.tv_sec, 0);
  EXPECT_EQ(soon.tv_usec, 0) << "Linux leaves the time that was not slept";
}

TEST(Select, RefusesBadArguments) {
  fd_set readers;
  FD_ZERO(&readers);
  FD_SET(40, &readers);
  timeval negative{-1, 0}, zero{0, 0};
  EXPECT_ERRNO(EBADF, select(41, &readers, nullptr, nullptr, &zero));
  EXPECT_ERRNO(EINVAL, select(-1, nullptr, nullptr, nullptr, &zero));
  EXPECT_ERRNO(EINVAL, syscall(SYS_select, 0, nullptr, nullptr, nullptr, &negative));
}

TEST(Pselect, MaskLetsAPendingSignalIn) {
  count_signal(SIGUSR1);
  block({SIGUSR1});
  raise(SIGUSR1);
  const sigset_t none = set_of({});
  EXPECT_ERRNO(EINTR, pselect(0, nullptr, nullptr, nullptr, nullptr, &none));
  EXPECT_EQ(seen.count, 1);
}

TEST(Select, RefusesATimeoutThatOverflows) {
  timeval huge{INT64_MAX, 5'000'000};
  EXPECT_ERRNO(EINVAL, syscall(SYS_select, 0, nullptr, nullptr, nullptr, &huge));
}

TEST(Select, HangupCountsAsReadable) {
  auto pipe = make_pipe();
  pipe.write.reset();
  fd_set readers;
  FD_ZERO(&readers);
  FD_SET(pipe.read, &readers);
  EXPECT_EQ(select(pipe.read + 1, &readers, nullptr, nullptr, nullptr), 1);
}

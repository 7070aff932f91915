/// Which interrupted calls restart and which fail with EINTR, signal(7).
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <thread>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/signals.h"

using namespace systest;

namespace {

/// Signals this process once it sleeps, then does `more`.
pid_t interrupt_then(const std::function<void()>& more) {
  const pid_t self = getpid();
  return spawn([=] {
    await_state(self, 'S');
    kill(self, SIGUSR1);
    more();
  });
}
pid_t interrupt() {
  return interrupt_then([] {});
}

}  // namespace

TEST(Restart, PipeReadFailsWithoutTheFlag) {
  count_signal(SIGUSR1);
  auto pipe = make_pipe();
  const pid_t pid = interrupt();
  char byte;
  EXPECT_ERRNO(EINTR, read(pipe.read, &byte, 1));
  EXPECT_EQ(seen.count, 1);
  EXPECT_EQ(reap(pid), 0);
}

TEST(Restart, PipeReadGoesOnWithTheFlag) {
  count_signal(SIGUSR1, SA_RESTART);
  auto pipe = make_pipe();
  const pid_t pid = interrupt_then([&] { EXPECT_EQ(write(pipe.write, "r", 1), 1); });
  char byte = 0;
  EXPECT_EQ(read(pipe.read, &byte, 1), 1);
  EXPECT_EQ(byte, 'r');
  EXPECT_EQ(seen.count, 1);
  EXPECT_EQ(reap(pid), 0);
}

TEST(Restart, PartialPipeWriteAnswersItsCount) {
  count_signal(SIGUSR1);
  auto pipe = make_pipe();
  const pid_t pid = interrupt();
  const std::string much(200000, 'w');
  const ssize_t written = write(pipe.write, much.data(), much.size());
  EXPECT_EQ(written, 65536);
  EXPECT_EQ(reap(pid), 0);
}

TEST(Restart, FifoOpenFailsWithoutTheFlagAndGoesOnWithIt) {
  ASSERT_OK(mkfifo("fifo", 0644));
  count_signal(SIGUSR1);
  pid_t pid = interrupt();
  EXPECT_ERRNO(EINTR, open("fifo", O_RDONLY));
  EXPECT_EQ(reap(pid), 0);
  count_signal(SIGUSR1, SA_RESTART);
  pid = interrupt_then([] { EXPECT_OK(open("fifo", O_WRONLY)); });
  Fd fd{open("fifo", O_RDONLY)};
  EXPECT_OK(int{fd});
  EXPECT_EQ(reap(pid), 0);
}

/// The writer comes just when the reader's open is interrupted, and is gone when it goes on: each has met the other, or neither.
TEST(Restart, FifoOpenMissesNoPartner) {
  ASSERT_OK(mkfifo("fifo", 0644));
  count_signal(SIGUSR1, SA_RESTART);
  const pthread_t reader = pthread_self();
  const pid_t reader_id = gettid();
  for (int round = 0; round < 300; ++round) {
    std::thread writer{[&] {
      await_state(reader_id, 'S');
      pthread_kill(reader, SIGUSR1);
      close(open("fifo", O_WRONLY));
    }};
    Fd fd{open("fifo", O_RDONLY)};
    EXPECT_OK(int{fd});
    writer.join();
  }
}

TEST(Restart, FlockFailsWithoutTheFlag) {
  put("file", "");
  Fd mine{open("file", O_RDONLY)};
  ASSERT_OK(flock(mine, LOCK_EX));
  count_signal(SIGUSR1);
  const pid_t pid = interrupt();
  Fd other{open("file", O_RDONLY)};
  EXPECT_ERRNO(EINTR, flock(other, LOCK_EX));
  EXPECT_EQ(reap(pid), 0);
}

TEST(Restart, PollAndSelectFailWhateverTheFlag) {
  auto pipe = make_pipe();
  for (int flags : {0, SA_RESTART}) {
    count_signal(SIGUSR1, flags);
    pid_t pid = interrupt();
    pollfd entry{pipe.read, POLLIN, 0};
    EXPECT_ERRNO(EINTR, poll(&entry, 1, -1));
    EXPECT_EQ(reap(pid), 0);
    pid = interrupt();
    fd_set set;
    FD_ZERO(&set);
    FD_SET(pipe.read, &set);
    EXPECT_ERRNO(EINTR, select(pipe.read + 1, &set, nullptr, nullptr, nullptr));
    EXPECT_EQ(reap(pid), 0);
  }
}

TEST(Restart, SleepFailsAndTellsTheRest) {
  for (int flags : {0, SA_RESTART}) {
    count_signal(SIGUSR1, flags);
    const pid_t pid = interrupt();
    const timespec long_time{1000, 0};
    timespec rest{};
    EXPECT_ERRNO(EINTR, syscall(SYS_nanosleep, &long_time, &rest));
    EXPECT_GT(rest.tv_sec, 900);
    EXPECT_LE(rest.tv_sec, 1000);
    EXPECT_EQ(reap(pid), 0);
  }
}

TEST(Restart, AbsoluteSleepLeavesTheRestAlone) {
  count_signal(SIGUSR1);
  const pid_t pid = interrupt();
  timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += 1000;
  timespec rest{77, 77};
  EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, &rest), EINTR);
  EXPECT_EQ(rest.tv_sec, 77);
  EXPECT_EQ(reap(pid), 0);
}

TEST(Restart, StopAndContinueDoNotShowInARead) {
  auto pipe = make_pipe();
  const pid_t pid = spawn([&] {
    char byte = 0;
    EXPECT_EQ(read(pipe.read, &byte, 1), 1);
    EXPECT_EQ(byte, 'c');
  });
  await_state(pid, 'S');
  ASSERT_OK(kill(pid, SIGSTOP));
  EXPECT_EQ(waitpid(pid, nullptr, WUNTRACED), pid);
  ASSERT_OK(kill(pid, SIGCONT));
  EXPECT_EQ(write(pipe.write, "c", 1), 1);
  EXPECT_EQ(reap(pid), 0);
}

TEST(Restart, IgnoredSignalDoesNotShowInASleepingPoll) {
  auto pipe = make_pipe();
  signal(SIGUSR2, SIG_IGN);
  const pid_t self = getpid();
  const pid_t pid = spawn([&] {
    await_state(self, 'S');
    kill(self, SIGUSR2);
    await_state(self, 'S');
    EXPECT_EQ(write(pipe.write, "p", 1), 1);
  });
  pollfd entry{pipe.read, POLLIN, 0};
  EXPECT_EQ(poll(&entry, 1, -1), 1);
  EXPECT_EQ(reap(pid), 0);
}

/// eventfd(2).
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <string>

#include "epoll.h"
#include "support/child.h"
#include "support/signals.h"

using namespace systest;

TEST(Eventfd, ReadTakesTheWholeCount) {
  Fd fd{eventfd(3, 0)};
  ASSERT_GE(fd, 0);
  bump(fd, 4);
  EXPECT_EQ(drain(fd), 7u);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  std::uint64_t count;
  EXPECT_ERRNO(EAGAIN, read(fd, &count, 8));
}

TEST(Eventfd, SemaphoreReadsOneAtATime) {
  Fd fd{eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK)};
  EXPECT_EQ(drain(fd), 1u);
  EXPECT_EQ(drain(fd), 1u);
  std::uint64_t count;
  EXPECT_ERRNO(EAGAIN, read(fd, &count, 8));
}

TEST(Eventfd, RefusesBadSizesAndValues) {
  Fd fd{eventfd(1, EFD_NONBLOCK)};
  std::uint64_t value[2] = {~std::uint64_t{0}, 0};
  EXPECT_ERRNO(EINVAL, write(fd, value, 8));
  EXPECT_ERRNO(EINVAL, write(fd, value, 7));
  EXPECT_ERRNO(EINVAL, read(fd, value, 7));
  EXPECT_EQ(read(fd, value, 16), 8);
  EXPECT_EQ(write(fd, &value[1], 8), 8) << "adding 0 is allowed";
  EXPECT_ERRNO(EINVAL, eventfd(0, 4));
}

TEST(Eventfd, AWriteThatWouldOverflowWaits) {
  Fd fd{eventfd(0, EFD_NONBLOCK)};
  bump(fd, ~std::uint64_t{0} - 1);
  const std::uint64_t one = 1;
  EXPECT_ERRNO(EAGAIN, write(fd, &one, 8));
  pollfd entry{fd, POLLIN | POLLOUT, 0};
  EXPECT_EQ(poll(&entry, 1, 0), 1);
  EXPECT_EQ(entry.revents, POLLIN);
  EXPECT_EQ(drain(fd), ~std::uint64_t{0} - 1);
  EXPECT_EQ(poll(&entry, 1, 0), 1);
  EXPECT_EQ(entry.revents, POLLOUT);
}

TEST(Eventfd, ABlockedWriterGoesOnAfterARead) {
  Fd fd{eventfd(0, 0)};
  bump(fd, ~std::uint64_t{0} - 1);
  const pid_t pid = spawn([&] { bump(fd, 5); });
  await_state(pid, 'S');
  EXPECT_EQ(drain(fd), ~std::uint64_t{0} - 1);
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(drain(fd), 5u);
}

TEST(Eventfd, ABlockedReaderIsWoken) {
  Fd fd{eventfd(0, 0)};
  const pid_t pid = spawn([&] { EXPECT_EQ(drain(fd), 9u); });
  await_state(pid, 'S');
  bump(fd, 9);
  EXPECT_EQ(reap(pid), 0);
}

TEST(Eventfd, ASemaphoreLetsAsManyThroughAsItCounts) {
  Fd fd{eventfd(0, EFD_SEMAPHORE)};
  pid_t readers[3];
  for (pid_t& pid : readers) {
    pid = spawn([&] { EXPECT_EQ(drain(fd), 1u); });
    await_state(pid, 'S');
  }
  bump(fd, 3);
  for (const pid_t pid : readers) EXPECT_EQ(reap(pid), 0);
}

TEST(Eventfd, ASignalInterruptsARead) {
  Fd fd{eventfd(0, 0)};
  const pid_t parent = getpid();
  count_signal(SIGUSR1);
  const pid_t pid = spawn([&] {
    await_state(parent, 'S');
    kill(parent, SIGUSR1);
  });
  std::uint64_t count;
  EXPECT_ERRNO(EINTR, read(fd, &count, 8));
  EXPECT_EQ(reap(pid), 0);
}

TEST(Eventfd, FlagsAreTheFilesFlags) {
  Fd fd{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  EXPECT_EQ(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
  EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  Fd old{static_cast<int>(syscall(SYS_eventfd, 6))};
  EXPECT_EQ(drain(old), 6u);
}

TEST(Eventfd, LooksLikeAnAnonymousInode) {
  Fd fd{eventfd(0, 0)};
  char link[64] = {};
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  EXPECT_GT(readlink(path.c_str(), link, sizeof link - 1), 0);
  EXPECT_STREQ(link, "anon_inode:[eventfd]");
  struct stat st;
  ASSERT_OK(fstat(fd, &st));
  EXPECT_EQ(st.st_mode, 0600u);
  EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
  std::uint64_t count;
  EXPECT_ERRNO(ESPIPE, pread(fd, &count, 8, 0));
  EXPECT_ERRNO(ENXIO, open(path.c_str(), O_RDONLY));
  EXPECT_NE(slurp(("/proc/self/fdinfo/" + std::to_string(fd)).c_str()).find("eventfd-count:                0"),
            std::string::npos);
}

TEST(Eventfd, SurvivesForkAndIsShared) {
  Fd fd{eventfd(0, 0)};
  EXPECT_EQ(in_child([&] { bump(fd, 2); }), 0);
  EXPECT_EQ(drain(fd), 2u);
}

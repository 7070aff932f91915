/// dup(2), dup2(2), dup3(2), fcntl(2), flock(2), ioctl FIONREAD and FIONBIO.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

TEST(Dup, SharesOffsetAndStatusFlags) {
  put("file", "abcdef");
  Fd fd{open("file", O_RDONLY)};
  Fd copy{dup(fd)};
  EXPECT_EQ(lseek(fd, 4, SEEK_SET), 4);
  EXPECT_EQ(lseek(copy, 0, SEEK_CUR), 4);
  EXPECT_OK(fcntl(copy, F_SETFL, O_NONBLOCK));
  EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
  Fd other{open("file", O_RDONLY)};
  EXPECT_EQ(lseek(other, 0, SEEK_CUR), 0);
}

TEST(Dup, OfABadDescriptorIsEbadf) {
  EXPECT_ERRNO(EBADF, dup(999));
  EXPECT_ERRNO(EBADF, dup2(999, 5));
  EXPECT_ERRNO(EBADF, dup2(0, -1));
  EXPECT_ERRNO(EBADF, dup2(0, 1 << 30));
}

TEST(Dup2, ReplacesTheTargetAndClearsCloexec) {
  auto pipe = make_pipe(O_CLOEXEC);
  EXPECT_EQ(dup2(pipe.write, 100), 100);
  EXPECT_EQ(fcntl(100, F_GETFD), 0);
  EXPECT_EQ(dup2(pipe.write, pipe.write), int{pipe.write});
  EXPECT_EQ(fcntl(pipe.write, F_GETFD), FD_CLOEXEC) << "onto itself changes nothing";
  pipe.write.reset();
  EXPECT_EQ(dup2(0, 100), 100);
  char byte;
  EXPECT_EQ(read(pipe.read, &byte, 1), 0) << "the replaced descriptor was the last writer";
  close(100);
}

TEST(Dup3, SetsCloexecAndRefusesTheSameNumber) {
  EXPECT_EQ(dup3(0, 100, O_CLOEXEC), 100);
  EXPECT_EQ(fcntl(100, F_GETFD), FD_CLOEXEC);
  EXPECT_ERRNO(EINVAL, dup3(100, 100, 0));
  EXPECT_ERRNO(EINVAL, dup3(0, 100, O_APPEND));
  close(100);
}

TEST(Fcntl, DupfdAnswersAtLeastTheMinimum) {
  Fd low{fcntl(0, F_DUPFD, 50)};
  EXPECT_EQ(low, 50);
  Fd next{fcntl(0, F_DUPFD_CLOEXEC, 50)};
  Fd beyond_the_first_table{fcntl(0, F_DUPFD, 300)};
  EXPECT_EQ(beyond_the_first_table, 300);
  EXPECT_EQ(next, 51);
  EXPECT_EQ(fcntl(next, F_GETFD), FD_CLOEXEC);
  EXPECT_ERRNO(EINVAL, fcntl(0, F_DUPFD, -1));
  EXPECT_ERRNO(EINVAL, fcntl(0, F_DUPFD, 1 << 30));
  EXPECT_ERRNO(EBADF, fcntl(999, F_DUPFD, 0));
}

TEST(Fcntl, DescriptorFlagsAreSetAndCleared) {
  Fd fd{open("/dev/null", O_RDONLY)};
  EXPECT_EQ(fcntl(fd, F_GETFD), 0);
  EXPECT_OK(fcntl(fd, F_SETFD, FD_CLOEXEC));
  EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  EXPECT_OK(fcntl(fd, F_SETFD, 0));
  EXPECT_EQ(fcntl(fd, F_GETFD), 0);
}

TEST(Fcntl, StatusFlagsKeepAccessModeAndCreation) {
  put("file", "abc");
  Fd fd{open("file", O_WRONLY | O_CREAT | O_APPEND, 0644)};
  EXPECT_EQ(fcntl(fd, F_GETFL) & ~O_LARGEFILE & ~0100000, O_WRONLY | O_APPEND) << "O_CREAT does not stay";
  EXPECT_OK(fcntl(fd, F_SETFL, O_NONBLOCK | O_RDWR));
  EXPECT_EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_WRONLY);
  EXPECT_EQ(fcntl(fd, F_GETFL) & (O_APPEND | O_NONBLOCK), O_NONBLOCK);
  EXPECT_OK(fcntl(fd, F_SETFL, 0));
  EXPECT_EQ(pwrite(fd, "X", 1, 0), 1);
  EXPECT_EQ(slurp("file"), "Xbc");
}

TEST(Fcntl, UnknownCommandIsEinval) {
  EXPECT_ERRNO(EINVAL, fcntl(0, 9999));
  EXPECT_ERRNO(EBADF, fcntl(999, F_GETFL));
}

TEST(Ioctl, FionreadCountsWhatWaits) {
  auto pipe = make_pipe();
  int waiting = -1;
  EXPECT_OK(ioctl(pipe.read, FIONREAD, &waiting));
  EXPECT_EQ(waiting, 0);
  ASSERT_EQ(write(pipe.write, "hello", 5), 5);
  EXPECT_OK(ioctl(pipe.read, FIONREAD, &waiting));
  EXPECT_EQ(waiting, 5);
  put("file", "abc");
  Fd fd{open("file", O_RDONLY)};
  lseek(fd, 1, SEEK_SET);
  EXPECT_OK(ioctl(fd, FIONREAD, &waiting));
  EXPECT_EQ(waiting, 2);
}

TEST(Ioctl, FionbioAndFioclexSetFlags) {
  auto pipe = make_pipe();
  int on = 1, off = 0;
  EXPECT_OK(ioctl(pipe.read, FIONBIO, &on));
  EXPECT_TRUE(fcntl(pipe.read, F_GETFL) & O_NONBLOCK);
  EXPECT_OK(ioctl(pipe.read, FIONBIO, &off));
  EXPECT_FALSE(fcntl(pipe.read, F_GETFL) & O_NONBLOCK);
  EXPECT_OK(ioctl(pipe.read, FIOCLEX));
  EXPECT_EQ(fcntl(pipe.read, F_GETFD), FD_CLOEXEC);
  EXPECT_OK(ioctl(pipe.read, FIONCLEX));
  EXPECT_EQ(fcntl(pipe.read, F_GETFD), 0);
}

TEST(Ioctl, UnknownRequestIsEnotty) {
  put("file", "");
  Fd fd{open("file", O_RDONLY)};
  auto pipe = make_pipe();
  int value = 0;
  EXPECT_ERRNO(ENOTTY, ioctl(fd, 0x12345678, &value));
  EXPECT_ERRNO(ENOTTY, ioctl(pipe.read, TCGETS, &value));
  EXPECT_ERRNO(EBADF, ioctl(999, TCGETS, &value));
}

TEST(Flock, ExclusiveExcludesOtherDescriptions) {
  put("file", "");
  Fd mine{open("file", O_RDONLY)}, other{open("file", O_RDONLY)};
  EXPECT_OK(flock(mine, LOCK_EX));
  EXPECT_ERRNO(EWOULDBLOCK, flock(other, LOCK_SH | LOCK_NB));
  Fd copy{dup(mine)};
  EXPECT_OK(flock(copy, LOCK_EX | LOCK_NB)) << "the lock belongs to the description";
  EXPECT_OK(flock(mine, LOCK_UN));
  EXPECT_OK(flock(other, LOCK_EX | LOCK_NB));
}

TEST(Flock, SharedLocksCoexistAndUpgradeConflicts) {
  put("file", "");
  Fd mine{open("file", O_RDONLY)}, other{open("file", O_RDONLY)};
  EXPECT_OK(flock(mine, LOCK_SH));
  EXPECT_OK(flock(other, LOCK_SH | LOCK_NB));
  EXPECT_ERRNO(EWOULDBLOCK, flock(other, LOCK_EX | LOCK_NB));
  mine.reset();
  EXPECT_OK(flock(other, LOCK_EX | LOCK_NB)) << "closing released it";
}

TEST(Flock, WaitsUntilReleased) {
  put("file", "");
  Fd mine{open("file", O_RDONLY)};
  ASSERT_OK(flock(mine, LOCK_EX));
  const pid_t pid = spawn([] {
    Fd other{open("file", O_RDONLY)};
    EXPECT_OK(flock(other, LOCK_EX));
  });
  await_state(pid, 'S');
  EXPECT_OK(flock(mine, LOCK_UN));
  EXPECT_EQ(reap(pid), 0);
}

TEST(Flock, RefusesBadArguments) {
  put("file", "");
  Fd fd{open("file", O_RDONLY)};
  EXPECT_ERRNO(EINVAL, flock(fd, 77));
  EXPECT_ERRNO(EBADF, flock(999, LOCK_EX));
}

TEST(RecordLock, ExcludesOtherProcessesAndIsTold) {
  put("file", "0123456789");
  Fd fd{open("file", O_RDWR)};
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_start = 2;
  lock.l_len = 3;
  ASSERT_OK(fcntl(fd, F_SETLK, &lock));
  const pid_t holder = getpid();
  EXPECT_EQ(in_child([&] {
              struct flock wanted{};
              wanted.l_type = F_WRLCK;
              wanted.l_start = 4;
              wanted.l_len = 1;
              EXPECT_ERRNO(EAGAIN, fcntl(fd, F_SETLK, &wanted));
              EXPECT_OK(fcntl(fd, F_GETLK, &wanted));
              EXPECT_EQ(wanted.l_type, F_WRLCK);
              EXPECT_EQ(wanted.l_pid, holder);
              EXPECT_EQ(wanted.l_start, 2);
              EXPECT_EQ(wanted.l_len, 3);
              wanted.l_type = F_WRLCK;
              wanted.l_start = 5;
              wanted.l_len = 1;
              EXPECT_OK(fcntl(fd, F_SETLK, &wanted));
            }),
            0);
}

TEST(RecordLock, GoesWithAnyCloseOfTheFile) {
  put("file", "0123456789");
  Fd fd{open("file", O_RDWR)};
  struct flock lock{};
  lock.l_type = F_WRLCK;
  ASSERT_OK(fcntl(fd, F_SETLK, &lock));
  Fd{open("file", O_RDONLY)}.reset();
  EXPECT_EQ(in_child([&] {
              struct flock wanted{};
              wanted.l_type = F_WRLCK;
              EXPECT_OK(fcntl(fd, F_SETLK, &wanted));
            }),
            0);
}

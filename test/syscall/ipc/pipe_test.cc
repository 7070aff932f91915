/// pipe(2), pipe2(2), pipe(7).
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/signals.h"

using namespace systest;

TEST(Pipe, CarriesBytesInOrder) {
  auto pipe = make_pipe();
  EXPECT_EQ(write(pipe.write, "abc", 3), 3);
  EXPECT_EQ(write(pipe.write, "def", 3), 3);
  char buffer[10];
  EXPECT_EQ(read(pipe.read, buffer, 4), 4);
  EXPECT_EQ(std::string_view(buffer, 4), "abcd");
  EXPECT_EQ(read(pipe.read, buffer, 10), 2);
}

TEST(Pipe, EndsAreReadOnlyAndWriteOnly) {
  auto pipe = make_pipe();
  char byte = 0;
  EXPECT_ERRNO(EBADF, write(pipe.read, &byte, 1));
  EXPECT_ERRNO(EBADF, read(pipe.write, &byte, 1));
  EXPECT_EQ(fcntl(pipe.read, F_GETFL) & O_ACCMODE, O_RDONLY);
  EXPECT_EQ(fcntl(pipe.write, F_GETFL) & O_ACCMODE, O_WRONLY);
}

TEST(Pipe, EndOfFileWhenTheLastWriterIsGone) {
  auto pipe = make_pipe();
  Fd second{dup(pipe.write)};
  EXPECT_EQ(write(pipe.write, "x", 1), 1);
  pipe.write.reset();
  char byte;
  EXPECT_EQ(read(pipe.read, &byte, 1), 1);
  second.reset();
  EXPECT_EQ(read(pipe.read, &byte, 1), 0);
}

TEST(Pipe, WriteWithoutReadersIsEpipeAndSigpipe) {
  auto pipe = make_pipe();
  pipe.read.reset();
  count_signal(SIGPIPE);
  EXPECT_ERRNO(EPIPE, write(pipe.write, "x", 1));
  EXPECT_EQ(seen.count, 1);
  EXPECT_EQ(write(pipe.write, "x", 0), 0);
  EXPECT_EQ(in_child([&] {
              signal(SIGPIPE, SIG_DFL);
              if (write(pipe.write, "x", 1) == -1) _exit(1);
            }),
            128 + SIGPIPE);
}

TEST(Pipe, NonblockingEndsAnswerEagain) {
  auto pipe = make_pipe(O_NONBLOCK);
  char byte;
  EXPECT_ERRNO(EAGAIN, read(pipe.read, &byte, 1));
  const std::string chunk(PIPE_BUF, 'c');
  ssize_t total = 0;
  for (ssize_t n; (n = write(pipe.write, chunk.data(), chunk.size())) > 0;) total += n;
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(total, 65536);
}

TEST(Pipe, NonblockingBigWriteIsPartial) {
  auto pipe = make_pipe(O_NONBLOCK);
  const std::string big(100000, 'b');
  EXPECT_EQ(write(pipe.write, big.data(), big.size()), 65536);
}

TEST(Pipe, SmallNonblockingWriteIsWholeOrNothing) {
  auto pipe = make_pipe(O_NONBLOCK);
  const std::string almost(65536 - 100, 'a'), small(200, 's');
  ASSERT_EQ(write(pipe.write, almost.data(), almost.size()), (ssize_t)almost.size());
  EXPECT_ERRNO(EAGAIN, write(pipe.write, std::string(PIPE_BUF, 'x').data(), PIPE_BUF));
}

TEST(Pipe, WritesOfPipeBufAreAtomic) {
  auto pipe = make_pipe();
  constexpr int kWriters = 4, kEach = 40;
  for (int w = 0; w < kWriters; w++)
    spawn([&] {
      const std::string message(PIPE_BUF, (char)('a' + w));
      for (int i = 0; i < kEach; i++) EXPECT_EQ(write(pipe.write, message.data(), PIPE_BUF), PIPE_BUF);
    });
  pipe.write.reset();
  std::string all;
  for (auto part = read_some(pipe.read); !part.empty(); part = read_some(pipe.read)) all += part;
  ASSERT_EQ(all.size(), (std::size_t)kWriters * kEach * PIPE_BUF);
  for (std::size_t i = 0; i < all.size(); i += PIPE_BUF)
    EXPECT_EQ(std::count(all.begin() + i, all.begin() + i + PIPE_BUF, all[i]), PIPE_BUF);
}

TEST(Pipe, BlockedWriterGoesOnWhenThereIsRoom) {
  auto pipe = make_pipe();
  const pid_t pid = spawn([&] {
    const std::string big(300000, 'b');
    EXPECT_EQ(write(pipe.write, big.data(), big.size()), 300000);
  });
  pipe.write.reset();
  std::size_t total = 0;
  for (auto part = read_some(pipe.read); !part.empty(); part = read_some(pipe.read)) total += part.size();
  EXPECT_EQ(total, 300000u);
  EXPECT_EQ(reap(pid), 0);
}

TEST(Pipe, BlockedWriterGetsSigpipeWhenTheReaderGoes) {
  auto pipe = make_pipe();
  const pid_t pid = spawn([&] {
    pipe.read.reset();
    const std::string big(300000, 'b');
    if (write(pipe.write, big.data(), big.size()) == -1) _exit(1);
  });
  await_state(pid, 'S');
  pipe.read.reset();
  EXPECT_EQ(reap(pid), 128 + SIGPIPE);
}

TEST(Pipe, CapacityIsToldAndSet) {
  auto pipe = make_pipe();
  EXPECT_EQ(fcntl(pipe.read, F_GETPIPE_SZ), 65536);
  EXPECT_EQ(fcntl(pipe.write, F_SETPIPE_SZ, 4096), 4096);
  EXPECT_EQ(fcntl(pipe.read, F_GETPIPE_SZ), 4096);
  EXPECT_EQ(fcntl(pipe.write, F_SETPIPE_SZ, 5000), 8192) << "rounded up to pages, to a power of two";
  put("file", "");
  Fd fd{open("file", O_RDONLY)};
  EXPECT_ERRNO(EBADF, fcntl(fd, F_GETPIPE_SZ));
}

TEST(Pipe, ASmallPipeGrowsWithItsBytesInOrder) {
  constexpr int kPages = 3, kPage = 4096;
  auto pipe = make_pipe(O_NONBLOCK);
  EXPECT_EQ(fcntl(pipe.write, F_SETPIPE_SZ, 4 * kPage), 4 * kPage);
  std::string text(kPages * kPage, '\0'), got(kPages * kPage, '\0');
  for (std::size_t i = 0; i < text.size(); i++) text[i] = (char)(i % 251);
  for (int round = 0; round < 2; round++) {  // the second time they lie around the ring's end
    EXPECT_EQ(write(pipe.write, text.data(), text.size()), (ssize_t)text.size());
    if (round == 1) EXPECT_EQ(fcntl(pipe.write, F_SETPIPE_SZ, 8 * kPage), 8 * kPage);
    EXPECT_EQ(read(pipe.read, got.data(), got.size()), (ssize_t)got.size());
    EXPECT_TRUE(got == text);
  }
}

TEST(Pipe2, SetsFlagsAndRefusesUnknownOnes) {
  auto pipe = make_pipe(O_CLOEXEC | O_NONBLOCK);
  EXPECT_EQ(fcntl(pipe.read, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(fcntl(pipe.write, F_GETFD), FD_CLOEXEC);
  EXPECT_TRUE(fcntl(pipe.read, F_GETFL) & O_NONBLOCK);
  int fds[2];
  EXPECT_ERRNO(EINVAL, pipe2(fds, O_CREAT));
  EXPECT_ERRNO(EINVAL, pipe2(fds, O_APPEND));
  EXPECT_ERRNO(EFAULT, pipe2(reinterpret_cast<int*>(16), 0));
}

TEST(Pipe, BadPointerLeavesNoDescriptorsOpen) {
  const int next = dup(0);
  close(next);
  EXPECT_ERRNO(EFAULT, pipe(reinterpret_cast<int*>(16)));
  Fd fd{dup(0)};
  EXPECT_EQ(fd, next);
}

TEST(Pipe, CanBeReopenedThroughProc) {
  auto pipe = make_pipe();
  const std::string path = "/proc/self/fd/" + std::to_string(int{pipe.read});
  Fd writer{open(path.c_str(), O_WRONLY)};
  ASSERT_OK(int{writer});
  EXPECT_EQ(write(writer, "again", 5), 5);
  EXPECT_EQ(read_some(pipe.read), "again");
}

TEST(Fifo, JoinsOpenersByName) {
  ASSERT_OK(mkfifo("fifo", 0644));
  const pid_t pid = spawn([] {
    Fd writer{open("fifo", O_WRONLY)};
    EXPECT_EQ(write(writer, "through", 7), 7);
  });
  Fd reader{open("fifo", O_RDONLY)};
  EXPECT_EQ(read_some(reader), "through");
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(read_some(reader), "");
}

TEST(Fifo, NonblockingOpens) {
  ASSERT_OK(mkfifo("fifo", 0644));
  EXPECT_ERRNO(ENXIO, open("fifo", O_WRONLY | O_NONBLOCK)) << "no reader yet";
  Fd reader{open("fifo", O_RDONLY | O_NONBLOCK)};
  ASSERT_OK(int{reader});
  char byte;
  EXPECT_EQ(read(reader, &byte, 1), 0) << "no writer yet: end of file, not EAGAIN";
  Fd writer{open("fifo", O_WRONLY | O_NONBLOCK)};
  ASSERT_OK(int{writer});
  EXPECT_ERRNO(EAGAIN, read(reader, &byte, 1));
}

TEST(Fifo, ReadWriteOpenNeverWaits) {
  ASSERT_OK(mkfifo("fifo", 0644));
  Fd both{open("fifo", O_RDWR)};
  ASSERT_OK(int{both});
  EXPECT_EQ(write(both, "x", 1), 1);
  EXPECT_EQ(read_some(both), "x");
}

TEST(Fifo, IsNoFileToSeekOrTruncate) {
  ASSERT_OK(mkfifo("fifo", 0644));
  Fd both{open("fifo", O_RDWR)};
  EXPECT_ERRNO(ESPIPE, lseek(both, 0, SEEK_SET));
  EXPECT_ERRNO(EINVAL, ftruncate(both, 0));
  struct stat st;
  EXPECT_OK(fstat(both, &st));
  EXPECT_TRUE(S_ISFIFO(st.st_mode));
  EXPECT_EQ(st.st_size, 0);
}

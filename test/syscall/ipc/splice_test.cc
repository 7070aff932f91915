#include <fcntl.h>
#include <signal.h>
#include <sys/uio.h>
#include <unistd.h>

#include <string>

#include "support/check.h"
#include "support/child.h"

using namespace systest;

namespace {

struct Splice : testing::Test {
  void SetUp() override {
    signal(SIGPIPE, SIG_IGN);
    ASSERT_OK(pipe(a));
    ASSERT_OK(pipe(b));
    file = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
    ASSERT_GE(file, 0);
  }
  void put(int fd, const std::string& s) { ASSERT_EQ(write(fd, s.data(), s.size()), (ssize_t)s.size()); }
  std::string get(int fd, size_t n) {
    std::string s(n, '\0');
    const ssize_t got = read(fd, s.data(), n);
    s.resize(got < 0 ? 0 : got);
    return s;
  }
  int a[2], b[2], file = -1;
};

void ignore_signal(int) {}

}  // namespace

TEST_F(Splice, MovesBetweenPipes) {
  put(a[1], "hello world");
  EXPECT_EQ(splice(a[0], nullptr, b[1], nullptr, 5, 0), 5);
  EXPECT_EQ(get(b[0], 100), "hello");
  EXPECT_EQ(get(a[0], 100), " world");
}

TEST_F(Splice, APageSplitBetweenPipesIsNotWrittenTwice) {
  put(a[1], "abcdef");
  EXPECT_EQ(splice(a[0], nullptr, b[1], nullptr, 3, 0), 3);
  put(b[1], "XYZ");
  put(a[1], "uvw");
  EXPECT_EQ(get(a[0], 100), "defuvw");
  EXPECT_EQ(get(b[0], 100), "abcXYZ");
}

TEST_F(Splice, TeeLeavesTheBytes) {
  put(a[1], "hello");
  EXPECT_EQ(tee(a[0], b[1], 100, 0), 5);
  put(a[1], "-a");
  put(b[1], "-b");
  EXPECT_EQ(get(a[0], 100), "hello-a");
  EXPECT_EQ(get(b[0], 100), "hello-b");
}

TEST_F(Splice, FileToPipeMovesThePosition) {
  put(file, "0123456789");
  lseek(file, 2, SEEK_SET);
  EXPECT_EQ(splice(file, nullptr, a[1], nullptr, 3, 0), 3);
  EXPECT_EQ(lseek(file, 0, SEEK_CUR), 5);
  off_t at = 7;
  EXPECT_EQ(splice(file, &at, a[1], nullptr, 100, 0), 3);
  EXPECT_EQ(at, 10);
  EXPECT_EQ(lseek(file, 0, SEEK_CUR), 5);
  EXPECT_EQ(get(a[0], 100), "234789");
  EXPECT_EQ(splice(file, &at, a[1], nullptr, 100, 0), 0);
}

TEST_F(Splice, PipeToFileAtAnOffset) {
  put(a[1], "hello");
  off_t at = 3;
  EXPECT_EQ(splice(a[0], nullptr, file, &at, 100, 0), 5);
  EXPECT_EQ(at, 8);
  EXPECT_EQ(lseek(file, 0, SEEK_CUR), 0);
  EXPECT_EQ(get(file, 100), (std::string{"\0\0\0hello", 8}));
}

TEST_F(Splice, FillsThePipeAndNoMore) {
  ASSERT_OK(ftruncate(file, 1 << 20));
  EXPECT_EQ(splice(file, nullptr, a[1], nullptr, 1 << 20, 0), 65536);
  EXPECT_ERRNO(EAGAIN, splice(file, nullptr, a[1], nullptr, 1, SPLICE_F_NONBLOCK));
  EXPECT_EQ(splice(a[0], nullptr, b[1], nullptr, 1 << 20, SPLICE_F_MOVE | SPLICE_F_MORE), 65536);
  EXPECT_ERRNO(EAGAIN, splice(a[0], nullptr, b[1], nullptr, 1, SPLICE_F_NONBLOCK));
}

TEST_F(Splice, RefusesBadArguments) {
  off_t at = 0;
  EXPECT_ERRNO(EINVAL, splice(a[0], nullptr, a[1], nullptr, 1, 0));
  EXPECT_ERRNO(EINVAL, splice(file, nullptr, file, nullptr, 1, 0));
  EXPECT_ERRNO(EINVAL, splice(a[0], nullptr, b[1], nullptr, 1, 16));
  EXPECT_ERRNO(ESPIPE, splice(a[0], &at, b[1], nullptr, 1, 0));
  EXPECT_ERRNO(ESPIPE, splice(a[0], nullptr, b[1], &at, 1, 0));
  EXPECT_ERRNO(EBADF, splice(-1, nullptr, b[1], nullptr, 1, 0));
  EXPECT_ERRNO(EBADF, splice(a[0], nullptr, -1, nullptr, 1, 0));
  EXPECT_ERRNO(EBADF, splice(a[1], nullptr, b[1], nullptr, 1, 0));
  EXPECT_ERRNO(EBADF, splice(a[0], nullptr, b[0], nullptr, 1, 0));
  EXPECT_ERRNO(EFAULT, splice(file, (off_t*)8, a[1], nullptr, 1, 0));
  at = -1;
  EXPECT_ERRNO(EINVAL, splice(file, &at, a[1], nullptr, 1, 0));
  EXPECT_EQ(splice(-1, nullptr, -1, nullptr, 0, 99), 0);
}

TEST_F(Splice, AppendingFilesAndDirectoriesAreRefused) {
  put(a[1], "x");
  const int appending = open("file", O_WRONLY | O_APPEND);
  EXPECT_ERRNO(EINVAL, splice(a[0], nullptr, appending, nullptr, 1, 0));
  const int directory = open(".", O_RDONLY);
  EXPECT_ERRNO(EINVAL, splice(directory, nullptr, b[1], nullptr, 1, 0));
}

TEST_F(Splice, EndOfFileAndBrokenPipe) {
  close(a[1]);
  EXPECT_EQ(splice(a[0], nullptr, b[1], nullptr, 1, 0), 0);
  EXPECT_EQ(tee(a[0], b[1], 1, 0), 0);
  put(file, "x");
  off_t at = 0;
  close(b[0]);
  EXPECT_ERRNO(EPIPE, splice(file, &at, b[1], nullptr, 1, 0));
}

TEST_F(Splice, WaitsForData) {
  Gate ready;
  const pid_t child = spawn([&] {
    ready.open();
    EXPECT_EQ(splice(a[0], nullptr, file, nullptr, 5, 0), 5);
  });
  ready.wait();
  await_state(child, 'S');
  put(a[1], "hello");
  EXPECT_EQ(reap(child), 0);
  EXPECT_EQ(lseek(file, 0, SEEK_CUR), 5);
}

TEST_F(Splice, AHandlerEndsWaiting) {
  Gate ready;
  const pid_t child = spawn([&] {
    struct sigaction s{};
    s.sa_handler = ignore_signal;
    sigaction(SIGUSR1, &s, nullptr);
    ready.open();
    EXPECT_ERRNO(EINTR, splice(a[0], nullptr, b[1], nullptr, 5, 0));
  });
  ready.wait();
  await_state(child, 'S');
  kill(child, SIGUSR1);
  EXPECT_EQ(reap(child), 0);
}

TEST_F(Splice, TeeRefusesWhatIsNoPipe) {
  EXPECT_ERRNO(EINVAL, tee(file, a[1], 1, 0));
  EXPECT_ERRNO(EINVAL, tee(a[0], file, 1, 0));
  EXPECT_ERRNO(EINVAL, tee(a[0], a[1], 1, 0));
  EXPECT_ERRNO(EINVAL, tee(a[0], b[1], 1, 64));
  EXPECT_EQ(tee(a[0], b[1], 0, 0), 0);
  EXPECT_ERRNO(EAGAIN, tee(a[0], b[1], 1, SPLICE_F_NONBLOCK));
}

TEST_F(Splice, VmspliceGathersAndScatters) {
  char one[] = "hello ", two[] = "world", x[4], y[100];
  iovec in[] = {{one, 6}, {two, 5}}, out[] = {{x, 4}, {y, 100}};
  EXPECT_EQ(vmsplice(a[1], in, 2, 0), 11);
  EXPECT_EQ(vmsplice(a[0], out, 2, 0), 11);
  EXPECT_EQ((std::string{x, 4}), "hell");
  EXPECT_EQ((std::string{y, 7}), "o world");
}

TEST_F(Splice, VmspliceRefusesBadArguments) {
  char c = 'x';
  iovec v{&c, 1}, bad{(void*)8, 1};
  EXPECT_ERRNO(EBADF, vmsplice(file, &v, 1, 0));
  EXPECT_ERRNO(EBADF, vmsplice(-1, &v, 1, 0));
  EXPECT_ERRNO(EINVAL, vmsplice(a[1], &v, 1, 16));
  EXPECT_ERRNO(EINVAL, vmsplice(a[1], &v, 1025, 0));
  EXPECT_ERRNO(EFAULT, vmsplice(a[1], &bad, 1, 0));
  EXPECT_EQ(vmsplice(a[1], &v, 0, 0), 0);
  EXPECT_ERRNO(EAGAIN, vmsplice(a[0], &v, 1, SPLICE_F_NONBLOCK));
}

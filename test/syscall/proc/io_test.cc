/// /proc/PID/io: what a process has read and written. Source: proc_pid_io(5).
#include <fcntl.h>
#include <pthread.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <sstream>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

namespace {

struct Counts {
  long rchar = -1, wchar = -1, syscr = -1, syscw = -1;
  bool operator==(const Counts&) const = default;
};

void PrintTo(const Counts& c, std::ostream* os) {
  *os << "rchar " << c.rchar << " wchar " << c.wchar << " syscr " << c.syscr << " syscw " << c.syscw;
}

Counts parse(const std::string& text) {
  Counts counts;
  std::istringstream lines{text};
  std::string name;
  for (long value; lines >> name >> value;) {
    if (name == "rchar:") counts.rchar = value;
    if (name == "wchar:") counts.wchar = value;
    if (name == "syscr:") counts.syscr = value;
    if (name == "syscw:") counts.syscw = value;
  }
  return counts;
}

/// What `work` adds to a file of counts, which is read by one call each time.
template <class Work>
Counts cost_of(Work work, const char* path = "/proc/self/io") {
  const Fd first{open(path, O_RDONLY)}, second{open(path, O_RDONLY)};
  const std::string before = read_some(first);
  work();
  const Counts a = parse(before), b = parse(read_some(second));
  return {b.rchar - a.rchar - (long)before.size(), b.wchar - a.wchar, b.syscr - a.syscr - 1, b.syscw - a.syscw};
}

char buffer[4096];

}  // namespace

TEST(ProcIo, HasSevenLines) {
  std::istringstream lines{slurp("/proc/self/io")};
  for (const char* name :
       {"rchar: ", "wchar: ", "syscr: ", "syscw: ", "read_bytes: ", "write_bytes: ", "cancelled_write_bytes: "}) {
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_TRUE(line.starts_with(name)) << line;
    EXPECT_GE(std::stol(line.substr(strlen(name))), 0);
  }
  std::string more;
  EXPECT_FALSE(std::getline(lines, more)) << more;
}

TEST(ProcIo, CountsBytesAndCalls) {
  const Fd fd{open("f", O_RDWR | O_CREAT, 0600)};
  const iovec two[] = {{buffer, 10}, {buffer + 10, 20}};
  EXPECT_EQ(cost_of([&] { EXPECT_EQ(write(fd, buffer, 100), 100); }), (Counts{0, 100, 0, 1}));
  EXPECT_EQ(cost_of([&] { EXPECT_EQ(pwrite(fd, buffer, 7, 0), 7); }), (Counts{0, 7, 0, 1}));
  EXPECT_EQ(cost_of([&] { EXPECT_EQ(writev(fd, two, 2), 30); }), (Counts{0, 30, 0, 1}));
  EXPECT_EQ(cost_of([&] { EXPECT_EQ(pwritev(fd, two, 2, 0), 30); }), (Counts{0, 30, 0, 1}));
  EXPECT_EQ(cost_of([&] { EXPECT_EQ(pread(fd, buffer, 8, 0), 8); }), (Counts{8, 0, 1, 0}));
  EXPECT_EQ(cost_of([&] { EXPECT_EQ(preadv(fd, two, 2, 0), 30); }), (Counts{30, 0, 1, 0}));
  ASSERT_OK(lseek(fd, 0, SEEK_SET));
  EXPECT_EQ(cost_of([&] { EXPECT_EQ(read(fd, buffer, 50), 50); }), (Counts{50, 0, 1, 0}));
  EXPECT_EQ(cost_of([&] { EXPECT_EQ(readv(fd, two, 2), 30); }), (Counts{30, 0, 1, 0}));
}

TEST(ProcIo, CountsCallsThatMoveNothing) {
  const auto pipe = make_pipe(O_NONBLOCK);
  EXPECT_EQ(cost_of([&] { EXPECT_ERRNO(EAGAIN, read(pipe.read, buffer, 1)); }), (Counts{0, 0, 1, 0}));
  EXPECT_EQ(cost_of([&] { EXPECT_ERRNO(EFAULT, write(pipe.write, (void*)1, 1)); }), (Counts{0, 0, 0, 1}));
  const Fd null{open("/dev/null", O_RDONLY)};
  EXPECT_EQ(cost_of([&] { EXPECT_EQ(read(null, buffer, 5), 0); }), (Counts{0, 0, 1, 0}));
}

TEST(ProcIo, CountsNoCallThatReachesNoFile) {
  const auto pipe = make_pipe();
  EXPECT_EQ(cost_of([&] {
              EXPECT_ERRNO(EBADF, read(-1, buffer, 1));
              EXPECT_ERRNO(EBADF, read(pipe.write, buffer, 1));
              EXPECT_ERRNO(EBADF, write(pipe.read, buffer, 1));
              EXPECT_ERRNO(ESPIPE, pread(pipe.read, buffer, 1, 0));
            }),
            (Counts{0, 0, 0, 0}));
}

TEST(ProcIo, CountsSocketsByReadAndWriteOnly) {
  int fds[2];
  ASSERT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  const Fd a{fds[0]}, b{fds[1]};
  EXPECT_EQ(cost_of([&] { EXPECT_EQ(write(a, buffer, 9), 9); }), (Counts{0, 9, 0, 1}));
  EXPECT_EQ(cost_of([&] { EXPECT_EQ(read(b, buffer, 20), 9); }), (Counts{9, 0, 1, 0}));
  EXPECT_EQ(cost_of([&] { EXPECT_EQ(send(a, buffer, 9, 0), 9); }), (Counts{0, 0, 0, 0}));
  EXPECT_EQ(cost_of([&] { EXPECT_EQ(recv(b, buffer, 20, 0), 9); }), (Counts{0, 0, 0, 0}));
}

TEST(ProcIo, CountsACopyOnce) {
  put("from", std::string(9000, 'x'));
  const Fd from{open("from", O_RDONLY)}, to{open("to", O_WRONLY | O_CREAT, 0600)};
  EXPECT_EQ(cost_of([&] { EXPECT_EQ(sendfile(to, from, nullptr, 9000), 9000); }), (Counts{9000, 9000, 1, 1}));
  ASSERT_OK(lseek(from, 0, SEEK_SET));
  EXPECT_EQ(cost_of([&] { EXPECT_EQ(copy_file_range(from, nullptr, to, nullptr, 9000, 0), 9000); }),
            (Counts{9000, 9000, 1, 1}));
}

TEST(ProcIo, AThreadHasItsOwnAndLeavesThemBehind) {
  static int fd;
  const Fd null{open("/dev/null", O_WRONLY)};
  fd = null;
  const auto body = [](void*) -> void* {
    EXPECT_EQ(write(fd, buffer, 11), 11);
    const Counts own = parse(slurp("/proc/thread-self/io"));
    EXPECT_EQ(own.wchar, 11);
    EXPECT_EQ(own.syscw, 1);
    return nullptr;
  };
  EXPECT_EQ(cost_of([&] {
              pthread_t thread;
              ASSERT_EQ(pthread_create(&thread, nullptr, body, nullptr), 0);
              pthread_join(thread, nullptr);
            }).wchar,
            11);
  EXPECT_EQ(cost_of(
                [&] {
                  pthread_t thread;
                  ASSERT_EQ(pthread_create(&thread, nullptr, body, nullptr), 0);
                  pthread_join(thread, nullptr);
                },
                "/proc/thread-self/io")
                .wchar,
            0);
}

TEST(ProcIo, AWaitedForChildsAreAdded) {
  const Fd null{open("/dev/null", O_WRONLY)};
  EXPECT_EQ(cost_of([&] {
              const pid_t pid = fork();
              if (pid == 0) _exit(write(null, buffer, 12) == 12 ? 0 : 1);
              EXPECT_EQ(reap(pid), 0);
            }),
            (Counts{0, 12, 0, 1}));
}

TEST(ProcIo, IsForTheOwnerOnly) {
  const std::string path = "/proc/" + std::to_string(getpid()) + "/io";
  EXPECT_EQ(mode_of(path.c_str()), 0400u);
  EXPECT_EQ(as_user([&] { EXPECT_ERRNO(EACCES, open(path.c_str(), O_RDONLY)); }), 0);
  const Fd ours{open(path.c_str(), O_RDONLY)};
  EXPECT_EQ(as_user([&] { EXPECT_ERRNO(EACCES, read(ours, buffer, sizeof buffer)); }), 0);
}

/// signal(7), "Interruption of system calls": call by call, whether SA_RESTART makes it go on.
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <functional>

#include "sockets/sockets.h"
#include "support/signals.h"
#include "threads/futex_call.h"

using namespace systest;

namespace {

using Call = std::function<long()>;

/// What the two handlers and the process that sends the signals share.
struct Progress {
  std::atomic<int> handled, returned;
};
Progress* progress;

void handle(int) { ++progress->handled; }

void install(int signal, int flags) {
  struct sigaction action{};
  action.sa_handler = handle;
  action.sa_flags = flags;
  ASSERT_OK(sigaction(signal, &action, nullptr));
}

enum class Restart { goes_on, fails };

/// Makes the call while another process sends SIGUSR1, whose handler has SA_RESTART, and, if the call sleeps again, SIGUSR2, whose
/// handler has not.
void expect(Restart expected, const char* name, const Call& call) {
  SCOPED_TRACE(name);
  progress->handled = progress->returned = 0;
  const pid_t self = getpid();
  const pid_t pid = spawn([=] {
    await_state(self, 'S');
    kill(self, SIGUSR1);
    while (progress->handled == 0) sched_yield();
    await_state(self, 'S');
    if (progress->returned == 0) kill(self, SIGUSR2);
  });
  errno = 0;
  const long result = call();
  const int error = errno;
  progress->returned = 1;
  EXPECT_EQ(result, -1);
  EXPECT_EQ(error, EINTR);
  EXPECT_EQ(progress->handled, expected == Restart::goes_on ? 2 : 1);
  EXPECT_EQ(reap(pid), 0);
}

class RestartTable : public testing::Test {
 protected:
  void SetUp() override {
    progress = (Progress*)mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(progress, MAP_FAILED);
    install(SIGUSR1, SA_RESTART);
    install(SIGUSR2, 0);
  }
};

/// Nothing comes on any of these.
long read_one(int fd) {
  char byte;
  return read(fd, &byte, 1);
}

int set_timeout(int socket, int option) {
  const timeval long_time{1000, 0};
  return setsockopt(socket, SOL_SOCKET, option, &long_time, sizeof long_time);
}

void fill(int fd) {
  ASSERT_OK(fcntl(fd, F_SETFL, O_NONBLOCK));
  const std::string much(4096, 'f');
  while (write(fd, much.data(), much.size()) > 0) {
  }
  ASSERT_OK(fcntl(fd, F_SETFL, 0));
}

}  // namespace

TEST_F(RestartTable, PipesAndFifos) {
  auto empty = make_pipe(), full = make_pipe();
  fill(full.write);
  expect(Restart::goes_on, "read", [&] { return read_one(empty.read); });
  char byte;
  const iovec part{&byte, 1};
  expect(Restart::goes_on, "readv", [&] { return readv(empty.read, &part, 1); });
  expect(Restart::goes_on, "write", [&] { return write(full.write, "x", 1); });
  expect(Restart::goes_on, "writev", [&] { return writev(full.write, &part, 1); });
  ASSERT_OK(mkfifo("fifo", 0644));
  expect(Restart::goes_on, "open of a fifo", [] { return open("fifo", O_RDONLY); });
}

TEST_F(RestartTable, EventDescriptors) {
  const Fd event{eventfd(0, 0)}, timer{timerfd_create(CLOCK_MONOTONIC, 0)}, watch{inotify_init1(0)};
  std::uint64_t count;
  expect(Restart::goes_on, "read of an eventfd", [&] { return read(event, &count, 8); });
  const itimerspec late{{}, {1000, 0}};
  ASSERT_OK(timerfd_settime(timer, 0, &late, nullptr));
  expect(Restart::goes_on, "read of a timerfd", [&] { return read(timer, &count, 8); });
  const sigset_t other = set_of({SIGALRM});
  const Fd signals{signalfd(-1, &other, 0)};
  signalfd_siginfo info;
  expect(Restart::goes_on, "read of a signalfd", [&] { return read(signals, &info, sizeof info); });
  char events[4096];
  expect(Restart::goes_on, "read of an inotify descriptor", [&] { return read(watch, events, sizeof events); });
}

TEST_F(RestartTable, Terminals) {
  const Fd master{open("/dev/ptmx", O_RDWR | O_NOCTTY)};
  int locked = 0;
  ASSERT_OK(ioctl(master, TIOCSPTLCK, &locked));
  const Fd slave{ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY)};
  ASSERT_OK(int{slave});
  expect(Restart::goes_on, "read of the master", [&] { return read_one(master); });
  expect(Restart::goes_on, "read of the slave", [&] { return read_one(slave); });
}

TEST_F(RestartTable, WaitingForChildren) {
  const pid_t child = spawn([] { pause(); });
  expect(Restart::goes_on, "wait4", [&] { return wait4(child, nullptr, 0, nullptr); });
  siginfo_t info;
  expect(Restart::goes_on, "waitid", [&] { return waitid(P_PID, (id_t)child, &info, WEXITED); });
  kill(child, SIGKILL);
  EXPECT_EQ(reap(child), 128 + SIGKILL);
}

TEST_F(RestartTable, FileLocks) {
  put("file", "");
  const Fd mine{open("file", O_RDWR)}, other{open("file", O_RDWR)};
  ASSERT_OK(flock(mine, LOCK_EX));
  expect(Restart::goes_on, "flock", [&] { return flock(other, LOCK_EX); });
  struct flock whole{};
  whole.l_type = F_WRLCK;
  ASSERT_OK(fcntl(mine, F_OFD_SETLK, &whole));
  expect(Restart::goes_on, "F_SETLKW", [&] { return fcntl(other, F_SETLKW, &whole); });
  expect(Restart::goes_on, "F_OFD_SETLKW", [&] { return fcntl(other, F_OFD_SETLKW, &whole); });
}

TEST_F(RestartTable, Futexes) {
  Word word{1};
  const timespec long_time{1000, 0}, late = in(CLOCK_MONOTONIC, 1000'000'000'000);
  expect(Restart::goes_on, "FUTEX_WAIT", [&] { return futex(&word, FUTEX_WAIT, 1); });
  expect(Restart::goes_on, "FUTEX_WAIT_BITSET",
         [&] { return futex(&word, FUTEX_WAIT_BITSET, 1, nullptr, nullptr, 1); });
  expect(Restart::fails, "FUTEX_WAIT with a timeout", [&] { return futex(&word, FUTEX_WAIT, 1, &long_time); });
  expect(Restart::fails, "FUTEX_WAIT_BITSET with a timeout",
         [&] { return futex(&word, FUTEX_WAIT_BITSET, 1, &late, nullptr, 1); });
}

TEST_F(RestartTable, Sockets) {
  auto pair = make_pair(), full = make_pair();
  fill(full.one);
  char byte;
  expect(Restart::goes_on, "recv", [&] { return recv(pair.one, &byte, 1, 0); });
  expect(Restart::goes_on, "send", [&] { return send(full.one, "x", 1, 0); });
  const Fd listener = make_listener("@restart", SOCK_STREAM, 0);
  expect(Restart::goes_on, "accept", [&] { return accept(listener, nullptr, nullptr); });
  const Fd queued = connect_to("@restart");
  ASSERT_OK(int{queued});
  const Fd late{socket(AF_UNIX, SOCK_STREAM, 0)};
  const UnixName name{"@restart"};
  expect(Restart::goes_on, "connect", [&] { return connect(late, name.get(), name.length); });
}

TEST_F(RestartTable, SocketsWithATimeout) {
  auto pair = make_pair(), full = make_pair();
  fill(full.one);
  char byte;
  ASSERT_OK(set_timeout(pair.one, SO_RCVTIMEO));
  expect(Restart::fails, "recv", [&] { return recv(pair.one, &byte, 1, 0); });
  ASSERT_OK(set_timeout(full.one, SO_SNDTIMEO));
  expect(Restart::fails, "send", [&] { return send(full.one, "x", 1, 0); });
  const Fd listener = make_listener("@restart");
  ASSERT_OK(set_timeout(listener, SO_RCVTIMEO));
  expect(Restart::fails, "accept", [&] { return accept(listener, nullptr, nullptr); });
}

TEST_F(RestartTable, WaitingForReadiness) {
  auto pipe = make_pipe();
  pollfd entry{pipe.read, POLLIN, 0};
  expect(Restart::fails, "poll", [&] { return poll(&entry, 1, -1); });
  expect(Restart::fails, "ppoll", [&] { return ppoll(&entry, 1, nullptr, nullptr); });
  expect(Restart::fails, "select", [] { return select(0, nullptr, nullptr, nullptr, nullptr); });
  const Fd set{epoll_create1(0)};
  epoll_event event{};
  expect(Restart::fails, "epoll_wait", [&] { return epoll_wait(set, &event, 1, -1); });
  expect(Restart::fails, "epoll_pwait", [&] { return epoll_pwait(set, &event, 1, -1, nullptr); });
}

TEST_F(RestartTable, SystemVIpc) {
  const int queue = msgget(IPC_PRIVATE, 0600), semaphore = semget(IPC_PRIVATE, 1, 0600);
  ASSERT_OK(queue);
  ASSERT_OK(semaphore);
  struct {
    long type = 1;
    char text[1024] = {};
  } message;
  expect(Restart::fails, "msgrcv", [&] { return msgrcv(queue, &message, sizeof message.text, 0, 0); });
  while (msgsnd(queue, &message, sizeof message.text, IPC_NOWAIT) == 0) {
  }
  expect(Restart::fails, "msgsnd", [&] { return msgsnd(queue, &message, sizeof message.text, 0); });
  sembuf down{0, -1, 0};
  const timespec long_time{1000, 0};
  expect(Restart::fails, "semop", [&] { return semop(semaphore, &down, 1); });
  expect(Restart::fails, "semtimedop", [&] { return semtimedop(semaphore, &down, 1, &long_time); });
  EXPECT_OK(msgctl(queue, IPC_RMID, nullptr));
  EXPECT_OK(semctl(semaphore, 0, IPC_RMID));
}

TEST_F(RestartTable, WaitingForSignalsAndTime) {
  const sigset_t none = set_of({}), other = set_of({SIGALRM});
  const timespec long_time{1000, 0};
  expect(Restart::fails, "pause", [] { return pause(); });
  expect(Restart::fails, "sigsuspend", [&] { return sigsuspend(&none); });
  expect(Restart::fails, "sigwaitinfo", [&] { return sigwaitinfo(&other, nullptr); });
  expect(Restart::fails, "sigtimedwait", [&] { return sigtimedwait(&other, nullptr, &long_time); });
  expect(Restart::fails, "nanosleep", [&] { return syscall(SYS_nanosleep, &long_time, nullptr); });
  expect(Restart::fails, "clock_nanosleep",
         [&] { return syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &long_time, nullptr); });
}

/// mq_notify(2).
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <atomic>

#include "ipc/mqueue.h"
#include "support/signals.h"

using namespace systest;

namespace {

sigevent by_signal(int signal, int value = 0) {
  sigevent e{};
  e.sigev_notify = SIGEV_SIGNAL;
  e.sigev_signo = signal;
  e.sigev_value.sival_int = value;
  return e;
}

sigevent by_method(int method) {
  sigevent e{};
  e.sigev_notify = method;
  return e;
}

struct MqueueNotify : MqueueTest {
  int ask(const sigevent& event) { return (int)syscall(SYS_mq_notify, queue, &event); }
  int stop() { return (int)syscall(SYS_mq_notify, queue, nullptr); }
  /// What stands behind "NAME:" in the queue's text.
  std::string field(const std::string& field_name) {
    char text[100] = {};
    EXPECT_GT(pread(queue, text, sizeof text - 1, 0), 0);
    const std::string line = text;
    const auto from = line.find(field_name + ":") + field_name.size() + 1;
    return line.substr(from, line.find_first_of(" \n", from) - from);
  }
};

bool pending(int signal) {
  sigset_t set;
  sigpending(&set);
  return sigismember(&set, signal) != 0;
}

}  // namespace

TEST_F(MqueueNotify, ASignalTellsOfAMessageInTheEmptyQueue) {
  block({SIGUSR1});
  ASSERT_OK(ask(by_signal(SIGUSR1, 42)));
  const pid_t child = spawn([&] { EXPECT_OK(send("x")); });
  EXPECT_EQ(reap(child), 0);
  const sigset_t set = set_of({SIGUSR1});
  siginfo_t info{};
  EXPECT_EQ(sigwaitinfo(&set, &info), SIGUSR1);
  EXPECT_EQ(info.si_code, SI_MESGQ);
  EXPECT_EQ(info.si_pid, child);
  EXPECT_EQ(info.si_uid, 0u);
  EXPECT_EQ(info.si_value.sival_int, 42);
}

TEST_F(MqueueNotify, HappensOnce) {
  block({SIGUSR1});
  ASSERT_OK(ask(by_signal(SIGUSR1)));
  EXPECT_ERRNO(EBUSY, ask(by_signal(SIGUSR1)));
  EXPECT_OK(send("x"));
  EXPECT_TRUE(pending(SIGUSR1));
  EXPECT_EQ(field("NOTIFY_PID"), "0");
  EXPECT_OK(ask(by_signal(SIGUSR1)));
}

TEST_F(MqueueNotify, NeedsTheQueueToBeEmptyBefore) {
  block({SIGUSR1});
  EXPECT_OK(send("x"));
  ASSERT_OK(ask(by_signal(SIGUSR1)));
  EXPECT_OK(send("y"));
  EXPECT_FALSE(pending(SIGUSR1));
  take();
  take();
  EXPECT_FALSE(pending(SIGUSR1));
  EXPECT_OK(send("z"));
  EXPECT_TRUE(pending(SIGUSR1));
}

TEST_F(MqueueNotify, AWaitingReceiverComesFirst) {
  block({SIGUSR1});
  ASSERT_OK(ask(by_signal(SIGUSR1)));
  const pid_t child = spawn([&] { EXPECT_EQ(take(), "x"); });
  await_state(child, 'S');
  EXPECT_OK(send("x"));
  EXPECT_EQ(reap(child), 0);
  EXPECT_FALSE(pending(SIGUSR1));
  EXPECT_EQ(field("NOTIFY_PID"), std::to_string(getpid()));
  EXPECT_OK(send("y"));
  EXPECT_TRUE(pending(SIGUSR1));
}

TEST_F(MqueueNotify, OnlyOneProcessIsTold) {
  ASSERT_OK(ask(by_method(SIGEV_NONE)));
  EXPECT_EQ(in_child([&] {
              EXPECT_ERRNO(EBUSY, ask(by_method(SIGEV_NONE)));
              EXPECT_OK(stop()) << "of another's registration nothing happens";
              EXPECT_ERRNO(EBUSY, ask(by_method(SIGEV_NONE)));
            }),
            0);
  EXPECT_OK(stop());
  EXPECT_OK(stop());
  EXPECT_EQ(in_child([&] { EXPECT_OK(ask(by_method(SIGEV_NONE))); }), 0);
}

TEST_F(MqueueNotify, NoneIsUsedUpToo) {
  ASSERT_OK(ask(by_method(SIGEV_NONE)));
  EXPECT_EQ(field("NOTIFY"), "1");
  EXPECT_OK(send("x"));
  EXPECT_EQ(field("NOTIFY_PID"), "0");
}

TEST_F(MqueueNotify, ClosingAnyDescriptorEndsIt) {
  const int other = mq_open_raw(name.c_str(), O_RDONLY), copy = dup(queue);
  ASSERT_OK(ask(by_method(SIGEV_NONE)));
  close(copy);
  EXPECT_EQ(field("NOTIFY_PID"), "0");
  ASSERT_OK(ask(by_method(SIGEV_NONE)));
  close(other);
  EXPECT_EQ(field("NOTIFY_PID"), "0");
}

TEST_F(MqueueNotify, AnothersClosingDoesNot) {
  ASSERT_OK(ask(by_method(SIGEV_NONE)));
  EXPECT_EQ(in_child([&] { close(queue); }), 0);
  EXPECT_EQ(field("NOTIFY_PID"), std::to_string(getpid()));
}

TEST_F(MqueueNotify, TheEndOfTheProcessEndsIt) {
  EXPECT_EQ(in_child([&] { EXPECT_OK(ask(by_signal(SIGUSR1))); }), 0);
  EXPECT_EQ(field("NOTIFY_PID"), "0");
  EXPECT_OK(ask(by_method(SIGEV_NONE)));
}

TEST_F(MqueueNotify, TheTextShowsTheRegistration) {
  EXPECT_OK(send("12345"));
  EXPECT_OK(send("678"));
  ASSERT_OK(ask(by_signal(SIGUSR2)));
  char text[100] = {}, expected[100];
  EXPECT_EQ(read(queue, text, sizeof text), 60);
  snprintf(expected, sizeof expected, "QSIZE:%-10u NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n", 8, 0, SIGUSR2, getpid());
  EXPECT_STREQ(text, expected);
}

TEST_F(MqueueNotify, SignalZeroIsAllowedAndSendsNothing) {
  EXPECT_OK(ask(by_signal(0)));
  EXPECT_OK(send("x"));
  EXPECT_EQ(field("NOTIFY_PID"), "0");
}

TEST_F(MqueueNotify, RefusesBadArguments) {
  EXPECT_ERRNO(EINVAL, ask(by_signal(65)));
  EXPECT_ERRNO(EINVAL, ask(by_signal(-1)));
  EXPECT_ERRNO(EINVAL, ask(by_method(3)));
  EXPECT_ERRNO(EINVAL, ask(by_method(SIGEV_THREAD_ID)));
  EXPECT_ERRNO(EFAULT, syscall(SYS_mq_notify, queue, 8));
  EXPECT_ERRNO(EFAULT, syscall(SYS_mq_notify, -1, 8));
  const sigevent bad = by_signal(65), good = by_signal(SIGUSR1);
  EXPECT_ERRNO(EINVAL, syscall(SYS_mq_notify, -1, &bad));
  EXPECT_ERRNO(EBADF, syscall(SYS_mq_notify, -1, &good));
  EXPECT_ERRNO(EBADF, syscall(SYS_mq_notify, -1, nullptr));
  const auto [out, in] = make_pipe();
  EXPECT_ERRNO(EBADF, syscall(SYS_mq_notify, (int)out, &good));
}

TEST_F(MqueueNotify, AThreadWantsANetlinkSocket) {
  char cookie[32] = {};
  sigevent e = by_method(SIGEV_THREAD);
  e.sigev_value.sival_ptr = (void*)8;
  e.sigev_signo = -1;
  EXPECT_ERRNO(EFAULT, ask(e));
  e.sigev_value.sival_ptr = cookie;
  EXPECT_ERRNO(EBADF, ask(e));
  e.sigev_signo = queue;
  EXPECT_ERRNO(ENOTSOCK, ask(e));
  e.sigev_signo = socket(AF_UNIX, SOCK_DGRAM, 0);
  EXPECT_ERRNO(EINVAL, ask(e));
}

namespace {

constexpr char kWokenUp = 1, kRemoved = 2;  // NOTIFY_WOKENUP, NOTIFY_REMOVED

/// SIGEV_THREAD as a C library asks for it: `cookie` comes back through `socket`.
sigevent by_thread(int socket, char (&cookie)[32]) {
  for (char i = 0; i < 32; ++i) cookie[(int)i] = i;
  sigevent e = by_method(SIGEV_THREAD);
  e.sigev_signo = socket;
  e.sigev_value.sival_ptr = cookie;
  return e;
}

/// The last byte of the cookie that came; -1 when none did.
int last_byte(int socket) {
  char got[64];
  if (recv(socket, got, sizeof got, MSG_DONTWAIT) != 32) return -1;
  for (char i = 0; i < 31; ++i) EXPECT_EQ(got[(int)i], i);
  return got[31];
}

}  // namespace

TEST_F(MqueueNotify, AThreadIsToldThroughItsSocket) {
  const Fd socket{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0)};
  ASSERT_GE((int)socket, 0);
  char cookie[32];
  const sigevent e = by_thread(socket, cookie);
  ASSERT_OK(ask(e));
  EXPECT_ERRNO(EBUSY, ask(e));
  EXPECT_EQ(field("NOTIFY"), "2");
  EXPECT_EQ(last_byte(socket), -1) << "nothing came yet";
  const pid_t child = spawn([&] { EXPECT_OK(send("x")); });
  EXPECT_EQ(reap(child), 0);
  EXPECT_EQ(last_byte(socket), kWokenUp);
  EXPECT_OK(send("y"));
  EXPECT_EQ(last_byte(socket), -1) << "once";
}

TEST_F(MqueueNotify, AThreadIsToldOfTheEnd) {
  const Fd socket{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0)};
  char cookie[32];
  ASSERT_OK(ask(by_thread(socket, cookie)));
  EXPECT_OK(stop());
  EXPECT_EQ(last_byte(socket), kRemoved);
  ASSERT_OK(ask(by_thread(socket, cookie)));
  EXPECT_OK(close(queue));
  EXPECT_EQ(last_byte(socket), kRemoved);
}

TEST_F(MqueueNotify, TheCLibraryRunsAFunction) {
  static std::atomic<int> called{0};
  sigevent e = by_method(SIGEV_THREAD);
  e.sigev_value.sival_int = 5;
  e.sigev_notify_function = [](sigval value) { called.store(value.sival_int); };
  ASSERT_OK(mq_notify(queue, &e));
  EXPECT_OK(send("x"));
  for (int i = 0; i < 5000 && called.load() == 0; ++i) usleep(1000);
  EXPECT_EQ(called.load(), 5);
}

TEST_F(MqueueNotify, ASocketThatIsFullHoldsTheCallUp) {
  const Fd socket{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  int small = 1;
  EXPECT_OK(setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &small, sizeof small));
  constexpr int kTimes = 20;
  const pid_t child = spawn([&] {
    char cookie[32];
    for (int i = 0; i < kTimes; ++i) {
      EXPECT_OK(ask(by_thread(socket, cookie)));
      EXPECT_OK(stop());
    }
  });
  await_state(child, 'S');  // whether or not the socket may wait
  int heard = 0;
  pollfd look{socket, POLLIN, 0};
  while (heard < kTimes && poll(&look, 1, 5000) == 1) heard += last_byte(socket) == kRemoved;
  EXPECT_EQ(heard, kTimes);
  EXPECT_EQ(reap(child), 0);
}

TEST_F(MqueueNotify, AProgramRunSinceIsNotSignalled) {
  fcntl(queue, F_SETFD, 0);
  Gate ready;
  int ends[2];
  ASSERT_OK(pipe2(ends, O_CLOEXEC));
  const pid_t child = spawn([&] {
    EXPECT_OK(ask(by_signal(SIGUSR1)));
    dup2(ends[0], 0);
    ready.open();
    execl("/bin/busybox", "cat", nullptr);
  });
  ready.wait();
  close(ends[0]);
  while (slurp(("/proc/" + std::to_string(child) + "/comm").c_str()) != "busybox\n") usleep(1000);
  await_state(child, 'S');
  EXPECT_OK(send("x"));
  EXPECT_EQ(field("NOTIFY_PID"), "0");
  close(ends[1]);
  EXPECT_EQ(reap(child), 0) << "SIGUSR1 would have ended it";
}

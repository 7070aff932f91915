/// signalfd(2).
#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <string>

#include "epoll.h"
#include "support/child.h"
#include "support/memory.h"
#include "support/signals.h"

using namespace systest;

namespace {

Fd signals_of(std::initializer_list<int> numbers, int flags = SFD_NONBLOCK) {
  const sigset_t set = set_of(numbers);
  return Fd{signalfd(-1, &set, flags)};
}
signalfd_siginfo take(int fd) {
  signalfd_siginfo info;
  memset(&info, 0xff, sizeof info);
  EXPECT_EQ(read(fd, &info, sizeof info), static_cast<ssize_t>(sizeof info));
  return info;
}
short poll_in(int fd) {
  pollfd entry{fd, POLLIN | POLLOUT, 0};
  poll(&entry, 1, 0);
  return entry.revents;
}

}  // namespace

TEST(Signalfd, RefusesBadArguments) {
  const sigset_t set = set_of({SIGUSR1});
  EXPECT_ERRNO(EINVAL, signalfd(-1, &set, 1));
  EXPECT_ERRNO(EINVAL, syscall(SYS_signalfd4, -1, &set, 4, 0));
  EXPECT_ERRNO(EFAULT, syscall(SYS_signalfd4, -1, nullptr, 8, 0));
  Fd event{eventfd(0, 0)};
  EXPECT_ERRNO(EINVAL, signalfd(event, &set, 0));
  EXPECT_ERRNO(EBADF, signalfd(999, &set, 0));
  Fd fd = signals_of({SIGUSR1});
  char small[sizeof(signalfd_siginfo) - 1];
  EXPECT_ERRNO(EINVAL, read(fd, small, sizeof small));
  EXPECT_ERRNO(EINVAL, write(fd, small, 1));
}

TEST(Signalfd, TellsWhoSentASignal) {
  block({SIGUSR1});
  Fd fd = signals_of({SIGUSR1});
  EXPECT_EQ(poll_in(fd), 0);
  EXPECT_OK(kill(getpid(), SIGUSR1));
  EXPECT_EQ(poll_in(fd), POLLIN);
  const auto info = take(fd);
  EXPECT_EQ(info.ssi_signo, static_cast<unsigned>(SIGUSR1));
  EXPECT_EQ(info.ssi_code, SI_USER);
  EXPECT_EQ(info.ssi_pid, static_cast<unsigned>(getpid()));
  EXPECT_EQ(info.ssi_uid, 0u);
  EXPECT_EQ(info.ssi_errno, 0);
  EXPECT_EQ(poll_in(fd), 0);
  signalfd_siginfo none;
  EXPECT_ERRNO(EAGAIN, read(fd, &none, sizeof none));
}

TEST(Signalfd, CarriesTheValueOfAQueuedSignal) {
  const int number = SIGRTMIN + 1;
  block({number});
  Fd fd = signals_of({number});
  for (int i = 1; i <= 3; ++i) EXPECT_OK(sigqueue(getpid(), number, {.sival_int = i * 11}));
  signalfd_siginfo infos[4];
  EXPECT_EQ(read(fd, infos, sizeof infos), static_cast<ssize_t>(3 * sizeof infos[0]));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(infos[i].ssi_code, SI_QUEUE);
    EXPECT_EQ(infos[i].ssi_int, (i + 1) * 11);
  }
}

TEST(Signalfd, TakesTheSignalAwayFromDelivery) {
  count_signal(SIGUSR1);
  block({SIGUSR1});
  Fd fd = signals_of({SIGUSR1});
  raise(SIGUSR1);
  EXPECT_EQ(take(fd).ssi_code, SI_TKILL);
  unblock({SIGUSR1});
  EXPECT_EQ(seen.count, 0);
}

TEST(Signalfd, LeavesOtherSignalsAlone) {
  block({SIGUSR1, SIGUSR2});
  Fd fd = signals_of({SIGUSR1});
  raise(SIGUSR2);
  EXPECT_EQ(poll_in(fd), 0);
  const sigset_t both = set_of({SIGUSR1, SIGUSR2});
  EXPECT_EQ(signalfd(fd, &both, 0), fd);
  EXPECT_EQ(take(fd).ssi_signo, static_cast<unsigned>(SIGUSR2));
}

TEST(Signalfd, TellsOfAChildsEnd) {
  block({SIGCHLD});
  Fd fd = signals_of({SIGCHLD}, 0);
  const pid_t pid = fork();
  if (pid == 0) _exit(7);
  const auto info = take(fd);
  EXPECT_EQ(info.ssi_signo, static_cast<unsigned>(SIGCHLD));
  EXPECT_EQ(info.ssi_code, CLD_EXITED);
  EXPECT_EQ(info.ssi_pid, static_cast<unsigned>(pid));
  EXPECT_EQ(info.ssi_status, 7);
  EXPECT_EQ(reap(pid), 7);
}

TEST(Signalfd, ABlockedReaderIsWoken) {
  block({SIGUSR1});
  Fd fd = signals_of({SIGUSR1}, 0);
  const pid_t parent = getpid();
  const pid_t pid = spawn([&] {
    await_state(parent, 'S');
    kill(parent, SIGUSR1);
  });
  EXPECT_EQ(take(fd).ssi_pid, static_cast<unsigned>(pid));
  EXPECT_EQ(reap(pid), 0);
}

TEST(Signalfd, AnUnblockedSignalInterruptsTheReader) {
  block({SIGUSR1});
  count_signal(SIGUSR2);
  Fd fd = signals_of({SIGUSR1}, 0);
  const pid_t parent = getpid();
  const pid_t pid = spawn([&] {
    await_state(parent, 'S');
    kill(parent, SIGUSR2);
  });
  signalfd_siginfo info;
  EXPECT_ERRNO(EINTR, read(fd, &info, sizeof info));
  EXPECT_EQ(reap(pid), 0);
}

TEST(Signalfd, EpollHearsOfIt) {
  block({SIGUSR1});
  Epoll epoll;
  Fd fd = signals_of({SIGUSR1});
  EXPECT_OK(epoll.add(fd, EPOLLIN));
  EXPECT_EQ(epoll.only(), 0u);
  const pid_t parent = getpid();
  const pid_t pid = spawn([&] {
    await_state(parent, 'S');
    kill(parent, SIGUSR1);
  });
  EXPECT_EQ(epoll.only(-1), EPOLLIN);
  take(fd);
  EXPECT_EQ(epoll.only(), 0u);
  EXPECT_EQ(reap(pid), 0);
}

TEST(Signalfd, AnInheritedDescriptorReadsTheChildsSignals) {
  block({SIGUSR1});
  Fd fd = signals_of({SIGUSR1});
  raise(SIGUSR1);
  EXPECT_EQ(in_child([&] {
              EXPECT_EQ(poll_in(fd), 0);
              raise(SIGUSR1);
              EXPECT_EQ(take(fd).ssi_pid, static_cast<unsigned>(getpid()));
            }),
            0);
  EXPECT_EQ(take(fd).ssi_pid, static_cast<unsigned>(getpid()));
}

TEST(Signalfd, AnEntryOfADeadProcessIsHarmless) {
  block({SIGUSR1});
  Epoll epoll;
  Fd fd = signals_of({SIGUSR1});
  EXPECT_EQ(in_child([&] { EXPECT_OK(epoll.add(fd, EPOLLIN)); }), 0);
  raise(SIGUSR1);
  epoll.ready();
  EXPECT_OK(epoll.remove(fd));
  EXPECT_OK(epoll.add(fd, EPOLLIN));
  EXPECT_EQ(epoll.only(), EPOLLIN);
}

TEST(Signalfd, KillAndStopCannotBeRead) {
  Fd fd = signals_of({SIGKILL, SIGSTOP, SIGUSR1});
  const std::string text = slurp(("/proc/self/fdinfo/" + std::to_string(fd)).c_str());
  EXPECT_NE(text.find("sigmask:\t0000000000000200\n"), std::string::npos) << text;
}

TEST(Signalfd, LooksLikeAnAnonymousInode) {
  Fd fd = signals_of({SIGUSR1}, SFD_CLOEXEC | SFD_NONBLOCK);
  EXPECT_EQ(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
  EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  char link[64] = {};
  EXPECT_GT(readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), link, sizeof link - 1), 0);
  EXPECT_STREQ(link, "anon_inode:[signalfd]");
}

TEST(Signalfd, AFaultReportsWhatWasReadBefore) {
  block({SIGUSR1, SIGUSR2});
  Fd fd = signals_of({SIGUSR1, SIGUSR2});
  raise(SIGUSR1);
  raise(SIGUSR2);
  Pages pages{2};
  munmap(pages.at(1), kPage);
  EXPECT_EQ(read(fd, pages.at(1) - sizeof(signalfd_siginfo), 2 * sizeof(signalfd_siginfo)),
            static_cast<ssize_t>(sizeof(signalfd_siginfo)));
}

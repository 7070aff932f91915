/// epoll_wait(2), epoll_pwait(2), epoll_pwait2(2): what is told, how often, to whom.
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#include <set>
#include <thread>

#include "epoll.h"
#include "support/child.h"
#include "support/memory.h"
#include "support/signals.h"

using namespace systest;

TEST(EpollWait, LevelTriggeredTellsAsLongAsItIsTrue) {
  Epoll epoll;
  Fd event{eventfd(0, 0)};
  EXPECT_OK(epoll.add(event, EPOLLIN));
  EXPECT_EQ(epoll.only(), 0u);
  bump(event);
  EXPECT_EQ(epoll.only(), EPOLLIN);
  EXPECT_EQ(epoll.only(), EPOLLIN);
  drain(event);
  EXPECT_EQ(epoll.only(), 0u);
}

TEST(EpollWait, EdgeTriggeredTellsOncePerEvent) {
  Epoll epoll;
  Fd event{eventfd(1, 0)};
  EXPECT_OK(epoll.add(event, EPOLLIN | EPOLLET));
  EXPECT_EQ(epoll.only(), EPOLLIN) << "ready when added";
  EXPECT_EQ(epoll.only(), 0u);
  bump(event);
  bump(event);
  EXPECT_EQ(epoll.only(), EPOLLIN);
  EXPECT_EQ(epoll.only(), 0u);
  drain(event);
  EXPECT_EQ(epoll.only(), 0u);
}

TEST(EpollWait, AnEdgeOfWritingComesWithEachRead) {
  Epoll epoll;
  Fd event{eventfd(1, 0)};
  EXPECT_OK(epoll.add(event, EPOLLOUT | EPOLLET));
  EXPECT_EQ(epoll.only(), EPOLLOUT);
  EXPECT_EQ(epoll.only(), 0u);
  drain(event);
  EXPECT_EQ(epoll.only(), EPOLLOUT);
}

TEST(EpollWait, AnEventThatPassedBeforeTheWaitIsNotTold) {
  Epoll epoll;
  Fd event{eventfd(0, 0)};
  EXPECT_OK(epoll.add(event, EPOLLIN | EPOLLET));
  bump(event);
  drain(event);
  EXPECT_EQ(epoll.only(), 0u);
}

TEST(EpollWait, OneShotIsDisabledUntilModified) {
  Epoll epoll;
  Fd event{eventfd(1, 0)};
  EXPECT_OK(epoll.add(event, EPOLLIN | EPOLLONESHOT));
  EXPECT_EQ(epoll.only(), EPOLLIN);
  EXPECT_EQ(epoll.only(), 0u);
  bump(event);
  EXPECT_EQ(epoll.only(), 0u);
  EXPECT_ERRNO(EEXIST, epoll.add(event, EPOLLIN));
  EXPECT_OK(epoll.modify(event, EPOLLIN | EPOLLONESHOT));
  EXPECT_EQ(epoll.only(), EPOLLIN);
}

TEST(EpollWait, ADisabledEntryTellsNoHangUpEither) {
  Epoll epoll;
  auto pipe = make_pipe();
  ASSERT_EQ(write(pipe.write, "x", 1), 1);
  EXPECT_OK(epoll.add(pipe.read, EPOLLIN | EPOLLONESHOT));
  EXPECT_EQ(epoll.only(), EPOLLIN);
  pipe.write.reset();
  EXPECT_EQ(epoll.only(), 0u);
  EXPECT_OK(epoll.modify(pipe.read, 0));
  EXPECT_EQ(epoll.only(), EPOLLHUP);
}

TEST(EpollWait, ErrorsAndHangUpsNeedNotBeAskedFor) {
  Epoll epoll;
  auto pipe = make_pipe();
  EXPECT_OK(epoll.add(pipe.read, 0, 1));
  EXPECT_OK(epoll.add(pipe.write, 0, 2));
  EXPECT_EQ(epoll.ready().size(), 0u);
  pipe.write.reset();
  EXPECT_EQ(epoll.only(), EPOLLHUP);
  auto other = make_pipe();
  EXPECT_OK(epoll.remove(pipe.read));
  EXPECT_OK(epoll.add(other.write, 0));
  other.read.reset();
  EXPECT_EQ(epoll.only(), EPOLLERR);
}

TEST(EpollWait, ModifyTellsWhatIsReadyAlready) {
  Epoll epoll;
  auto pipe = make_pipe();
  ASSERT_EQ(write(pipe.write, "x", 1), 1);
  EXPECT_OK(epoll.add(pipe.read, 0));
  EXPECT_EQ(epoll.only(), 0u);
  EXPECT_OK(epoll.modify(pipe.read, EPOLLIN | EPOLLET));
  EXPECT_EQ(epoll.only(), EPOLLIN);
  EXPECT_OK(epoll.modify(pipe.read, EPOLLIN | EPOLLET));
  EXPECT_EQ(epoll.only(), EPOLLIN) << "modifying re-arms an edge";
}

TEST(EpollWait, BothDirectionsAreToldTogether) {
  Epoll epoll;
  Fd event{eventfd(1, 0)};
  EXPECT_OK(epoll.add(event, EPOLLIN | EPOLLOUT, 0x1234567890abcdef));
  const auto events = epoll.ready();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].events, EPOLLIN | EPOLLOUT);
  EXPECT_EQ(events[0].data.u64, 0x1234567890abcdefu);
}

TEST(EpollWait, TakesTurnsWhenMoreIsReadyThanFits) {
  Epoll epoll;
  Fd events[5];
  for (Fd& fd : events) {
    fd = Fd{eventfd(1, 0)};
    EXPECT_OK(epoll.add(fd, EPOLLIN));
  }
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 5; ++i) {
    const auto ready = epoll.ready(1);
    ASSERT_EQ(ready.size(), 1u);
    seen.insert(ready[0].data.u64);
  }
  EXPECT_EQ(seen.size(), 5u);
}

TEST(EpollWait, TellsInOrderOfArrival) {
  Epoll epoll;
  Fd events[4];
  for (Fd& fd : events) {
    fd = Fd{eventfd(0, 0)};
    EXPECT_OK(epoll.add(fd, EPOLLIN));
  }
  for (const int i : {2, 0, 3, 1}) bump(events[i]);
  const auto ready = epoll.ready();
  ASSERT_EQ(ready.size(), 4u);
  const int order[] = {2, 0, 3, 1};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(ready[static_cast<std::size_t>(i)].data.fd, events[order[i]]);
}

TEST(EpollWait, AThousandDescriptorsAndOneReady) {
  Epoll epoll;
  const rlimit limit{1200, 1200};
  ASSERT_OK(setrlimit(RLIMIT_NOFILE, &limit));
  std::vector<Fd> events(1000);
  for (Fd& fd : events) {
    fd = Fd{eventfd(0, 0)};
    ASSERT_OK(epoll.add(fd, EPOLLIN));
  }
  for (const std::size_t i : {0u, 500u, 999u}) {
    bump(events[i]);
    const auto ready = epoll.ready();
    ASSERT_EQ(ready.size(), 1u);
    EXPECT_EQ(ready[0].data.fd, events[i]);
    drain(events[i]);
  }
}

TEST(EpollWait, RefusesBadArguments) {
  Epoll epoll;
  Fd event{eventfd(1, 0)};
  epoll_event events[2];
  EXPECT_ERRNO(EINVAL, epoll_wait(epoll.fd, events, 0, 0));
  EXPECT_ERRNO(EINVAL, epoll_wait(epoll.fd, events, -1, 0));
  EXPECT_ERRNO(EINVAL, epoll_wait(epoll.fd, events, INT32_MAX, 0));
  EXPECT_ERRNO(EINVAL, epoll_wait(event, events, 1, 0));
  EXPECT_ERRNO(EBADF, epoll_wait(999, events, 1, 0));
  EXPECT_ERRNO(EFAULT, epoll_wait(epoll.fd, reinterpret_cast<epoll_event*>(-4096l), 1, 0));
  EXPECT_EQ(syscall(SYS_epoll_wait, static_cast<int>(epoll.fd), nullptr, 1, 0), 0) << "nothing to write";
}

TEST(EpollWait, ABadPointerLosesNoEvent) {
  Epoll epoll;
  Fd event{eventfd(1, 0)};
  EXPECT_OK(epoll.add(event, EPOLLIN | EPOLLET));
  Pages pages{2};
  munmap(pages.at(1), kPage);
  auto* cut = reinterpret_cast<epoll_event*>(pages.at(1) - 6);
  EXPECT_ERRNO(EFAULT, epoll_wait(epoll.fd, cut, 1, 0));
  EXPECT_EQ(epoll.only(), EPOLLIN);
}

TEST(EpollWait, EventsBeforeABadPageAreDelivered) {
  Epoll epoll;
  Fd a{eventfd(1, 0)}, b{eventfd(1, 0)};
  EXPECT_OK(epoll.add(a, EPOLLIN | EPOLLET));
  EXPECT_OK(epoll.add(b, EPOLLIN | EPOLLET));
  Pages pages{2};
  munmap(pages.at(1), kPage);
  auto* cut = reinterpret_cast<epoll_event*>(pages.at(1) - sizeof(epoll_event));
  EXPECT_EQ(epoll_wait(epoll.fd, cut, 2, 0), 1);
  EXPECT_EQ(epoll.ready().size(), 1u);
}

TEST(EpollWait, SleepsUntilAnEventComes) {
  Epoll epoll;
  Fd event{eventfd(0, 0)};
  EXPECT_OK(epoll.add(event, EPOLLIN));
  const pid_t parent = getpid();
  const pid_t pid = spawn([&] {
    await_state(parent, 'S');
    bump(event);
  });
  EXPECT_EQ(epoll.only(-1), EPOLLIN);
  EXPECT_EQ(reap(pid), 0);
}

TEST(EpollWait, AnEntryAddedMeanwhileWakesTheSleeper) {
  Epoll epoll;
  Fd event{eventfd(1, 0)};
  const pid_t parent = getpid();
  const pid_t pid = spawn([&] {
    await_state(parent, 'S');
    EXPECT_OK(epoll.add(event, EPOLLIN));
  });
  EXPECT_EQ(epoll.only(-1), EPOLLIN);
  EXPECT_EQ(reap(pid), 0);
}

TEST(EpollWait, ATimeoutAnswersZero) {
  Epoll epoll;
  Fd event{eventfd(0, 0)};
  EXPECT_OK(epoll.add(event, EPOLLIN));
  EXPECT_EQ(epoll.ready(4, 2).size(), 0u);
}

TEST(EpollWait, ASignalInterruptsAndNeverRestarts) {
  Epoll epoll;
  const pid_t parent = getpid();
  count_signal(SIGUSR1, SA_RESTART);
  const pid_t pid = spawn([&] {
    await_state(parent, 'S');
    kill(parent, SIGUSR1);
  });
  epoll_event event;
  EXPECT_ERRNO(EINTR, epoll_wait(epoll.fd, &event, 1, -1));
  EXPECT_EQ(seen.count, 1);
  EXPECT_EQ(reap(pid), 0);
}

TEST(EpollWait, OneEventWakesOneOfTheThreads) {
  Epoll epoll;
  Fd event{eventfd(0, EFD_NONBLOCK)}, stop{eventfd(0, 0)};
  EXPECT_OK(epoll.add(event, EPOLLIN | EPOLLET));
  pid_t workers[3];
  Fd told{eventfd(0, 0)};
  for (pid_t& pid : workers) {
    pid = spawn([&] {
      while (true) {
        const auto ready = epoll.ready(1, -1);
        ASSERT_EQ(ready.size(), 1u);
        if (ready[0].data.fd == stop) return;
        bump(told);
      }
    });
    await_state(pid, 'S');
  }
  bump(event);
  EXPECT_EQ(drain(told), 1u);
  for (const pid_t pid : workers) await_state(pid, 'S');
  EXPECT_OK(epoll.add(stop, EPOLLIN));
  bump(stop);
  for (const pid_t pid : workers) EXPECT_EQ(reap(pid), 0);
  fcntl(told, F_SETFL, O_NONBLOCK);
  EXPECT_EQ(drain(told), 0u) << "no other thread heard of the event";
}

TEST(EpollWait, ExclusiveInstancesAreWokenOneByOne) {
  Fd event{eventfd(0, 0)}, told{eventfd(0, 0)};
  pid_t workers[3];
  for (pid_t& pid : workers) {
    pid = spawn([&] {
      Epoll own;
      EXPECT_OK(own.add(event, EPOLLIN | EPOLLEXCLUSIVE));
      EXPECT_EQ(own.only(-1), EPOLLIN);
      bump(told);
      own.fd.reset();
      pause();
    });
    await_state(pid, 'S');
  }
  bump(event);
  EXPECT_EQ(drain(told), 1u);
  int asleep = 0;
  for (const pid_t pid : workers) await_state(pid, 'S');
  fcntl(told, F_SETFL, O_NONBLOCK);
  EXPECT_EQ(drain(told), 0u) << "the others were not woken";
  bump(event), bump(event);
  for (std::uint64_t n = 0; n < 2;) n += drain(told);
  for (const pid_t pid : workers) {
    kill(pid, SIGKILL);
    EXPECT_EQ(reap(pid), 128 + SIGKILL);
    ++asleep;
  }
  EXPECT_EQ(asleep, 3);
}

TEST(EpollPwait, MaskLetsAPendingSignalIn) {
  Epoll epoll;
  count_signal(SIGUSR1);
  block({SIGUSR1});
  raise(SIGUSR1);
  const sigset_t none = set_of({});
  epoll_event event;
  EXPECT_ERRNO(EINTR, epoll_pwait(epoll.fd, &event, 1, -1, &none));
  EXPECT_EQ(seen.count, 1);
  sigset_t now;
  sigprocmask(SIG_BLOCK, nullptr, &now);
  EXPECT_EQ(sigismember(&now, SIGUSR1), 1) << "the mask is back";
  EXPECT_ERRNO(EINVAL, syscall(SYS_epoll_pwait, static_cast<int>(epoll.fd), &event, 1, 0, &none, 4));
}

TEST(EpollPwait, AReadyEventComesBeforeTheSignal) {
  Epoll epoll;
  Fd event{eventfd(1, 0)};
  EXPECT_OK(epoll.add(event, EPOLLIN));
  count_signal(SIGUSR1);
  block({SIGUSR1});
  raise(SIGUSR1);
  const sigset_t none = set_of({});
  epoll_event out;
  EXPECT_EQ(epoll_pwait(epoll.fd, &out, 1, -1, &none), 1);
  EXPECT_EQ(seen.count, 0);
}

TEST(EpollPwait2, TakesATimespec) {
  Epoll epoll;
  Fd event{eventfd(0, 0)};
  EXPECT_OK(epoll.add(event, EPOLLIN));
  epoll_event out;
  const timespec zero{0, 0}, soon{0, 1'000'000}, bad{0, 1'000'000'000}, negative{-1, 0};
  const int fd = epoll.fd;
  EXPECT_EQ(syscall(SYS_epoll_pwait2, fd, &out, 1, &zero, nullptr, 8), 0);
  EXPECT_EQ(syscall(SYS_epoll_pwait2, fd, &out, 1, &soon, nullptr, 8), 0);
  EXPECT_ERRNO(EINVAL, syscall(SYS_epoll_pwait2, fd, &out, 1, &bad, nullptr, 8));
  EXPECT_ERRNO(EINVAL, syscall(SYS_epoll_pwait2, fd, &out, 1, &negative, nullptr, 8));
  EXPECT_ERRNO(EFAULT, syscall(SYS_epoll_pwait2, fd, &out, 1, 16, nullptr, 8));
  bump(event);
  EXPECT_EQ(syscall(SYS_epoll_pwait2, fd, &out, 1, nullptr, nullptr, 8), 1);
}

TEST(EpollWait, WatchesAPipeFromBothEnds) {
  Epoll epoll;
  auto pipe = make_pipe(O_NONBLOCK);
  EXPECT_OK(epoll.add(pipe.read, EPOLLIN));
  EXPECT_OK(epoll.add(pipe.write, EPOLLOUT));
  const std::string full(65536, 'f');
  EXPECT_EQ(epoll.only(), EPOLLOUT);
  ASSERT_EQ(write(pipe.write, full.data(), full.size()), 65536);
  EXPECT_EQ(epoll.only(), EPOLLIN);
  std::string out(65536, 0);
  ASSERT_EQ(read(pipe.read, out.data(), out.size()), 65536);
  EXPECT_EQ(epoll.only(), EPOLLOUT);
}

TEST(EpollWait, ThreadsThatWaitShareTheWork) {
  Epoll epoll;
  constexpr int kEvents = 200;
  Fd event{eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK)}, stop{eventfd(0, 0)};
  EXPECT_OK(epoll.add(event, EPOLLIN));
  EXPECT_OK(epoll.add(stop, EPOLLIN));
  std::atomic<int> taken{0};
  const auto work = [&] {
    for (;;) {
      epoll_event out[2];
      const int n = epoll_wait(epoll.fd, out, 2, -1);
      bool last = false;
      for (int i = 0; i < n; ++i) {
        if (out[i].data.fd == stop) {
          last = true;
        } else if (drain(event) == 1) {
          ++taken;
        }
      }
      if (last && taken == kEvents) return;
    }
  };
  std::thread a{work}, b{work};
  for (int i = 0; i < kEvents; ++i) bump(event);
  bump(stop);
  a.join(), b.join();
  EXPECT_EQ(taken, kEvents);
}

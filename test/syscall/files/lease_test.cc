/// Leases: the holder hears before somebody opens or truncates the file in a way that conflicts. Source: fcntl(2), "Leases".
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/setting.h"
#include "support/signals.h"

using namespace systest;

namespace {

int lease_of(int fd) { return fcntl(fd, F_GETLEASE); }
int set_lease(int fd, int type) { return fcntl(fd, F_SETLEASE, type); }

struct Lease : testing::Test {
  void SetUp() override {
    put("f", "content");
    block({SIGIO, SIGRTMIN});
  }
};

/// Number of the next SIGIO or SIGRTMIN, 0 when none waits.
int told(siginfo_t* info = nullptr) {
  const sigset_t set = set_of({SIGIO, SIGRTMIN});
  const timespec now{};
  const int signal = sigtimedwait(&set, info, &now);
  return signal == -1 ? 0 : signal;
}

int await_told(siginfo_t* info = nullptr) {
  const sigset_t set = set_of({SIGIO, SIGRTMIN});
  return sigwaitinfo(&set, info);
}

int open_now(const char* path, int flags) { return open(path, flags | O_NONBLOCK); }

/// A child that does `conflicting` and is asleep in it.
pid_t blocked_in(const std::function<void()>& conflicting) {
  const pid_t pid = spawn(conflicting);
  await_state(pid, 'S');
  return pid;
}

}  // namespace

TEST_F(Lease, IsTakenToldAndGivenBack) {
  const Fd reader{open("f", O_RDONLY)};
  EXPECT_EQ(lease_of(reader), F_UNLCK);
  EXPECT_OK(set_lease(reader, F_RDLCK));
  EXPECT_EQ(lease_of(reader), F_RDLCK);
  EXPECT_OK(set_lease(reader, F_RDLCK));
  EXPECT_OK(set_lease(reader, F_UNLCK));
  EXPECT_EQ(lease_of(reader), F_UNLCK);
  EXPECT_ERRNO(EAGAIN, set_lease(reader, F_UNLCK)) << "there is none";
  EXPECT_ERRNO(EINVAL, set_lease(reader, 77));
}

TEST_F(Lease, AReadLeaseWantsNoWriter) {
  {
    const Fd both{open("f", O_RDWR)};
    EXPECT_ERRNO(EAGAIN, set_lease(both, F_RDLCK));
  }
  const Fd reader{open("f", O_RDONLY)};
  {
    const Fd writer{open("f", O_WRONLY)};
    EXPECT_ERRNO(EAGAIN, set_lease(reader, F_RDLCK));
  }
  EXPECT_OK(set_lease(reader, F_RDLCK));
}

TEST_F(Lease, AWriteLeaseWantsToBeAlone) {
  const Fd both{open("f", O_RDWR)};
  {
    const Fd reader{open("f", O_RDONLY)};
    EXPECT_ERRNO(EAGAIN, set_lease(both, F_WRLCK));
  }
  EXPECT_OK(set_lease(both, F_WRLCK));
  EXPECT_EQ(lease_of(both), F_WRLCK);
  EXPECT_OK(set_lease(both, F_UNLCK));
  const Fd twin{dup(both)};
  EXPECT_OK(set_lease(both, F_WRLCK)) << "the same description";
}

TEST_F(Lease, AReaderMayHoldAWriteLease) {
  const Fd reader{open("f", O_RDONLY)};
  EXPECT_OK(set_lease(reader, F_WRLCK));
  EXPECT_EQ(lease_of(reader), F_WRLCK);
  EXPECT_OK(set_lease(reader, F_RDLCK));
  EXPECT_EQ(lease_of(reader), F_RDLCK);
}

TEST_F(Lease, SeveralReadersMayHoldOne) {
  const Fd one{open("f", O_RDONLY)}, other{open("f", O_RDONLY)};
  EXPECT_OK(set_lease(one, F_RDLCK));
  EXPECT_OK(set_lease(other, F_RDLCK));
  EXPECT_ERRNO(EAGAIN, set_lease(one, F_WRLCK));
  EXPECT_EQ(lease_of(one), F_RDLCK);
}

TEST_F(Lease, IsForRegularFilesOfOnes) {
  const Fd directory{open(".", O_RDONLY)};
  EXPECT_ERRNO(EINVAL, set_lease(directory, F_RDLCK));
  EXPECT_EQ(lease_of(directory), F_UNLCK);
  const auto pipe = make_pipe();
  EXPECT_ERRNO(EINVAL, set_lease(pipe.read, F_RDLCK));
  ASSERT_OK(chmod(".", 0777));
  EXPECT_EQ(as_user([] {
              const Fd roots{open("f", O_RDONLY)};
              EXPECT_ERRNO(EACCES, set_lease(roots, F_RDLCK));
              put("own", "x");
              const Fd own{open("own", O_RDONLY)};
              EXPECT_OK(set_lease(own, F_RDLCK));
            }),
            0);
  const Fd place{open("f", O_PATH)};
  EXPECT_ERRNO(EBADF, set_lease(place, F_RDLCK));
}

TEST_F(Lease, AReadLeaseIsBrokenByWritersOnly) {
  const Fd reader{open("f", O_RDONLY)};
  ASSERT_OK(set_lease(reader, F_RDLCK));
  {
    EXPECT_OK(Fd{open_now("f", O_RDONLY)});
  }
  EXPECT_EQ(told(), 0);
  EXPECT_ERRNO(EAGAIN, open_now("f", O_WRONLY));
  EXPECT_EQ(told(), SIGIO);
  EXPECT_EQ(lease_of(reader), F_UNLCK) << "what it is to become";
  EXPECT_ERRNO(EAGAIN, open_now("f", O_RDWR));
  EXPECT_EQ(told(), 0) << "told once";
  EXPECT_OK(set_lease(reader, F_UNLCK));
  EXPECT_OK(Fd{open_now("f", O_RDWR)});
}

TEST_F(Lease, AWriteLeaseIsBrokenByReadersToo) {
  const Fd holder{open("f", O_RDWR)};
  ASSERT_OK(set_lease(holder, F_WRLCK));
  EXPECT_ERRNO(EAGAIN, open_now("f", O_RDONLY));
  EXPECT_EQ(told(), SIGIO);
  EXPECT_EQ(lease_of(holder), F_RDLCK) << "what it is to become";
  EXPECT_ERRNO(EAGAIN, open_now("f", O_WRONLY));
  EXPECT_EQ(lease_of(holder), F_UNLCK);
}

TEST_F(Lease, IsToldByTheSignalOfFSetsig) {
  const Fd holder{open("f", O_RDONLY)};
  ASSERT_OK(set_lease(holder, F_RDLCK));
  ASSERT_OK(fcntl(holder, F_SETSIG, SIGRTMIN));
  EXPECT_ERRNO(EAGAIN, open_now("f", O_WRONLY));
  siginfo_t info{};
  EXPECT_EQ(told(&info), SIGRTMIN);
  EXPECT_EQ(info.si_fd, (int)holder);
  EXPECT_EQ(info.si_code, POLL_MSG);
  EXPECT_EQ(info.si_band, POLLIN | POLLRDNORM | POLLMSG);
}

TEST_F(Lease, TheOneWhoTookItIsTheOwnerUnlessAnotherWasNamed) {
  const Fd holder{open("f", O_RDONLY)};
  EXPECT_EQ(fcntl(holder, F_GETOWN), 0);
  ASSERT_OK(set_lease(holder, F_RDLCK));
  EXPECT_EQ(fcntl(holder, F_GETOWN), getpid());
  ASSERT_OK(fcntl(holder, F_SETOWN, getppid()));
  ASSERT_OK(set_lease(holder, F_RDLCK));
  EXPECT_EQ(fcntl(holder, F_GETOWN), getppid());
}

TEST_F(Lease, GivingItBackForgetsOwnerAndSignal) {
  const Fd holder{open("f", O_RDONLY)};
  ASSERT_OK(fcntl(holder, F_SETOWN, getppid()));
  ASSERT_OK(fcntl(holder, F_SETSIG, SIGRTMIN));
  ASSERT_OK(set_lease(holder, F_RDLCK));
  EXPECT_EQ(fcntl(holder, F_GETOWN), getppid());
  ASSERT_OK(set_lease(holder, F_UNLCK));
  EXPECT_EQ(fcntl(holder, F_GETOWN), 0);
  EXPECT_EQ(fcntl(holder, F_GETSIG), 0);
}

TEST_F(Lease, AnOpenWaitsUntilItIsGivenBack) {
  const Fd holder{open("f", O_RDONLY)};
  ASSERT_OK(set_lease(holder, F_RDLCK));
  const pid_t pid = blocked_in([] { EXPECT_OK(open("f", O_WRONLY)); });
  EXPECT_EQ(await_told(), SIGIO);
  ASSERT_OK(set_lease(holder, F_UNLCK));
  EXPECT_EQ(reap(pid), 0);
}

TEST_F(Lease, AnOpenForReadingWaitsForADowngradeOnly) {
  const Fd holder{open("f", O_RDONLY)};
  ASSERT_OK(set_lease(holder, F_WRLCK));
  const pid_t pid = blocked_in([] { EXPECT_OK(open("f", O_RDONLY)); });
  EXPECT_EQ(await_told(), SIGIO);
  ASSERT_OK(set_lease(holder, F_RDLCK));
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(lease_of(holder), F_RDLCK);
}

TEST_F(Lease, ClosingGivesItBack) {
  Fd holder{open("f", O_RDONLY)};
  ASSERT_OK(set_lease(holder, F_RDLCK));
  const pid_t pid = blocked_in([&] {
    holder.reset();
    EXPECT_OK(open("f", O_WRONLY));
  });
  holder.reset();
  EXPECT_EQ(reap(pid), 0);
}

TEST_F(Lease, IsTakenAwayWhenTheTimeIsOver) {
  const Setting time{"fs/lease-break-time"};
  EXPECT_EQ(time.read(), "45\n");
  ASSERT_OK(time.set("1"));
  const Fd holder{open("f", O_RDONLY)};
  ASSERT_OK(set_lease(holder, F_RDLCK));
  EXPECT_OK(Fd{open("f", O_WRONLY)});
  EXPECT_EQ(told(), SIGIO);
  EXPECT_EQ(lease_of(holder), F_UNLCK);
  EXPECT_ERRNO(EAGAIN, set_lease(holder, F_UNLCK));
}

TEST_F(Lease, OpensAndLeasesNeverOverlook) {
  const Fd holder{open("f", O_RDONLY)};
  std::atomic<int> writers{0};
  std::atomic<bool> done{false};
  std::thread opener{[&] {
    while (!done) {
      const Fd fd{open_now("f", O_WRONLY)};
      if (fd == -1) {
        EXPECT_EQ(errno, EAGAIN);
        continue;
      }
      ++writers;
      --writers;
    }
  }};
  int taken = 0;
  for (int i = 0; i < 5000 || (taken == 0 && i < 1'000'000); ++i) {
    if (set_lease(holder, F_RDLCK) == -1) {
      EXPECT_EQ(errno, EAGAIN);
      continue;
    }
    ++taken;
    EXPECT_EQ(writers, 0) << "open for writing beside a read lease";
    EXPECT_OK(set_lease(holder, F_UNLCK));
  }
  done = true;
  opener.join();
  EXPECT_GT(taken, 0);
}

TEST_F(Lease, AWaitingOpenIsInterrupted) {
  const Fd holder{open("f", O_RDONLY)};
  ASSERT_OK(set_lease(holder, F_RDLCK));
  const pid_t pid = blocked_in([] {
    count_signal(SIGUSR1);
    EXPECT_ERRNO(EINTR, open("f", O_WRONLY));
  });
  ASSERT_OK(kill(pid, SIGUSR1));
  EXPECT_EQ(reap(pid), 0);
}

TEST_F(Lease, TruncationBreaksIt) {
  const Fd holder{open("f", O_RDONLY)};
  ASSERT_OK(set_lease(holder, F_RDLCK));
  const pid_t pid = blocked_in([] { EXPECT_OK(truncate("f", 1)); });
  EXPECT_EQ(await_told(), SIGIO);
  EXPECT_EQ(stat_of("f").st_size, 7);
  ASSERT_OK(set_lease(holder, F_UNLCK));
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(stat_of("f").st_size, 1);
}

TEST_F(Lease, NamesAndAttributesDoNotBreakIt) {
  const Fd holder{open("f", O_RDONLY)};
  ASSERT_OK(set_lease(holder, F_WRLCK));
  EXPECT_OK(rename("f", "g"));
  EXPECT_OK(link("g", "h"));
  EXPECT_OK(chmod("g", 0600));
  EXPECT_OK(unlink("g"));
  EXPECT_EQ(stat_of("h").st_size, 7);
  EXPECT_OK(Fd{open("h", O_PATH)});
  EXPECT_EQ(told(), 0);
}

TEST_F(Lease, ChildrenInheritTheDescriptionAndSoTheLease) {
  const Fd holder{open("f", O_RDONLY)};
  ASSERT_OK(set_lease(holder, F_RDLCK));
  EXPECT_EQ(in_child([&] {
              EXPECT_EQ(lease_of(holder), F_RDLCK);
              EXPECT_OK(set_lease(holder, F_UNLCK));
            }),
            0);
  EXPECT_EQ(lease_of(holder), F_UNLCK);
}

TEST_F(Lease, MayBeForbidden) {
  const Setting enabled{"fs/leases-enable"};
  EXPECT_EQ(enabled.read(), "1\n");
  ASSERT_OK(enabled.set("0"));
  const Fd holder{open("f", O_RDONLY)};
  EXPECT_ERRNO(EINVAL, set_lease(holder, F_RDLCK));
  EXPECT_EQ(lease_of(holder), F_UNLCK);
}

TEST_F(Lease, AReadLeaseIsNotBrokenByItsHoldersReading) {
  const Fd holder{open("f", O_RDONLY)};
  ASSERT_OK(set_lease(holder, F_RDLCK));
  char byte;
  EXPECT_EQ(read(holder, &byte, 1), 1);
  EXPECT_EQ(told(), 0);
}

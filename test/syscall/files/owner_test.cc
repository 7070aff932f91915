/// fcntl(2): whom a file signals and by which signal (F_SETOWN, F_SETOWN_EX, F_SETSIG).
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

namespace {

constexpr int kGetOwnerUids = 17;  // F_GETOWNER_UIDS

f_owner_ex owner_of(int fd) {
  f_owner_ex owner{(decltype(f_owner_ex::type))77, 77};
  EXPECT_OK(fcntl(fd, F_GETOWN_EX, &owner));
  return owner;
}

int set_owner(int fd, int type, pid_t pid) {
  const f_owner_ex owner{(decltype(f_owner_ex::type))type, pid};
  return fcntl(fd, F_SETOWN_EX, &owner);
}

}  // namespace

TEST(FileOwner, IsNobodyAtFirst) {
  const Fd fd{open(".", O_RDONLY)};
  EXPECT_EQ(fcntl(fd, F_GETOWN), 0);
  EXPECT_EQ(fcntl(fd, F_GETSIG), 0);
  EXPECT_EQ(owner_of(fd).pid, 0);
  EXPECT_EQ((int)owner_of(fd).type, F_OWNER_TID);
}

TEST(FileOwner, IsAProcessOrWithAMinusAGroup) {
  const Fd fd{open(".", O_RDONLY)};
  EXPECT_EQ(fcntl(fd, F_SETOWN, getpid()), 0);
  EXPECT_EQ(fcntl(fd, F_GETOWN), getpid());
  EXPECT_EQ((int)owner_of(fd).type, F_OWNER_PID);
  EXPECT_EQ(fcntl(fd, F_SETOWN, -getpgrp()), 0);
  EXPECT_EQ(fcntl(fd, F_GETOWN), -getpgrp()) << "glibc asks F_GETOWN_EX";
  EXPECT_EQ((int)owner_of(fd).type, F_OWNER_PGRP);
  EXPECT_EQ(owner_of(fd).pid, getpgrp());
  EXPECT_EQ(fcntl(fd, F_SETOWN, 0), 0);
  EXPECT_EQ(fcntl(fd, F_GETOWN), 0);
  EXPECT_EQ((int)owner_of(fd).type, F_OWNER_PID);
}

TEST(FileOwner, IsSharedByDuplicates) {
  const Fd fd{open(".", O_RDONLY)}, twin{dup(fd)}, other{open(".", O_RDONLY)};
  EXPECT_EQ(fcntl(fd, F_SETOWN, getpid()), 0);
  EXPECT_EQ(fcntl(fd, F_SETSIG, SIGRTMIN), 0);
  EXPECT_EQ(fcntl(twin, F_GETOWN), getpid());
  EXPECT_EQ(fcntl(twin, F_GETSIG), SIGRTMIN);
  EXPECT_EQ(fcntl(other, F_GETOWN), 0);
}

TEST(FileOwner, MayBeAThread) {
  const Fd fd{open(".", O_RDONLY)};
  EXPECT_EQ(set_owner(fd, F_OWNER_TID, gettid()), 0);
  EXPECT_EQ((int)owner_of(fd).type, F_OWNER_TID);
  EXPECT_EQ(owner_of(fd).pid, gettid());
  EXPECT_EQ(fcntl(fd, F_GETOWN), gettid());
}

TEST(FileOwner, AThreadsNumberNamesNoProcess) {
  static int fd;
  const Fd file{open(".", O_RDONLY)};
  fd = file;
  pthread_t thread;
  const auto body = [](void*) -> void* {
    EXPECT_EQ(set_owner(fd, F_OWNER_PID, gettid()), 0);
    EXPECT_EQ(owner_of(fd).pid, 0);
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, nullptr, body, nullptr), 0);
  pthread_join(thread, nullptr);
}

TEST(FileOwner, IsForgottenWhenItIsGone) {
  const Fd fd{open(".", O_RDONLY)};
  const pid_t pid = spawn([] { pause(); });
  EXPECT_EQ(fcntl(fd, F_SETOWN, pid), 0);
  EXPECT_EQ(fcntl(fd, F_GETOWN), pid);
  kill(pid, SIGKILL);
  reap(pid);
  EXPECT_EQ(fcntl(fd, F_GETOWN), 0);
  EXPECT_EQ((int)owner_of(fd).type, F_OWNER_PID);
}

TEST(FileOwner, KnowsWhoSetIt) {
  const Fd fd{open(".", O_RDONLY)};
  EXPECT_EQ(as_user([&] { EXPECT_EQ(fcntl(fd, F_SETOWN, getpid()), 0); }), 0);
  uid_t uids[2] = {77, 77};
  EXPECT_OK(fcntl(fd, kGetOwnerUids, uids));
  EXPECT_EQ(uids[0], kUser);
  EXPECT_EQ(uids[1], kUser);
}

TEST(FileOwner, RefusesWhatNamesNobody) {
  const Fd fd{open(".", O_RDONLY)};
  EXPECT_ERRNO(ESRCH, fcntl(fd, F_SETOWN, 999999));
  EXPECT_ERRNO(ESRCH, fcntl(fd, F_SETOWN, -999999));
  EXPECT_ERRNO(EINVAL, fcntl(fd, F_SETOWN, INT_MIN));
  EXPECT_ERRNO(ESRCH, set_owner(fd, F_OWNER_PID, 999999));
  EXPECT_ERRNO(EINVAL, set_owner(fd, 3, getpid()));
  EXPECT_ERRNO(EFAULT, fcntl(fd, F_SETOWN_EX, 1));
  EXPECT_ERRNO(EFAULT, fcntl(fd, F_GETOWN_EX, 1));
  EXPECT_ERRNO(EFAULT, fcntl(fd, kGetOwnerUids, 1));
  EXPECT_ERRNO(EINVAL, fcntl(fd, F_SETSIG, 65));
  EXPECT_ERRNO(EINVAL, fcntl(fd, F_SETSIG, -1));
  const Fd place{open(".", O_PATH)};
  EXPECT_ERRNO(EBADF, fcntl(place, F_SETOWN, getpid()));
  EXPECT_ERRNO(EBADF, fcntl(place, F_GETSIG));
}

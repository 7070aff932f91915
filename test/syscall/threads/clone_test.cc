/// clone(2), clone3(2): what parent and child share, and what is refused.
#include <asm/prctl.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"
#include "support/signals.h"

using namespace systest;

namespace {

/// A child that runs `body` on a stack of its own and exits with what it answers.
class Child {
 public:
  Child(std::uint64_t flags, const std::function<int()>& body, std::uint64_t tls = 0) : body_(body) {
    pid = ::clone(&Child::enter, stack_.at(31) + kPage - 64, (int)flags, this, nullptr, (void*)tls);
  }
  int pid;

 private:
  static int enter(void* self) { return static_cast<Child*>(self)->body_(); }
  std::function<int()> body_;
  Pages stack_{32};
};

int wait_all(int pid) {
  int status = -1;
  EXPECT_EQ(waitpid(pid, &status, __WALL), pid);
  return outcome(status);
}

int run(std::uint64_t flags, const std::function<int()>& body) {
  const Child child{flags, body};
  EXPECT_OK(child.pid);
  return wait_all(child.pid);
}

long clone3(const clone_args& arguments, std::size_t size = sizeof(clone_args)) {
  return syscall(SYS_clone3, &arguments, size);
}
long clone3_exits(const clone_args& arguments, std::size_t size = sizeof(clone_args)) {
  const long pid = clone3(arguments, size);
  if (pid == 0) _exit(0);
  return pid;
}

clone_args plain() {
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  return arguments;
}

}  // namespace

TEST(CloneFlags, FilesAreSharedOrCopied) {
  const int fd = open("/dev/null", O_RDONLY);
  EXPECT_EQ(run(SIGCHLD, [fd] { return close(fd); }), 0);
  EXPECT_EQ(fcntl(fd, F_GETFD), 0) << "the child closed its own";
  EXPECT_EQ(run(CLONE_FILES | SIGCHLD, [fd] { return close(fd); }), 0);
  EXPECT_ERRNO(EBADF, fcntl(fd, F_GETFD));
}

TEST(CloneFlags, DirectoryAndUmaskAreSharedOrCopied) {
  ASSERT_OK(mkdir("below", 0755));
  umask(022);
  const auto change = [] { return chdir("below") + (int)umask(077) - 022; };
  EXPECT_EQ(run(SIGCHLD, change), 0);
  EXPECT_OK(access("below", F_OK));
  EXPECT_EQ(run(CLONE_FS | SIGCHLD, change), 0);
  EXPECT_ERRNO(ENOENT, access("below", F_OK));
  EXPECT_EQ(umask(022), 077u);
}

TEST(CloneFlags, MemoryAndHandlersAreSharedOrCopied) {
  static volatile int value;
  const auto change = [] {
    value = value + 1;
    return ::signal(SIGUSR1, SIG_IGN) == SIG_ERR ? 1 : 0;
  };
  const auto ignored = [] {
    struct sigaction now;
    EXPECT_OK(sigaction(SIGUSR1, nullptr, &now));
    return now.sa_handler == SIG_IGN;
  };
  EXPECT_EQ(run(SIGCHLD, change), 0);
  EXPECT_EQ(value, 0);
  EXPECT_FALSE(ignored());
  EXPECT_EQ(run(CLONE_VM | SIGCHLD, change), 0);
  EXPECT_EQ(value, 1);
  EXPECT_FALSE(ignored());
  EXPECT_EQ(run(CLONE_VM | CLONE_SIGHAND | SIGCHLD, change), 0);
  EXPECT_EQ(value, 2);
  EXPECT_TRUE(ignored());
}

TEST(CloneFlags, VforkHoldsTheParent) {
  static volatile bool ended;
  const Child child{CLONE_VM | CLONE_VFORK | SIGCHLD, [] {
                      usleep(20'000);
                      ended = true;
                      return 6;
                    }};
  EXPECT_TRUE(ended);
  EXPECT_EQ(wait_all(child.pid), 6);
}

TEST(CloneFlags, ParentMakesASibling) {
  auto pipe = make_pipe();
  const pid_t self = getpid();
  const pid_t middle = spawn([&] {
    const Child child{CLONE_PARENT, [self] { return getppid() == self ? 8 : 9; }};
    EXPECT_EQ(write(pipe.write, &child.pid, sizeof child.pid), (ssize_t)sizeof child.pid);
    EXPECT_ERRNO(ECHILD, waitpid(child.pid, nullptr, __WALL)) << "not its own";
  });
  int sibling = 0;
  ASSERT_EQ(read(pipe.read, &sibling, sizeof sibling), (ssize_t)sizeof sibling);
  EXPECT_EQ(reap(middle), 0);
  EXPECT_EQ(wait_all(sibling), 8);
}

TEST(CloneFlags, ThreadPointerIsSet) {
  static std::uint64_t seen_base;
  const Pages area{2};
  const auto wanted = (std::uint64_t)area.at(1);
  const Child child{CLONE_VM | CLONE_SETTLS | SIGCHLD,
                    [] { return (int)syscall(SYS_arch_prctl, ARCH_GET_FS, &seen_base); }, wanted};
  EXPECT_EQ(wait_all(child.pid), 0);
  EXPECT_EQ(seen_base, wanted);
  EXPECT_ERRNO(EPERM, syscall(SYS_clone, CLONE_SETTLS | SIGCHLD, 0, 0, 0, 0xffff'8000'0000'0000));
}

TEST(CloneFlags, ExitSignalIsTheCallersChoice) {
  count_signal(SIGUSR2);
  const Child child{SIGUSR2, [] { return 4; }};
  EXPECT_ERRNO(ECHILD, waitpid(child.pid, nullptr, 0)) << "a child with another signal is a clone";
  EXPECT_EQ(wait_all(child.pid), 4);
  EXPECT_EQ(seen.signal, SIGUSR2);
}

TEST(CloneFlags, ImpossibleSetsAreRefused) {
  for (const std::uint64_t flags :
       {CLONE_SIGHAND, CLONE_THREAD, CLONE_THREAD | CLONE_SIGHAND, CLONE_FS | CLONE_NEWNS, CLONE_FS | CLONE_NEWUSER}) {
    EXPECT_ERRNO(EINVAL, syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0)) << flags;
  }
}

TEST(Clone3, RunsWithEachKnownSize) {
  for (const std::size_t size : {64, 80, 88}) {
    const long pid = clone3_exits(plain(), size);
    ASSERT_OK(pid);
    EXPECT_EQ(reap((pid_t)pid), 0);
  }
  struct {
    clone_args known = plain();
    std::uint64_t later = 0;
  } longer;
  const long pid = clone3_exits(longer.known, sizeof longer);
  ASSERT_OK(pid);
  EXPECT_EQ(reap((pid_t)pid), 0);
  longer.later = 1;
  EXPECT_ERRNO(E2BIG, clone3_exits(longer.known, sizeof longer));
}

TEST(Clone3, RefusesBadArguments) {
  EXPECT_ERRNO(EINVAL, clone3(plain(), 0));
  EXPECT_ERRNO(EINVAL, clone3(plain(), 63));
  EXPECT_ERRNO(E2BIG, clone3(plain(), 8192));
  EXPECT_ERRNO(EFAULT, syscall(SYS_clone3, nullptr, sizeof(clone_args)));
  const auto refused = [](const std::function<void(clone_args&)>& spoil) {
    clone_args arguments = plain();
    spoil(arguments);
    EXPECT_ERRNO(EINVAL, clone3_exits(arguments));
  };
  refused([](clone_args& a) { a.flags = SIGCHLD; });
  refused([](clone_args& a) { a.flags = 0x0040'0000; });
  refused([](clone_args& a) { a.flags = 1ull << 40; });
  refused([](clone_args& a) { a.exit_signal = 65; });
  refused([](clone_args& a) { a.exit_signal = 1ull << 33; });
  refused([](clone_args& a) { a.stack = 4096; });
  refused([](clone_args& a) { a.stack_size = 4096; });
  refused([](clone_args& a) { a.set_tid_size = 1; });
  refused([](clone_args& a) { a.set_tid_size = 33, a.set_tid = (std::uint64_t)&a; });
  refused([](clone_args& a) { a.flags = CLONE_PARENT; });
  refused([](clone_args& a) { a.flags = CLONE_CLEAR_SIGHAND | CLONE_SIGHAND | CLONE_VM; });
}

TEST(Clone3, ChosenNumberIsTakenUnlessItIsInUse) {
  pid_t wanted = 20'000;
  clone_args arguments = plain();
  arguments.set_tid = (std::uint64_t)&wanted;
  arguments.set_tid_size = 1;
  ASSERT_EQ(clone3_exits(arguments), wanted);
  EXPECT_ERRNO(EEXIST, clone3_exits(arguments)) << "not waited for yet";
  EXPECT_EQ(reap(wanted), 0);
  wanted = 0;
  EXPECT_ERRNO(EINVAL, clone3_exits(arguments));
  wanted = 20'000;
  EXPECT_EQ(as_user([&] { EXPECT_ERRNO(EPERM, clone3_exits(arguments)); }), 0);
}

TEST(Clone3, HandlersAreClearedAndIgnoredSignalsStayIgnored) {
  count_signal(SIGUSR1);
  signal(SIGUSR2, SIG_IGN);
  clone_args arguments = plain();
  arguments.flags = CLONE_CLEAR_SIGHAND;
  const long pid = clone3(arguments);
  if (pid == 0) {
    struct sigaction first, second;
    sigaction(SIGUSR1, nullptr, &first);
    sigaction(SIGUSR2, nullptr, &second);
    _exit(first.sa_handler == SIG_DFL && second.sa_handler == SIG_IGN ? 0 : 1);
  }
  EXPECT_EQ(reap((pid_t)pid), 0);
}

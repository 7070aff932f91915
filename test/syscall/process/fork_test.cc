/// fork(2) and vfork(2).
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"
#include "support/signals.h"

using namespace systest;

TEST(Fork, ChildHasItsOwnPidAndItsParentsPidAsParent) {
  const pid_t parent = getpid();
  Pages shared_nothing{1};
  EXPECT_EQ(in_child([&] {
              EXPECT_NE(getpid(), parent);
              EXPECT_EQ(getppid(), parent);
              EXPECT_EQ(getpid(), (pid_t)syscall(SYS_gettid));
            }),
            0);
}

TEST(Fork, ReturnsThePidThatTheChildSees) {
  auto pipe = make_pipe();
  const pid_t pid = spawn([&] {
    const pid_t self = getpid();
    EXPECT_EQ(write(pipe.write, &self, sizeof self), (ssize_t)sizeof self);
  });
  pid_t told = 0;
  EXPECT_EQ(read(pipe.read, &told, sizeof told), (ssize_t)sizeof told);
  EXPECT_EQ(told, pid);
  EXPECT_EQ(reap(pid), 0);
}

TEST(Fork, MemoryIsCopiedBothWays) {
  Pages pages{2};
  *pages.at(0) = 'p';
  Gate changed, checked;
  const pid_t pid = spawn([&] {
    EXPECT_EQ(*pages.at(0), 'p');
    *pages.at(1) = 'c';
    changed.wait();
    EXPECT_EQ(*pages.at(0), 'p');
  });
  *pages.at(0) = 'q';
  changed.open();
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(*pages.at(1), 0);
}

TEST(Fork, SharedAnonymousMemoryStaysShared) {
  void* shared = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_OK(shared);
  EXPECT_EQ(in_child([&] { *static_cast<char*>(shared) = 's'; }), 0);
  EXPECT_EQ(*static_cast<char*>(shared), 's');
  munmap(shared, kPage);
}

TEST(Fork, ManyPagesAreCopiedOnWriteInGrandchildrenToo) {
  Pages pages{64};
  for (std::size_t i = 0; i < 64; i++) *pages.at(i) = (char)i;
  EXPECT_EQ(in_child([&] {
              for (std::size_t i = 0; i < 64; i += 2) *pages.at(i) = 'x';
              EXPECT_EQ(in_child([&] {
                          for (std::size_t i = 0; i < 64; i++) {
                            EXPECT_EQ(*pages.at(i), i % 2 == 0 ? 'x' : (char)i);
                            *pages.at(i) = 'y';
                          }
                        }),
                        0);
              for (std::size_t i = 0; i < 64; i++) EXPECT_EQ(*pages.at(i), i % 2 == 0 ? 'x' : (char)i);
            }),
            0);
  for (std::size_t i = 0; i < 64; i++) EXPECT_EQ(*pages.at(i), (char)i);
}

TEST(Fork, FileOffsetIsSharedWithTheChild) {
  put("file", "abcdef");
  Fd fd{open("file", O_RDONLY)};
  EXPECT_EQ(in_child([&] { EXPECT_EQ(lseek(fd, 3, SEEK_SET), 3); }), 0);
  EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 3);
}

TEST(Fork, DescriptorTableIsACopy) {
  Fd fd{open("/dev/null", O_RDONLY)};
  EXPECT_EQ(in_child([&] { EXPECT_OK(close(fd)); }), 0);
  EXPECT_OK(fcntl(fd, F_GETFD));
}

TEST(Fork, InheritsMaskAndHandlersButNotPendingSignals) {
  block({SIGUSR1});
  count_signal(SIGUSR2);
  raise(SIGUSR1);
  EXPECT_EQ(in_child([] {
              sigset_t pending, blocked;
              EXPECT_OK(sigpending(&pending));
              EXPECT_EQ(sigismember(&pending, SIGUSR1), 0);
              EXPECT_OK(sigprocmask(SIG_BLOCK, nullptr, &blocked));
              EXPECT_EQ(sigismember(&blocked, SIGUSR1), 1);
              raise(SIGUSR2);
              EXPECT_EQ(seen.count, 1);
            }),
            0);
  EXPECT_EQ(seen.count, 0);
}

TEST(Fork, InheritsWorkingDirectoryAndUmask) {
  ASSERT_OK(mkdir("inner", 0755));
  ASSERT_OK(chdir("inner"));
  umask(027);
  EXPECT_EQ(in_child([] {
              char cwd[256];
              ASSERT_NE(getcwd(cwd, sizeof cwd), nullptr);
              EXPECT_TRUE(std::string_view(cwd).ends_with("/inner"));
              EXPECT_EQ(umask(0), 027u);
              EXPECT_OK(chdir(".."));
            }),
            0);
  EXPECT_EQ(umask(022), 027u);
  EXPECT_OK(access("../inner", F_OK));
}

TEST(Fork, AlarmIsNotInherited) {
  alarm(1000);
  EXPECT_EQ(in_child([] { EXPECT_EQ(alarm(0), 0u); }), 0);
  EXPECT_GT(alarm(0), 0u);
}

TEST(Fork, FailsWithEagainAtTheProcessLimitOfAUser) {
  EXPECT_EQ(as_user([] {
              const rlimit limit{1, 1};
              ASSERT_OK(setrlimit(RLIMIT_NPROC, &limit));
              EXPECT_ERRNO(EAGAIN, fork());
            }),
            0);
}

TEST(Vfork, ParentContinuesOnlyAfterTheChildExits) {
  volatile int from_child = 0;
  const pid_t pid = vfork();
  if (pid == 0) {
    from_child = 42;
    _exit(7);
  }
  EXPECT_EQ(from_child, 42);
  EXPECT_EQ(reap(pid), 7);
}

TEST(Vfork, ParentContinuesAfterTheChildExecs) {
  const char* const argv[] = {own_path(), "@exit", "5", nullptr};
  const pid_t pid = vfork();
  if (pid == 0) {
    execv(argv[0], const_cast<char* const*>(argv));
    _exit(9);
  }
  EXPECT_EQ(reap(pid), 5);
}

TEST(Clone, WithSignalFlagsOnlyIsFork) {
  const long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) _exit(3);
  EXPECT_EQ(reap((pid_t)pid), 3);
}

TEST(Clone, SetsTidInParentAndChild) {
  Pages pages{1};
  auto* parent_tid = reinterpret_cast<volatile int*>(pages.at());
  auto* child_tid = parent_tid + 1;
  const long flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD;
  const long pid = syscall(SYS_clone, flags, 0, parent_tid, child_tid, 0);
  if (pid == 0) _exit(*child_tid == (int)syscall(SYS_gettid) ? 0 : 1);
  EXPECT_EQ(*parent_tid, pid);
  EXPECT_EQ(*child_tid, 0);
  EXPECT_EQ(reap((pid_t)pid), 0);
}

TEST(Clone, RefusesImpossibleFlagCombinations) {
  EXPECT_ERRNO(EINVAL, syscall(SYS_clone, CLONE_THREAD | SIGCHLD, 0, 0, 0, 0));
  EXPECT_ERRNO(EINVAL, syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0));
}

TEST(Clone, WithoutExitSignalNeedsWaitForClones) {
  const long pid = syscall(SYS_clone, 0, 0, 0, 0, 0);
  if (pid == 0) _exit(4);
  EXPECT_ERRNO(ECHILD, waitpid((pid_t)pid, nullptr, 0));
  int status = 0;
  EXPECT_EQ(waitpid((pid_t)pid, &status, __WCLONE), pid);
  EXPECT_EQ(outcome(status), 4);
}

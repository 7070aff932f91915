/// kcmp(2), process_vm_readv(2), process_vm_writev(2), process_madvise(2).
#include <fcntl.h>
#include <linux/kcmp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"

using namespace systest;

namespace {

int kcmp(pid_t a, pid_t b, int type, unsigned long x = 0, unsigned long y = 0) {
  return (int)syscall(SYS_kcmp, a, b, type, x, y);
}

}  // namespace

TEST(Kcmp, TellsSharedFromOwn) {
  const pid_t self = getpid();
  const Sleeper other;
  for (int type : {KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND}) {
    EXPECT_EQ(kcmp(self, self, type), 0) << type;
    const int order = kcmp(self, other, type);
    EXPECT_TRUE(order == 1 || order == 2) << type;
    EXPECT_EQ(kcmp(other, self, type), 3 - order) << type;
  }
  EXPECT_EQ(kcmp(self, other, KCMP_SYSVSEM), 0) << "neither has any";
  const int set = semget(IPC_PRIVATE, 1, 0600);
  sembuf up{0, 1, SEM_UNDO};
  EXPECT_OK(semop(set, &up, 1));
  EXPECT_NE(kcmp(self, other, KCMP_SYSVSEM), 0) << "one has";
  EXPECT_OK(semctl(set, 0, IPC_RMID));
}

TEST(Kcmp, FilesAreComparedByDescription) {
  const pid_t self = getpid();
  put("f", "");
  const Fd one{open("f", O_RDONLY)}, copy{dup(one)}, again{open("f", O_RDONLY)};
  EXPECT_EQ(kcmp(self, self, KCMP_FILE, one, copy), 0);
  EXPECT_NE(kcmp(self, self, KCMP_FILE, one, again), 0);
  const Sleeper child;
  EXPECT_EQ(kcmp(self, child, KCMP_FILE, one, one), 0) << "fork shares descriptions";
  EXPECT_ERRNO(EBADF, kcmp(self, self, KCMP_FILE, one, 99));
  EXPECT_ERRNO(EBADF, kcmp(self, self, KCMP_FILE, 99, one));
}

TEST(Kcmp, ThreadsShareEverything) {
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void*) -> void* {
                  for (int type : {KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND})
                    EXPECT_EQ(kcmp(getpid(), gettid(), type), 0) << type;
                  return nullptr;
                },
                nullptr),
            0);
  pthread_join(thread, nullptr);
}

TEST(Kcmp, RefusesUnknownThingsAndStrangers) {
  EXPECT_ERRNO(EINVAL, kcmp(getpid(), getpid(), 99));
  EXPECT_ERRNO(ESRCH, kcmp(getpid(), 999999, KCMP_VM));
  EXPECT_ERRNO(ESRCH, kcmp(999999, getpid(), KCMP_VM));
  const pid_t roots = getpid();
  EXPECT_EQ(as_user([=] { EXPECT_ERRNO(EPERM, kcmp(getpid(), roots, KCMP_VM)); }), 0);
}

TEST(ProcessVm, ReadsAnotherProcess) {
  static char theirs[9000];
  memset(theirs, 'p', sizeof theirs);
  const Sleeper child{[] { memset(theirs, 'c', sizeof theirs); }};
  static char mine[9000];
  iovec local{mine, sizeof mine}, remote{theirs, sizeof theirs};
  EXPECT_EQ(process_vm_readv(child, &local, 1, &remote, 1, 0), (ssize_t)sizeof mine);
  EXPECT_EQ(mine[0], 'c');
  EXPECT_EQ(mine[8999], 'c');
  EXPECT_EQ(theirs[0], 'p') << "ours is as it was";
}

TEST(ProcessVm, WritesAnotherProcess) {
  static volatile char theirs[10] = "before";
  Gate look, done;
  const pid_t child = spawn([&] {
    look.wait();
    EXPECT_STREQ((const char*)theirs, "after");
    done.open();
  });
  char text[] = "after";
  iovec local{text, sizeof text}, remote{(void*)theirs, sizeof text};
  EXPECT_EQ(process_vm_writev(child, &local, 1, &remote, 1, 0), (ssize_t)sizeof text);
  EXPECT_STREQ((const char*)theirs, "before") << "copy-on-write was broken for the child only";
  look.open();
  EXPECT_EQ(reap(child), 0);
}

TEST(ProcessVm, GathersAndScatters) {
  char a[4] = "abc", b[8] = "defghij", to[3][4] = {};
  iovec remote[] = {{a, 3}, {b, 7}}, local[] = {{to[0], 4}, {to[1], 4}, {to[2], 4}};
  EXPECT_EQ(process_vm_readv(getpid(), local, 3, remote, 2, 0), 10);
  EXPECT_EQ(std::string(&to[0][0], 10), "abcdefghij");
}

TEST(ProcessVm, StopsAtTheFirstBadRemotePage) {
  Pages pages{2};
  memset(pages.at(), 'x', 2 * kPage);
  ASSERT_OK(munmap(pages.at(1), kPage));
  static char to[200];
  iovec local{to, sizeof to}, remote{pages.at(1) - 100, 200};
  EXPECT_EQ(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), 100);
  remote = {pages.at(1), 100};
  EXPECT_ERRNO(EFAULT, process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
}

TEST(ProcessVm, HonoursTheTargetsProtection) {
  Pages pages{1};
  poke(pages.at(), 1);
  char byte = 7;
  iovec local{&byte, 1}, remote{pages.at(), 1};
  ASSERT_OK(mprotect(pages.at(), kPage, PROT_READ));
  EXPECT_ERRNO(EFAULT, process_vm_writev(getpid(), &local, 1, &remote, 1, 0));
  EXPECT_EQ(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), 1);
  ASSERT_OK(mprotect(pages.at(), kPage, PROT_NONE));
  EXPECT_ERRNO(EFAULT, process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
}

TEST(ProcessVm, RefusesBadArguments) {
  char byte;
  iovec one{&byte, 1}, none{&byte, 0};
  EXPECT_ERRNO(EINVAL, process_vm_readv(getpid(), &one, 1, &one, 1, 1));
  EXPECT_ERRNO(EINVAL, process_vm_readv(getpid(), &one, 2000, &one, 1, 0));
  EXPECT_ERRNO(EINVAL, process_vm_readv(getpid(), &one, 1, &one, 2000, 0));
  EXPECT_ERRNO(ESRCH, process_vm_readv(999999, &one, 1, &one, 1, 0));
  EXPECT_EQ(process_vm_readv(999999, &none, 1, &one, 1, 0), 0) << "nothing to do";
  EXPECT_EQ(process_vm_readv(999999, &one, 1, &none, 1, 0), 0);
  EXPECT_ERRNO(EFAULT, process_vm_readv(getpid(), (iovec*)1, 1, &one, 1, 0));
  EXPECT_ERRNO(EFAULT, process_vm_readv(getpid(), &one, 1, (iovec*)1, 1, 0));
}

TEST(ProcessVm, NeedsTheRightsOfATracer) {
  static char byte = 'r';
  const Sleeper roots;
  EXPECT_EQ(as_user([&] {
              iovec one{&byte, 1};
              EXPECT_ERRNO(EPERM, process_vm_readv(roots, &one, 1, &one, 1, 0));
              const Sleeper own{[] { ASSERT_OK(prctl(PR_SET_DUMPABLE, 1)); }};
              EXPECT_EQ(process_vm_readv(own, &one, 1, &one, 1, 0), 1);
              const Sleeper hidden{[] { ASSERT_OK(prctl(PR_SET_DUMPABLE, 0)); }};
              EXPECT_ERRNO(EPERM, process_vm_readv(hidden, &one, 1, &one, 1, 0));
            }),
            0);
}

TEST(ProcessVm, ZombieHasNoMemory) {
  static char byte;
  const pid_t pid = spawn([] {});
  await_state(pid, 'Z');
  iovec one{&byte, 1};
  EXPECT_ERRNO(ESRCH, process_vm_readv(pid, &one, 1, &one, 1, 0));
  reap(pid);
}

TEST(ProcessMadvise, AdvisesByDescriptor) {
  Pages pages{3};
  memset(pages.at(), 1, pages.size());
  const Fd self{(int)syscall(SYS_pidfd_open, getpid(), 0)};
  iovec ranges[] = {{pages.at(0), kPage}, {pages.at(2), kPage}};
  EXPECT_EQ(syscall(SYS_process_madvise, (int)self, ranges, 2, MADV_COLD, 0), (long)(2 * kPage));
  EXPECT_EQ(syscall(SYS_process_madvise, (int)self, ranges, 2, MADV_PAGEOUT, 0), (long)(2 * kPage));
  EXPECT_EQ(peek(pages.at(2)), 1) << "advice loses nothing";
  EXPECT_ERRNO(EINVAL, syscall(SYS_process_madvise, (int)self, ranges, 2, MADV_DONTNEED, 0));
  EXPECT_ERRNO(EINVAL, syscall(SYS_process_madvise, (int)self, ranges, 2, MADV_COLD, 1));
  EXPECT_ERRNO(EBADF, syscall(SYS_process_madvise, -1, ranges, 2, MADV_COLD, 0));
  ranges[0].iov_base = pages.at(0) + 1;
  EXPECT_ERRNO(EINVAL, syscall(SYS_process_madvise, (int)self, ranges, 1, MADV_COLD, 0));
}

TEST(ProcessMadvise, NeedsThePrivilegeToChangePriorities) {
  Pages pages{1};
  EXPECT_EQ(as_user([&] {
              ASSERT_OK(prctl(PR_SET_DUMPABLE, 1));
              const Fd self{(int)syscall(SYS_pidfd_open, getpid(), 0)};
              iovec range{pages.at(), kPage};
              EXPECT_ERRNO(EPERM, syscall(SYS_process_madvise, (int)self, &range, 1, MADV_COLD, 0));
            }),
            0);
}

/// Calls with several things wrong: which of them is told. The manual pages leave it open; programs that probe see it.
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

namespace {

void* const kKernel = (void*)0xffff800000000000;  // no user memory
char* const kNowhere = (char*)8;                  // user memory that nothing is mapped at
constexpr int kNoFd = 999;

struct Precedence : testing::Test {
  void SetUp() override {
    put("file", "text");
    ASSERT_OK(mkdir("folder", 0755));
    file = Fd{open("file", O_RDWR)};
    std::tie(out, in) = ends();
  }
  static std::pair<Fd, Fd> ends() {
    int fds[2];
    EXPECT_OK(pipe(fds));
    return {Fd{fds[0]}, Fd{fds[1]}};
  }
  /// A page that cannot be written.
  static void* read_only() { return mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
  Fd file, out, in;
};

}  // namespace

TEST_F(Precedence, AnEmptyPathBeforeItsDirectory) {
  struct stat s;
  EXPECT_ERRNO(ENOENT, openat(kNoFd, "", O_RDONLY));
  EXPECT_ERRNO(ENOENT, mkdirat(kNoFd, "", 0700));
  EXPECT_ERRNO(ENOENT, unlinkat(kNoFd, "", 0));
  EXPECT_ERRNO(ENOENT, symlinkat("x", kNoFd, ""));
  EXPECT_ERRNO(ENOENT, symlinkat("", kNoFd, "x"));
  EXPECT_ERRNO(ENOENT, fstatat(kNoFd, "", &s, 0));
  EXPECT_ERRNO(EBADF, fstatat(kNoFd, "", &s, AT_EMPTY_PATH));
  EXPECT_ERRNO(ENOENT, faccessat(kNoFd, "", F_OK, 0));
}

TEST_F(Precedence, FlagsOfOpenBeforeThePath) {
  EXPECT_ERRNO(EINVAL, open(kNowhere, O_TMPFILE | O_RDONLY, 0600));
  EXPECT_ERRNO(EINVAL, openat(kNoFd, "x", O_TMPFILE | O_RDONLY, 0600));
  EXPECT_ERRNO(EFAULT, open(kNowhere, O_RDONLY));
}

TEST_F(Precedence, FlagsThatContradictEachOther) {
  EXPECT_ERRNO(EINVAL, open("new", O_CREAT | O_DIRECTORY, 0600));
  EXPECT_ERRNO(EINVAL, open(".", O_TMPFILE | O_RDONLY, 0600));
  EXPECT_GE((int)Fd{open(".", O_TMPFILE | O_ACCMODE, 0600)}, 0) << "write is among them";
  EXPECT_GE((int)Fd{open(".", O_PATH | O_CREAT | O_DIRECTORY, 0600)}, 0) << "O_PATH counts alone";
}

TEST_F(Precedence, APieceOfAPipeComesWholeOrNotAtAll) {
  auto* const two = (char*)mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_OK(munmap(two + 4096, 4096));
  EXPECT_ERRNO(EFAULT, write(in, two + 4090, 10)) << "no page of it is whole";
  int waiting = -1;
  EXPECT_OK(ioctl(out, FIONREAD, &waiting));
  EXPECT_EQ(waiting, 0);
  const auto [other_out, other_in] = ends();
  EXPECT_EQ(write(other_in, two, 4097), 4096) << "one page is";
}

TEST_F(Precedence, AFileSystemsModesBeforeTheLimit) {
  const pid_t child = spawn([&] {
    const rlimit small{4096, 4096};
    EXPECT_OK(setrlimit(RLIMIT_FSIZE, &small));
    EXPECT_ERRNO(EOPNOTSUPP, fallocate(file, 0x20, 0, 1 << 20));  // FALLOC_FL_INSERT_RANGE; no SIGXFSZ
    fallocate(file, 1, 0, 1 << 20);                               // FALLOC_FL_KEEP_SIZE: the limit counts all the same
  });
  EXPECT_EQ(reap(child), 128 + SIGXFSZ);
}

TEST_F(Precedence, ProcFilesAreNotWatchedNorWrittenAtOffsets) {
  const Fd status{open("/proc/self/status", O_RDONLY)}, mounts{open("/proc/self/mounts", O_RDONLY)};
  const Fd epoll{epoll_create1(0)};
  epoll_event event{};
  EXPECT_ERRNO(EPERM, epoll_ctl(epoll, EPOLL_CTL_ADD, status, &event));
  EXPECT_OK(epoll_ctl(epoll, EPOLL_CTL_ADD, mounts, &event));
  EXPECT_ERRNO(ESPIPE, pwrite(status, "x", 1, 0));
  EXPECT_ERRNO(EBADF, write(status, "x", 1));
}

TEST_F(Precedence, LinksInFdSayWhatTheyAreFor) {
  const auto mode_of = [](int fd) {
    struct stat s{};
    EXPECT_OK(lstat(("/proc/self/fd/" + std::to_string(fd)).c_str(), &s));
    return s.st_mode;
  };
  EXPECT_EQ(mode_of(out), (mode_t)S_IFLNK | 0500);
  EXPECT_EQ(mode_of(in), (mode_t)S_IFLNK | 0300);
  EXPECT_EQ(mode_of(file), (mode_t)S_IFLNK | 0700);
  const Fd place{open(".", O_PATH)};
  EXPECT_EQ(mode_of(place), (mode_t)S_IFLNK);
}

TEST_F(Precedence, TheOldNameBeforeTheNew) {
  EXPECT_ERRNO(ENOENT, rename("", kNowhere));
  EXPECT_ERRNO(ENOTDIR, renameat(file, "x", kNoFd, "y"));
  EXPECT_ERRNO(EBADF, renameat(AT_FDCWD, "file", kNoFd, "y"));
  EXPECT_ERRNO(EINVAL, syscall(SYS_renameat2, kNoFd, kNowhere, kNoFd, kNowhere, 0x100));
  EXPECT_ERRNO(ENOENT, link("absent", kNowhere));
  EXPECT_ERRNO(ENOTDIR, linkat(file, "x", kNoFd, "y", 0));
  EXPECT_ERRNO(EFAULT, link("file", kNowhere));
}

TEST_F(Precedence, TheTypeOfANodeBeforeItsPath) {
  EXPECT_ERRNO(EPERM, mknod(kNowhere, S_IFDIR, 0));
  EXPECT_ERRNO(EINVAL, mknod(kNowhere, S_IFLNK, 0));
  const pid_t child = spawn([] {
    EXPECT_OK(chmod(".", 0755));
    EXPECT_OK(setresuid(1000, 1000, 1000));
    EXPECT_ERRNO(EEXIST, mknod("file", S_IFCHR, 0)) << "before the capability";
    EXPECT_ERRNO(EACCES, mknod("new", S_IFCHR, 0));
  });
  EXPECT_EQ(reap(child), 0);
}

TEST_F(Precedence, TheAddressOfABufferBeforeItsUse) {
  char byte;
  EXPECT_ERRNO(EFAULT, pread(file, kKernel, 1, 100)) << "although nothing is read there";
  EXPECT_ERRNO(EFAULT, read(file, &byte, ~size_t{0}));
  EXPECT_ERRNO(EBADF, read(in, kKernel, 1)) << "the wrong end";
  EXPECT_ERRNO(ESPIPE, pread(out, kKernel, 1, 0));
  EXPECT_ERRNO(EINVAL, pread(kNoFd, &byte, 1, -1));
}

TEST_F(Precedence, VectorsAreCheckedAsAWhole) {
  char byte;
  const iovec good_and_bad[] = {{&byte, 1}, {kKernel, 1}}, nothing{&byte, 0};
  EXPECT_ERRNO(EFAULT, readv(file, good_and_bad, 2)) << "although the first would do";
  EXPECT_ERRNO(ESPIPE, preadv(out, nullptr, 2000, 0)) << "before the vector";
  EXPECT_ERRNO(EINVAL, readv(file, nullptr, 2000));
  const Fd folder{open("folder", O_RDONLY)};
  EXPECT_EQ(readv(folder, &nothing, 1), 0) << "no bytes are no read";
  EXPECT_ERRNO(EISDIR, read(folder, &byte, 0));
  EXPECT_EQ(preadv2(file, &nothing, 1, 0, 1 << 30), 0);
  EXPECT_ERRNO(EOPNOTSUPP, preadv2(file, good_and_bad, 1, 0, 1 << 30));
}

TEST_F(Precedence, SocketCallsLookAtTheAddressFirst) {
  char byte;
  EXPECT_ERRNO(EFAULT, sendto(kNoFd, kKernel, 1, 0, nullptr, 0));
  EXPECT_ERRNO(EFAULT, recvfrom(kNoFd, kKernel, 1, 0, nullptr, nullptr));
  EXPECT_ERRNO(EBADF, sendto(kNoFd, &byte, 1, 0, nullptr, 0));
  EXPECT_ERRNO(EBADF, accept4(kNoFd, nullptr, nullptr, 0x10));
  EXPECT_ERRNO(EINVAL, accept4(file, nullptr, nullptr, 0x10));
  EXPECT_ERRNO(EINVAL, connect(file, (sockaddr*)&byte, 4096));
  EXPECT_ERRNO(EBADF, connect(kNoFd, (sockaddr*)&byte, 4096));
  EXPECT_ERRNO(ENOTSOCK, bind(file, (sockaddr*)&byte, 4096));
}

TEST_F(Precedence, OffsetsOfCopiesBeforeTheirFiles) {
  loff_t negative = -1;
  EXPECT_ERRNO(EFAULT, syscall(SYS_sendfile, kNoFd, kNoFd, kNowhere, 1));
  EXPECT_ERRNO(EFAULT, syscall(SYS_sendfile, kNoFd, kNoFd, read_only(), 1)) << "it is written back in any case";
  EXPECT_ERRNO(ESPIPE, syscall(SYS_sendfile, kNoFd, (int)out, &negative, 1));
  EXPECT_ERRNO(EBADF, copy_file_range(kNoFd, (loff_t*)kNowhere, file, nullptr, 1, 1));
  EXPECT_ERRNO(EFAULT, copy_file_range(file, (loff_t*)kNowhere, file, nullptr, 1, 1));
  EXPECT_ERRNO(EINVAL, copy_file_range(file, nullptr, file, nullptr, 1, 1));
  EXPECT_ERRNO(EFAULT, splice(file, (loff_t*)kNowhere, file, nullptr, 1, 0)) << "before there is no pipe";
}

TEST_F(Precedence, StringsOfExecBeforeTheProgram) {
  char* bad[] = {kNowhere, nullptr};
  char* good[] = {nullptr};
  EXPECT_ERRNO(EFAULT, execve("absent", bad, good));
  EXPECT_ERRNO(EFAULT, execve("absent", good, bad));
  EXPECT_ERRNO(ENOENT, execve("", bad, bad));
  EXPECT_ERRNO(EFAULT, syscall(SYS_execveat, kNoFd, "x", bad, good, 0x8000));
  EXPECT_ERRNO(EINVAL, syscall(SYS_execveat, kNoFd, "x", good, good, 0x8000));
  EXPECT_ERRNO(EBADF, syscall(SYS_execveat, kNoFd, "x", good, good, 0));
}

TEST_F(Precedence, TimesAfterTheirFile) {
  const timespec bad[2] = {{0, -5}, {0, 0}};
  EXPECT_ERRNO(ENOENT, utimensat(AT_FDCWD, "absent", bad, 0));
  EXPECT_ERRNO(EINVAL, utimensat(AT_FDCWD, "file", bad, 0));
  EXPECT_ERRNO(EINVAL, utimensat(AT_FDCWD, "absent", bad, 0x8000));
}

TEST_F(Precedence, LocksBeforeTheirFile) {
  EXPECT_ERRNO(EINVAL, flock(kNoFd, 3));
  EXPECT_ERRNO(EBADF, flock(kNoFd, LOCK_SH));
  EXPECT_OK(flock(kNoFd, 32 | LOCK_SH)) << "LOCK_MAND means nothing";
}

TEST_F(Precedence, WaitidWritesInAnyCase) {
  siginfo_t info;
  memset(&info, 0xff, sizeof info);
  EXPECT_ERRNO(EINVAL, syscall(SYS_waitid, 77, 0, &info, WEXITED, nullptr));
  EXPECT_EQ(info.si_pid, 0);
  EXPECT_EQ(info.si_signo, 0);
  EXPECT_ERRNO(EFAULT, syscall(SYS_waitid, 77, 0, read_only(), 0, nullptr));
}

TEST_F(Precedence, LimitsOfOthersBeforeTheirNumber) {
  const pid_t child = spawn([] {
    EXPECT_OK(setresuid(1000, 1000, 1000));
    EXPECT_ERRNO(EPERM, syscall(SYS_prlimit64, 1, 99, nullptr, nullptr));
    EXPECT_ERRNO(EINVAL, syscall(SYS_prlimit64, 0, 99, nullptr, nullptr));
    EXPECT_ERRNO(ESRCH, syscall(SYS_prlimit64, 1 << 22, 99, nullptr, nullptr));
  });
  EXPECT_EQ(reap(child), 0);
}

TEST_F(Precedence, SetgroupsReadsOneByOne) {
  auto* const page = (unsigned*)mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(page + 1024, 4096);
  page[1023] = ~0u;
  EXPECT_ERRNO(EINVAL, syscall(SYS_setgroups, 2, page + 1023)) << "no group, before the fault behind it";
  page[1023] = 5;
  EXPECT_ERRNO(EFAULT, syscall(SYS_setgroups, 2, page + 1023));
}

TEST_F(Precedence, SelectTakesManyMicroseconds) {
  timeval t{0, 1'000'001};
  fd_set none;
  FD_ZERO(&none);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(syscall(SYS_select, 0, nullptr, nullptr, nullptr, &t), 0);
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::seconds(1));
  t = {-1, 1'000'000};
  EXPECT_EQ(syscall(SYS_select, 0, nullptr, nullptr, nullptr, &t), 0);
  t = {-1, 0};
  EXPECT_ERRNO(EINVAL, syscall(SYS_select, 0, nullptr, nullptr, nullptr, &t));
  timespec bad{0, -1};
  EXPECT_ERRNO(EFAULT, syscall(SYS_pselect6, 0, nullptr, nullptr, nullptr, &bad, kNowhere));
}

TEST_F(Precedence, VmspliceOfNothing) {
  char byte;
  const iovec nothing{&byte, 0};
  EXPECT_EQ(syscall(SYS_vmsplice, (int)file, &nothing, 1, 0), 0) << "before it is no pipe";
  EXPECT_ERRNO(EFAULT, syscall(SYS_vmsplice, (int)file, kNowhere, 1, 0));
  const iovec one{&byte, 1};
  EXPECT_ERRNO(EBADF, syscall(SYS_vmsplice, (int)file, &one, 1, 0));
}

TEST_F(Precedence, MemoryCalls) {
  const long page = 4096;
  void* const at = read_only();
  EXPECT_ERRNO(EFAULT, mincore((void*)page, 4096, (unsigned char*)kKernel)) << "before nothing is mapped";
  EXPECT_ERRNO(ENOMEM, syscall(SYS_mprotect, 0xfffffffffffff000, 4096, 0x5000));
  EXPECT_ERRNO(EINVAL, syscall(SYS_mprotect, at, 4096, 0x5000));
  EXPECT_ERRNO(EOVERFLOW, syscall(SYS_mmap, nullptr, 4096, PROT_READ, 0, (int)file, 0xfffffffffffff000));
  EXPECT_ERRNO(EFAULT, syscall(SYS_futex, at, FUTEX_WAKE, 1, nullptr, nullptr, 0))
      << "a shared futex on a page that can never change";
  EXPECT_EQ(syscall(SYS_futex, at, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, nullptr, nullptr, 0), 0);
}

TEST_F(Precedence, AnUnknownHugePageSegment) {
  EXPECT_ERRNO(ENOENT, shmget(0x7788, 4096, SHM_HUGETLB));
  EXPECT_ERRNO(EINVAL, shmget(IPC_PRIVATE, 4096, SHM_HUGETLB | 5 << 26 | IPC_CREAT)) << "no such page size";
  EXPECT_ERRNO(ENOMEM, shmget(IPC_PRIVATE, 4096, SHM_HUGETLB | IPC_CREAT | 0600));
}

TEST_F(Precedence, OthersProcessMemory) {
  char byte;
  const iovec one{&byte, 1}, nothing{&byte, 0};
  EXPECT_EQ(process_vm_readv(1 << 22, &nothing, 1, (iovec*)kNowhere, 9999, 0), 0) << "no bytes, before all else";
  EXPECT_ERRNO(EFAULT, process_vm_readv(1 << 22, (iovec*)kNowhere, 1, &one, 9999, 0));
  EXPECT_ERRNO(EINVAL, process_vm_readv(1 << 22, &one, 1, &one, 9999, 0));
  EXPECT_ERRNO(ESRCH, process_vm_readv(1 << 22, &one, 1, &one, 1, 0));
}

TEST_F(Precedence, ProcFoldersCannotBeChanged) {
  EXPECT_ERRNO(ENOENT, mkdir("/proc/self/new", 0700));
  EXPECT_ERRNO(EPERM, unlink("/proc/self/stat")) << "nobody writes them, root neither";
  EXPECT_ERRNO(EPERM, rmdir("/proc/self/stat"));
  EXPECT_ERRNO(EPERM, chown("/proc/self", 1, 1));
  EXPECT_ERRNO(EPERM, chmod("/proc/self/stat", 0644));
  EXPECT_OK(chown("/proc/self/stat", 1, 1)) << "until the next look";
  EXPECT_OK(utimensat(AT_FDCWD, "/proc/self/stat", nullptr, 0));
  EXPECT_OK(chmod("/sys/devices", 0700));
  EXPECT_OK(chmod("/sys/devices", 0755));
}

TEST_F(Precedence, AProcessEntersItsOwnDescriptors) {
  const pid_t child = spawn([] {
    EXPECT_OK(setresuid(1000, 1000, 1000));  // not dumpable any more: the folder is root's
    struct stat s;
    EXPECT_OK(stat("/proc/self/fd", &s));
    EXPECT_EQ(s.st_uid, 0u);
    EXPECT_OK(stat("/proc/self/fd/0", &s));
    EXPECT_GE((int)Fd{open("/proc/self/fd", O_RDONLY | O_DIRECTORY)}, 0);
  });
  EXPECT_EQ(reap(child), 0);
}

TEST_F(Precedence, APlaceInProcIsNotDeleted) {
  const Fd status{open("/proc/self/status", O_RDONLY)};
  char text[100] = {};
  EXPECT_GT(readlink(("/proc/self/fd/" + std::to_string(status)).c_str(), text, sizeof text - 1), 0);
  EXPECT_EQ(std::string(text), "/proc/" + std::to_string(getpid()) + "/status");
}

TEST_F(Precedence, SmallAnswers) {
  int value = 0;
  EXPECT_EQ(prctl(PR_GET_SECCOMP), 0);
  EXPECT_OK(prctl(PR_GET_TSC, &value));
  EXPECT_EQ(value, PR_TSC_ENABLE);
  EXPECT_OK(prctl(PR_SET_TSC, PR_TSC_ENABLE));
  EXPECT_ERRNO(EINVAL, prctl(PR_SET_TSC, 7));
  EXPECT_OK(prctl(PR_TASK_PERF_EVENTS_DISABLE));
  EXPECT_OK(ioctl(file, _IO(0, 2), &value)) << "FIGETBSZ";
  EXPECT_EQ(value, 4096);
  struct stat s;
  EXPECT_OK(fstatat(AT_FDCWD, "file", &s, 0x2000)) << "AT_STATX_FORCE_SYNC";
}

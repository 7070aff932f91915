/// pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2), CLONE_PIDFD, waitid(P_PIDFD).
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/signals.h"

using namespace systest;

namespace {

int pidfd_open(pid_t pid, unsigned flags = 0) { return (int)syscall(SYS_pidfd_open, pid, flags); }
int pidfd_send_signal(int fd, int signal, siginfo_t* info = nullptr, unsigned flags = 0) {
  return (int)syscall(SYS_pidfd_send_signal, fd, signal, info, flags);
}
int pidfd_getfd(int fd, int theirs, unsigned flags = 0) { return (int)syscall(SYS_pidfd_getfd, fd, theirs, flags); }

short poll_now(int fd, short events = POLLIN) {
  pollfd p{fd, events, 0};
  EXPECT_GE(poll(&p, 1, 0), 0);
  return p.revents;
}

std::string fdinfo(int fd) { return slurp(("/proc/self/fdinfo/" + std::to_string(fd)).c_str()); }

constexpr unsigned kNonblock = O_NONBLOCK;  // PIDFD_NONBLOCK
constexpr idtype_t kByPidfd = (idtype_t)3;  // P_PIDFD

int info_code, info_value;
void on_info(int, siginfo_t* info, void*) {
  info_code = info->si_code;
  info_value = info->si_value.sival_int;
}

pid_t clone3_child(clone_args& args) { return (pid_t)syscall(SYS_clone3, &args, sizeof args); }

}  // namespace

TEST(PidfdOpen, GivesACloseOnExecDescriptor) {
  const Fd fd{pidfd_open(getpid())};
  ASSERT_OK((int)fd);
  EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
  char name[64] = {};
  ASSERT_GT(readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), name, sizeof name - 1), 0);
  EXPECT_STREQ(name, "anon_inode:[pidfd]");
}

TEST(PidfdOpen, NonblockIsAStatusFlag) {
  const Fd fd{pidfd_open(getpid(), kNonblock)};
  ASSERT_OK((int)fd);
  EXPECT_NE(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
}

TEST(PidfdOpen, RefusesWhatNamesNoProcess) {
  EXPECT_ERRNO(EINVAL, pidfd_open(0));
  EXPECT_ERRNO(EINVAL, pidfd_open(-1));
  EXPECT_ERRNO(EINVAL, pidfd_open(getpid(), 1));
  EXPECT_ERRNO(ESRCH, pidfd_open(999999));
}

TEST(PidfdOpen, RefusesAThreadThatIsNotTheFirst) {
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void*) -> void* {
                  EXPECT_ERRNO(EINVAL, pidfd_open(gettid()));
                  return nullptr;
                },
                nullptr),
            0);
  pthread_join(thread, nullptr);
}

TEST(PidfdOpen, OpensAZombieButNotAReapedChild) {
  const pid_t pid = spawn([] {});
  await_state(pid, 'Z');
  const Fd fd{pidfd_open(pid)};
  EXPECT_OK((int)fd);
  EXPECT_EQ(poll_now(fd), POLLIN);
  EXPECT_EQ(reap(pid), 0);
  EXPECT_ERRNO(ESRCH, pidfd_open(pid));
}

TEST(PidfdOpen, ReadWriteAndSeekDoNotApply) {
  const Fd fd{pidfd_open(getpid())};
  char byte = 0;
  EXPECT_ERRNO(EINVAL, read(fd, &byte, 1));
  EXPECT_ERRNO(EINVAL, write(fd, &byte, 1));
}

TEST(PidfdOpen, FailsAtTheDescriptorLimit) {
  EXPECT_EQ(in_child([] {
              rlimit limit{3, 3};
              ASSERT_OK(setrlimit(RLIMIT_NOFILE, &limit));
              EXPECT_ERRNO(EMFILE, pidfd_open(getpid()));
            }),
            0);
}

TEST(PidfdPoll, IsReadableWhenTheProcessHasEnded) {
  Gate finish;
  const pid_t pid = spawn([&] { finish.wait(); });
  const Fd fd{pidfd_open(pid)};
  EXPECT_EQ(poll_now(fd), 0);
  finish.open();
  pollfd p{fd, POLLIN, 0};
  EXPECT_EQ(poll(&p, 1, -1), 1);
  EXPECT_EQ(p.revents, POLLIN);
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(poll_now(fd, POLLIN | POLLRDNORM), POLLIN | POLLRDNORM) << "also after it was waited for";
}

TEST(PidfdPoll, WakesAPollerWhenAForeignProcessEnds) {
  Gate finish;
  const pid_t pid = spawn([&] { finish.wait(); });
  const pid_t watcher = spawn([&] {
    const Fd fd{pidfd_open(pid)};
    ASSERT_OK((int)fd);
    pollfd p{fd, POLLIN, 0};
    EXPECT_EQ(poll(&p, 1, -1), 1);
  });
  await_state(watcher, 'S');
  finish.open();
  EXPECT_EQ(reap(watcher), 0);
  EXPECT_EQ(reap(pid), 0);
}

TEST(PidfdPoll, StaysQuietWhileOtherThreadsOfAnExitedLeaderRun) {
  Gate finish;
  static Gate* gate;
  gate = &finish;
  const pid_t pid = spawn([] {
    pthread_t thread;
    pthread_create(
        &thread, nullptr,
        [](void*) -> void* {
          gate->wait();
          _exit(7);
        },
        nullptr);
    syscall(SYS_exit, 0);
  });
  const Fd fd{pidfd_open(pid)};
  ASSERT_OK((int)fd);
  await_state(pid, 'Z');
  EXPECT_EQ(poll_now(fd), 0);
  finish.open();
  EXPECT_EQ(reap(pid), 7);
  EXPECT_EQ(poll_now(fd), POLLIN);
}

TEST(PidfdInfo, FdinfoNamesTheProcess) {
  const pid_t pid = spawn([] {});
  const Fd fd{pidfd_open(pid)};
  EXPECT_NE(fdinfo(fd).find("Pid:\t" + std::to_string(pid) + "\n"), std::string::npos) << fdinfo(fd);
  EXPECT_NE(fdinfo(fd).find("NSpid:\t" + std::to_string(pid) + "\n"), std::string::npos);
  EXPECT_EQ(reap(pid), 0);
  EXPECT_NE(fdinfo(fd).find("Pid:\t-1\n"), std::string::npos) << fdinfo(fd);
}

TEST(PidfdSendSignal, SendsAndOnlyChecksWithZero) {
  const pid_t pid = spawn([] { pause(); });
  const Fd fd{pidfd_open(pid)};
  EXPECT_OK(pidfd_send_signal(fd, 0));
  EXPECT_OK(pidfd_send_signal(fd, SIGTERM));
  EXPECT_EQ(reap(pid), 128 + SIGTERM);
  EXPECT_ERRNO(ESRCH, pidfd_send_signal(fd, 0));
  EXPECT_ERRNO(ESRCH, pidfd_send_signal(fd, SIGTERM));
}

TEST(PidfdSendSignal, RefusesBadArguments) {
  const Fd fd{pidfd_open(getpid())};
  const Fd file{open("/dev/null", O_RDONLY)};
  EXPECT_ERRNO(EINVAL, pidfd_send_signal(fd, 0, nullptr, 1));
  EXPECT_ERRNO(EINVAL, pidfd_send_signal(fd, 65));
  EXPECT_ERRNO(EINVAL, pidfd_send_signal(fd, -1));
  EXPECT_ERRNO(EBADF, pidfd_send_signal(file, 0));
  EXPECT_ERRNO(EBADF, pidfd_send_signal(-1, 0));
  siginfo_t info{};
  info.si_signo = SIGUSR1;
  info.si_code = SI_QUEUE;
  EXPECT_ERRNO(EINVAL, pidfd_send_signal(fd, SIGUSR2, &info)) << "numbers differ";
}

TEST(PidfdSendSignal, CarriesTheGivenInfo) {
  struct sigaction action{};
  action.sa_sigaction = on_info;
  action.sa_flags = SA_SIGINFO;
  ASSERT_OK(sigaction(SIGUSR1, &action, nullptr));
  const Fd fd{pidfd_open(getpid())};
  siginfo_t info{};
  info.si_signo = SIGUSR1;
  info.si_code = SI_QUEUE;
  info.si_value.sival_int = 42;
  EXPECT_OK(pidfd_send_signal(fd, SIGUSR1, &info));
  EXPECT_EQ(info_code, SI_QUEUE);
  EXPECT_EQ(info_value, 42);
  EXPECT_OK(pidfd_send_signal(fd, SIGUSR1));
  EXPECT_EQ(info_code, SI_USER);
}

TEST(PidfdSendSignal, PosingAsTheKernelIsForOneselfOnly) {
  const pid_t pid = spawn([] { pause(); });
  const Fd other{pidfd_open(pid)}, self{pidfd_open(getpid())};
  count_signal(SIGUSR1);
  siginfo_t info{};
  info.si_signo = SIGUSR1;
  info.si_code = SI_USER;
  EXPECT_ERRNO(EPERM, pidfd_send_signal(other, SIGUSR1, &info));
  info.si_code = SI_TKILL;
  EXPECT_ERRNO(EPERM, pidfd_send_signal(other, SIGUSR1, &info));
  EXPECT_OK(pidfd_send_signal(self, SIGUSR1, &info));
  EXPECT_EQ(seen.count, 1);
  kill(pid, SIGKILL);
  reap(pid);
}

TEST(PidfdSendSignal, FollowsThePermissionsOfKill) {
  const pid_t roots = spawn([] { pause(); });
  const Fd fd{pidfd_open(roots)};
  EXPECT_EQ(as_user([&] { EXPECT_ERRNO(EPERM, pidfd_send_signal(fd, SIGTERM)); }), 0);
  kill(roots, SIGKILL);
  reap(roots);
}

TEST(PidfdSendSignal, TakesAFolderOfProcForAPidfd) {
  const pid_t pid = spawn([] { pause(); });
  const std::string folder = "/proc/" + std::to_string(pid);
  const Fd fd{open(folder.c_str(), O_RDONLY | O_DIRECTORY)};
  ASSERT_OK((int)fd);
  EXPECT_OK(pidfd_send_signal(fd, 0));
  EXPECT_OK(pidfd_send_signal(fd, SIGTERM));
  EXPECT_EQ(reap(pid), 128 + SIGTERM);
  EXPECT_ERRNO(ESRCH, pidfd_send_signal(fd, 0));
}

TEST(PidfdSendSignal, RefusesOtherFoldersAndFilesOfProc) {
  for (const char* path :
       {"/proc", "/proc/sys", "/proc/self/fd", "/proc/self/task", "/proc/self/stat", "/sys", "/tmp"}) {
    const Fd fd{open(path, O_RDONLY)};
    ASSERT_OK((int)fd) << path;
    EXPECT_ERRNO(EBADF, pidfd_send_signal(fd, 0)) << path;
  }
  const Fd thread{open(("/proc/self/task/" + std::to_string(gettid())).c_str(), O_RDONLY)};
  EXPECT_ERRNO(EBADF, pidfd_send_signal(thread, 0));
  const Fd place{open("/proc/self", O_PATH)};
  EXPECT_ERRNO(EBADF, pidfd_send_signal(place, 0));
  const Fd self{open("/proc/self", O_RDONLY)};
  EXPECT_OK(pidfd_send_signal(self, 0));
  EXPECT_ERRNO(EBADF, pidfd_getfd(self, 0)) << "but this is no pidfd";
  siginfo_t info{};
  EXPECT_ERRNO(EBADF, waitid(kByPidfd, (id_t)(int)self, &info, WEXITED));
}

TEST(PidfdSendSignal, AThreadsFolderAtTheTopReachesItsProcess) {
  count_signal(SIGUSR1);
  pthread_t thread;
  const auto body = [](void*) -> void* {
    const Fd fd{open(("/proc/" + std::to_string(gettid())).c_str(), O_RDONLY)};
    EXPECT_OK((int)fd);
    EXPECT_OK(pidfd_send_signal(fd, SIGUSR1));
    siginfo_t info{};
    info.si_signo = SIGUSR1;
    info.si_code = SI_USER;
    EXPECT_OK(pidfd_send_signal(fd, SIGUSR1, &info)) << "it is the caller";
    const Fd process{pidfd_open(getpid())};
    EXPECT_ERRNO(EPERM, pidfd_send_signal(process, SIGUSR1, &info)) << "the first thread is another";
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, nullptr, body, nullptr), 0);
  pthread_join(thread, nullptr);
  EXPECT_GE(seen.count, 1);
}

TEST(PidfdGetfd, DuplicatesAnotherProcessesDescriptor) {
  Gate ready, finish;
  const pid_t pid = spawn([&] {
    put("theirs", "from the child");
    ASSERT_EQ(dup2(open("theirs", O_RDONLY), 50), 50);
    ready.open();
    finish.wait();
  });
  ready.wait();
  const Fd fd{pidfd_open(pid)};
  const Fd taken{pidfd_getfd(fd, 50)};
  ASSERT_OK((int)taken);
  EXPECT_EQ(fcntl(taken, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(read_some(taken), "from the child");
  EXPECT_ERRNO(EBADF, pidfd_getfd(fd, 51));
  EXPECT_ERRNO(EBADF, pidfd_getfd(fd, -1));
  EXPECT_ERRNO(EINVAL, pidfd_getfd(fd, 50, 1));
  EXPECT_ERRNO(EBADF, pidfd_getfd(taken, 50));
  finish.open();
  EXPECT_EQ(reap(pid), 0);
  EXPECT_ERRNO(ESRCH, pidfd_getfd(fd, 50));
}

TEST(PidfdGetfd, NeedsTheRightsOfATracer) {
  Gate finish;
  const pid_t pid = spawn([&] { finish.wait(); });
  const Fd fd{pidfd_open(pid)};
  EXPECT_EQ(as_user([&] { EXPECT_ERRNO(EPERM, pidfd_getfd(fd, 0)); }), 0);
  finish.open();
  EXPECT_EQ(reap(pid), 0);
}

TEST(WaitidPidfd, ReapsTheProcess) {
  const pid_t pid = spawn([] { _exit(5); });
  const Fd fd{pidfd_open(pid)};
  siginfo_t info{};
  EXPECT_OK(waitid(kByPidfd, (id_t)(int)fd, &info, WEXITED));
  EXPECT_EQ(info.si_pid, pid);
  EXPECT_EQ(info.si_status, 5);
  EXPECT_ERRNO(ECHILD, waitid(kByPidfd, (id_t)(int)fd, &info, WEXITED));
}

TEST(WaitidPidfd, NonblockSaysEagainInsteadOfWaiting) {
  Gate finish;
  const pid_t pid = spawn([&] { finish.wait(); });
  const Fd fd{pidfd_open(pid, kNonblock)};
  siginfo_t info{};
  EXPECT_ERRNO(EAGAIN, waitid(kByPidfd, (id_t)(int)fd, &info, WEXITED));
  info.si_pid = 77;
  EXPECT_OK(waitid(kByPidfd, (id_t)(int)fd, &info, WEXITED | WNOHANG)) << "WNOHANG is as ever";
  EXPECT_EQ(info.si_pid, 0);
  finish.open();
  pollfd p{fd, POLLIN, 0};
  EXPECT_EQ(poll(&p, 1, -1), 1);
  EXPECT_OK(waitid(kByPidfd, (id_t)(int)fd, &info, WEXITED));
  EXPECT_EQ(info.si_pid, pid);
}

TEST(WaitidPidfd, RefusesOtherDescriptorsAndStrangers) {
  siginfo_t info{};
  const Fd file{open("/dev/null", O_RDONLY)};
  EXPECT_ERRNO(EBADF, waitid(kByPidfd, (id_t)(int)file, &info, WEXITED));
  EXPECT_ERRNO(EBADF, waitid(kByPidfd, 99, &info, WEXITED));
  EXPECT_ERRNO(EINVAL, waitid(kByPidfd, (id_t)-1, &info, WEXITED));
  const Fd self{pidfd_open(getpid())};
  EXPECT_ERRNO(ECHILD, waitid(kByPidfd, (id_t)(int)self, &info, WEXITED));
}

TEST(ClonePidfd, Clone3StoresTheDescriptor) {
  int fd = -1;
  clone_args args{};
  args.flags = CLONE_PIDFD;
  args.pidfd = (uint64_t)&fd;
  args.exit_signal = SIGCHLD;
  const pid_t pid = clone3_child(args);
  if (pid == 0) _exit(6);
  ASSERT_GT(pid, 0);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  EXPECT_NE(fdinfo(fd).find("Pid:\t" + std::to_string(pid) + "\n"), std::string::npos);
  siginfo_t info{};
  EXPECT_OK(waitid(kByPidfd, (id_t)fd, &info, WEXITED));
  EXPECT_EQ(info.si_status, 6);
  close(fd);
}

TEST(ClonePidfd, CloneStoresItAtTheParentsTid) {
  int fd = -1;
  const pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, nullptr, &fd, nullptr, 0);
  if (pid == 0) _exit(0);
  ASSERT_GT(pid, 0);
  ASSERT_GE(fd, 0);
  EXPECT_OK(pidfd_send_signal(fd, 0));
  EXPECT_EQ(reap(pid), 0);
  close(fd);
}

TEST(ClonePidfd, ChildDoesNotHaveTheDescriptor) {
  Fd low{open("/dev/null", O_RDONLY)};
  const int expected = low;
  low.reset();
  int fd = -1;
  const pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, nullptr, &fd, nullptr, 0);
  if (pid == 0) _exit(fcntl(expected, F_GETFD) == -1 ? 0 : 1);
  EXPECT_EQ(fd, expected) << "the lowest free number";
  EXPECT_EQ(reap(pid), 0);
  close(fd);
}

TEST(ClonePidfd, RefusesWhatCannotBe) {
  int fd = -1, tid = 0;
  EXPECT_ERRNO(EINVAL, syscall(SYS_clone, CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, nullptr, &fd, nullptr, 0));
  EXPECT_ERRNO(EINVAL, syscall(SYS_clone, CLONE_PIDFD | CLONE_DETACHED | SIGCHLD, nullptr, &fd, nullptr, 0));
  clone_args args{};
  args.flags = CLONE_PIDFD | CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;
  args.pidfd = (uint64_t)&fd;
  EXPECT_ERRNO(EINVAL, clone3_child(args));
  args.flags = CLONE_PIDFD | CLONE_PARENT_SETTID;
  args.parent_tid = (uint64_t)&fd;
  EXPECT_ERRNO(EINVAL, clone3_child(args)) << "both at one place";
  args.flags = CLONE_PIDFD;
  args.pidfd = 0x1000;
  EXPECT_ERRNO(EFAULT, clone3_child(args));
  args.flags = CLONE_PIDFD | CLONE_PARENT_SETTID;
  args.pidfd = (uint64_t)&fd;
  args.parent_tid = (uint64_t)&tid;
  args.exit_signal = SIGCHLD;
  const pid_t pid = clone3_child(args);
  if (pid == 0) _exit(0);
  EXPECT_EQ(tid, pid);
  EXPECT_EQ(reap(pid), 0);
  close(fd);
}

TEST(ClonePidfd, IsReadableAfterTheChildIsReapedByItself) {
  signal(SIGCHLD, SIG_IGN);
  int fd = -1;
  const pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, nullptr, &fd, nullptr, 0);
  if (pid == 0) _exit(0);
  pollfd p{fd, POLLIN, 0};
  EXPECT_EQ(poll(&p, 1, -1), 1);
  close(fd);
}

/// fcntl(2) F_NOTIFY: a signal for what happens in a directory.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <string>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/signals.h"

using namespace systest;

namespace {

/// Opens `path` as a directory that tells of `what` by the real-time signal, which is blocked.
Fd told_of(const char* path, unsigned what) {
  block({SIGRTMIN, SIGIO});
  Fd fd{open(path, O_RDONLY | O_DIRECTORY)};
  EXPECT_OK(fcntl(fd, F_SETSIG, SIGRTMIN));
  EXPECT_OK(fcntl(fd, F_NOTIFY, what));
  return fd;
}

/// Takes the signals that wait; returns how many, and the last in `info`.
int taken(siginfo_t* info = nullptr) {
  const sigset_t set = set_of({SIGRTMIN});
  const timespec now{};
  siginfo_t ignored;
  int count = 0;
  while (sigtimedwait(&set, info != nullptr ? info : &ignored, &now) == SIGRTMIN) ++count;
  return count;
}

bool sigio_waits() {
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, SIGIO) == 1;
}

constexpr unsigned kAlways = DN_MULTISHOT;

}  // namespace

TEST(DirectoryNotice, TellsOfANewEntryOnceWithTheDescriptor) {
  const Fd fd = told_of(".", DN_CREATE);
  put("new", "x");
  siginfo_t info{};
  EXPECT_EQ(taken(&info), 1);
  EXPECT_EQ(info.si_fd, fd);
  EXPECT_EQ(info.si_code, POLL_MSG);
  EXPECT_EQ(info.si_errno, 0);
  EXPECT_EQ(info.si_band, 0x441) << "POLLIN, POLLRDNORM, POLLMSG";
  put("second", "x");
  EXPECT_EQ(taken(), 0) << "without DN_MULTISHOT once is all";
}

TEST(DirectoryNotice, MultishotTellsEachTime) {
  const Fd fd = told_of(".", DN_CREATE | kAlways);
  EXPECT_OK(mkdir("a", 0755));
  EXPECT_OK(symlink("x", "b"));
  EXPECT_OK(mkfifo("c", 0644));
  EXPECT_OK(link("b", "d"));
  EXPECT_EQ(taken(), 4);
}

TEST(DirectoryNotice, EachBitIsOneKindOfEvent) {
  put("file", "x");
  ASSERT_OK(mkdir("other", 0755));
  const auto after = [](unsigned what, auto change) {
    const Fd fd = told_of(".", what | kAlways);
    change();
    return taken();
  };
  const auto write_it = [] {
    const Fd f{open("file", O_WRONLY)};
    EXPECT_EQ(write(f, "y", 1), 1);
  };
  const auto read_it = [] { read_some(Fd{open("file", O_RDONLY)}); };
  const auto chmod_it = [] { chmod("file", 0600); };
  const auto rename_it = [] {
    rename("file", "named");
    rename("named", "file");
  };
  const auto move_out_and_in = [] {
    rename("file", "other/file");
    rename("other/file", "file");
  };
  EXPECT_EQ(after(DN_MODIFY, write_it), 1);
  EXPECT_EQ(after(DN_MODIFY, read_it), 0);
  EXPECT_EQ(after(DN_ACCESS, read_it), 1);
  EXPECT_EQ(after(DN_ATTRIB, chmod_it), 1);
  EXPECT_EQ(after(DN_RENAME, rename_it), 2);
  EXPECT_EQ(after(DN_RENAME, move_out_and_in), 0) << "to another directory is a deletion here";
  EXPECT_EQ(after(DN_DELETE, move_out_and_in), 1);
  EXPECT_EQ(after(DN_CREATE, move_out_and_in), 1);
  EXPECT_EQ(after(DN_DELETE, rename_it), 2);
  EXPECT_EQ(after(DN_CREATE, rename_it), 2);
  EXPECT_EQ(after(DN_RENAME | DN_DELETE | DN_CREATE, [] { rename("file", "last"); }), 3);
  EXPECT_EQ(after(DN_DELETE, [] { unlink("last"); }), 1);
}

TEST(DirectoryNotice, TellsOfTheDirectoryItself) {
  ASSERT_OK(mkdir("d", 0755));
  const Fd fd = told_of("d", DN_ATTRIB | DN_ACCESS | kAlways);
  EXPECT_OK(chmod("d", 0700));
  EXPECT_EQ(taken(), 1);
  char buffer[1024];
  EXPECT_GT(syscall(SYS_getdents64, (int)fd, buffer, sizeof buffer), 0);
  EXPECT_EQ(taken(), 1);
  ASSERT_OK(mkdir("d/below", 0755));
  put("d/below/file", "x");
  EXPECT_OK(chmod("d/below/file", 0600));
  EXPECT_EQ(taken(), 0) << "what is further below is not told of";
}

TEST(DirectoryNotice, BitsAddUpUntilNoneIsGiven) {
  put("file", "x");
  const Fd fd = told_of(".", DN_CREATE | kAlways);
  EXPECT_OK(fcntl(fd, F_NOTIFY, DN_ATTRIB));
  EXPECT_OK(chmod("file", 0600));
  EXPECT_OK(mkdir("second", 0755));
  EXPECT_EQ(taken(), 2);
  EXPECT_OK(fcntl(fd, F_NOTIFY, kAlways));
  EXPECT_OK(mkdir("third", 0755));
  EXPECT_EQ(taken(), 0);
  EXPECT_OK(fcntl(fd, F_NOTIFY, 0));
}

TEST(DirectoryNotice, EndsWithAnyDescriptorOfTheFile) {
  const Fd fd = told_of(".", DN_CREATE | kAlways);
  const int twin = dup(fd);
  put("first", "x");
  EXPECT_EQ(taken(), 1);
  close(twin);
  put("second", "x");
  EXPECT_EQ(taken(), 0);
  EXPECT_OK(fcntl(fd, F_NOTIFY, DN_CREATE));
  put("third", "x");
  EXPECT_EQ(taken(), 1);
}

TEST(DirectoryNotice, AnotherProcessesClosingDoesNotEndIt) {
  const Fd fd = told_of(".", DN_CREATE | kAlways);
  EXPECT_EQ(in_child([&] {
              close(fd);
              put("by child", "x");
            }),
            0);
  EXPECT_EQ(taken(), 1);
}

TEST(DirectoryNotice, GoesToWhoAskedUnlessThereIsAnOwner) {
  const Fd fd = told_of(".", DN_CREATE);
  EXPECT_EQ(fcntl(fd, F_GETOWN), getpid());
  const pid_t pid = spawn([] {
    unblock({SIGRTMIN});
    pause();
  });
  EXPECT_EQ(fcntl(fd, F_SETOWN, pid), 0);
  EXPECT_OK(fcntl(fd, F_NOTIFY, DN_CREATE));
  EXPECT_EQ(fcntl(fd, F_GETOWN), pid);
  put("new", "x");
  EXPECT_EQ(taken(), 0);
  EXPECT_EQ(reap(pid), 128 + SIGRTMIN);
}

TEST(DirectoryNotice, GoesToEveryMemberOfAGroup) {
  const auto member = [] { pause(); };
  const pid_t first = spawn(member), second = spawn(member);
  ASSERT_OK(setpgid(first, first));
  ASSERT_OK(setpgid(second, first));
  const Fd fd{open(".", O_RDONLY)};
  EXPECT_OK(fcntl(fd, F_SETOWN, -first));
  EXPECT_OK(fcntl(fd, F_NOTIFY, DN_CREATE));
  put("new", "x");
  EXPECT_EQ(reap(first), 128 + SIGIO);
  EXPECT_EQ(reap(second), 128 + SIGIO);
}

TEST(DirectoryNotice, NeedsTheRightToSignalTheOwner) {
  block({SIGIO});
  EXPECT_EQ(as_user([] {
              const Fd fd{open("/tmp", O_RDONLY)};
              EXPECT_OK(fcntl(fd, F_SETOWN, getppid()));
              EXPECT_OK(fcntl(fd, F_NOTIFY, DN_CREATE));
              const std::string name = "/tmp/notice" + std::to_string(getpid());
              put(name.c_str(), "x");
              unlink(name.c_str());
            }),
            0);
  EXPECT_FALSE(sigio_waits());
}

TEST(DirectoryNotice, IsAPlainSigioUnlessASignalIsSet) {
  block({SIGIO});
  const Fd fd{open(".", O_RDONLY)};
  EXPECT_OK(fcntl(fd, F_NOTIFY, DN_CREATE));
  put("new", "x");
  const sigset_t set = set_of({SIGIO});
  siginfo_t info{};
  const timespec now{};
  ASSERT_EQ(sigtimedwait(&set, &info, &now), SIGIO);
  EXPECT_EQ(info.si_code, SI_KERNEL);
  EXPECT_EQ(info.si_fd, 0);
  EXPECT_EQ(info.si_band, 0);
}

TEST(DirectoryNotice, SignalsWithCodesOfTheirOwnSaySigio) {
  block({SIGCHLD});
  const Fd fd{open(".", O_RDONLY)};
  EXPECT_OK(fcntl(fd, F_SETSIG, SIGCHLD));
  EXPECT_OK(fcntl(fd, F_NOTIFY, DN_CREATE));
  put("new", "x");
  const sigset_t set = set_of({SIGCHLD});
  siginfo_t info{};
  const timespec now{};
  ASSERT_EQ(sigtimedwait(&set, &info, &now), SIGCHLD);
  EXPECT_EQ(info.si_code, SI_SIGIO);
}

TEST(DirectoryNotice, WorksOnDirectoriesOnly) {
  put("file", "x");
  const Fd file{open("file", O_RDONLY)}, place{open(".", O_PATH)};
  EXPECT_ERRNO(ENOTDIR, fcntl(file, F_NOTIFY, DN_CREATE));
  EXPECT_OK(fcntl(file, F_NOTIFY, kAlways)) << "asks for nothing";
  EXPECT_ERRNO(EBADF, fcntl(place, F_NOTIFY, DN_CREATE));
}

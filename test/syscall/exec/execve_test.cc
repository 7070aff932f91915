/// execve(2): what it refuses and what survives it.
#include <fcntl.h>
#include <pthread.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/elf.h"
#include "support/files.h"
#include "support/signals.h"

using namespace systest;

TEST(Execve, RefusesWhatIsNoExecutableFile) {
  ASSERT_OK(mkdir("directory", 0755));
  put("plain", "#!/bin/busybox true\n", 0644);
  ASSERT_OK(symlink("loop", "loop"));
  EXPECT_EQ(exec_of("directory"), refused("EACCES"));
  EXPECT_EQ(exec_of("plain"), refused("EACCES"));
  EXPECT_EQ(exec_of("missing"), refused("ENOENT"));
  EXPECT_EQ(exec_of(""), refused("ENOENT"));
  EXPECT_EQ(exec_of("plain/x"), refused("ENOTDIR"));
  EXPECT_EQ(exec_of("loop"), refused("ELOOP"));
  EXPECT_EQ(exec_of(std::string(256, 'x').c_str()), refused("ENAMETOOLONG"));
  EXPECT_EQ(exec_of("/dev/null"), refused("EACCES"));
}

TEST(Execve, NeedsExecutePermissionOfTheUser) {
  install("roots", program(code_exit(1)));
  ASSERT_OK(chmod("roots", 0744));
  install("users", program(code_exit(2)));
  EXPECT_EQ(as_user([] {
              EXPECT_EQ(exec_of("./roots"), refused("EACCES"));
              EXPECT_EQ(exec_of("./users"), ran(2));
            }),
            0);
}

TEST(Execve, FollowsSymlinks) {
  install("program", program(code_exit(11)));
  ASSERT_OK(symlink("program", "link"));
  EXPECT_EQ(exec_of("link"), ran(11));
}

TEST(Execve, FileOpenForWritingIsBusy) {
  install("program", program(code_exit(1)));
  Fd writer{open("program", O_WRONLY)};
  EXPECT_EQ(exec_of("./program"), refused("ETXTBSY"));
  writer.reset();
  EXPECT_EQ(exec_of("./program"), ran(1));
}

TEST(Execve, RunningProgramCannotBeWritten) {
  EXPECT_ERRNO(ETXTBSY, open(own_path(), O_WRONLY));
  EXPECT_ERRNO(ETXTBSY, truncate(own_path(), 0));
}

TEST(Execve, NoexecMountIsEacces) {
  ASSERT_OK(mkdir("mount", 0755));
  ASSERT_OK(mount("none", "mount", "tmpfs", MS_NOEXEC, nullptr));
  install("mount/program", program(code_exit(1)));
  EXPECT_EQ(exec_of("mount/program"), refused("EACCES"));
  EXPECT_OK(umount("mount"));
}

TEST(Execve, PassesArgumentsAndEnvironment) {
  EXPECT_EQ(output_of({own_path(), "@args", "a b", "", "c"}, {"X=1", "Y="}), "a b\n\nc\nX=1\nY=\n");
}

TEST(Execve, OneStringMayHave128KiB) {
  const std::string longest(131071, 'a');
  EXPECT_EQ(output_of({own_path(), "@args", longest}), longest + "\n");
  EXPECT_EQ(output_of({own_path(), "@args", longest + "a"}), "E2BIG");
  EXPECT_EQ(output_of({own_path(), "@args"}, {longest + "a"}), "E2BIG");
}

TEST(Execve, AllStringsMayHaveAQuarterOfTheStackLimit) {
  const rlimit stack{8 << 20, 8 << 20};
  ASSERT_OK(setrlimit(RLIMIT_STACK, &stack));
  std::vector<std::string> argv{own_path(), "@exit", "0"};
  argv.resize(33, std::string(60000, 'b'));
  EXPECT_EQ(output_of(argv), "");
  argv.resize(43, std::string(60000, 'b'));
  EXPECT_EQ(output_of(argv), "E2BIG");
}

TEST(Execve, BadPointersAreEfault) {
  char* const good[] = {nullptr};
  auto* const bad = reinterpret_cast<char*>(16);
  char* const argv_with_bad[] = {bad, nullptr};
  EXPECT_ERRNO(EFAULT, execve(bad, good, good));
  EXPECT_ERRNO(EFAULT, execve("/bin/busybox", reinterpret_cast<char**>(bad), good));
  EXPECT_ERRNO(EFAULT, execve("/bin/busybox", good, reinterpret_cast<char**>(bad)));
  EXPECT_ERRNO(EFAULT, execve("/bin/busybox", argv_with_bad, good));
}

TEST(Execve, ClosesOnlyCloseOnExecDescriptors) {
  const Fd closing{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  const Fd staying{open("/dev/null", O_RDONLY)};
  const auto is_open = [](int fd) {
    return in_child([fd] {
      const std::string number = std::to_string(fd);
      execl(own_path(), "x", "@fd-open", number.c_str(), nullptr);
    });
  };
  EXPECT_EQ(is_open(closing), 1);
  EXPECT_EQ(is_open(staying), 0);
}

TEST(Execve, KeepsIgnoredSignalsMaskAndPendingAndResetsHandlers) {
  const pid_t pid = spawn([] {
    signal(SIGUSR1, SIG_IGN);
    count_signal(SIGUSR2);
    block({SIGTERM, SIGHUP});
    raise(SIGHUP);
    ASSERT_OK(dup2(open("out", O_WRONLY | O_CREAT, 0644), 1));
    execl(own_path(), "x", "@signals", nullptr);
  });
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(slurp("out"), "ignored default 1 1\n");
}

TEST(Execve, KeepsPidAndAlarm) {
  const pid_t pid = spawn([] {
    alarm(1000);
    execl("/bin/busybox", "busybox", "sh", "-c", "echo $$ >pid", nullptr);
  });
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(slurp("pid"), std::to_string(pid) + "\n");
}

TEST(Execve, NamesTheProcessAfterTheFile) {
  ASSERT_OK(symlink("/bin/busybox", "fifteen-letters-and-more"));
  const pid_t pid = spawn([] {
    ASSERT_OK(dup2(open("out", O_WRONLY | O_CREAT, 0644), 1));
    execl("./fifteen-letters-and-more", "cat", "/proc/self/comm", nullptr);
  });
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(slurp("out"), "fifteen-letters\n");
}

TEST(Execve, SetuidAndSetgidFilesChangeEffectiveIds) {
  Fd source{open(own_path(), O_RDONLY)};
  std::string image;
  for (auto part = read_some(source); !part.empty(); part = read_some(source)) image += part;
  put("setid", image);
  ASSERT_OK(chown("setid", 0, 50));
  ASSERT_OK(chmod("setid", 06755));
  EXPECT_EQ(as_user([] { EXPECT_EQ(output_of({"./setid", "@ids"}), "1000 0 1000 50 1\n"); }), 0);
  ASSERT_OK(chmod("setid", 0755));
  EXPECT_EQ(as_user([] { EXPECT_EQ(output_of({"./setid", "@ids"}), "1000 1000 1000 1000 0\n"); }), 0);
}

TEST(Execve, NosuidMountIgnoresTheSetuidBit) {
  ASSERT_OK(mkdir("mount", 0755));
  ASSERT_OK(mount("none", "mount", "tmpfs", MS_NOSUID, nullptr));
  Fd source{open(own_path(), O_RDONLY)};
  std::string image;
  for (auto part = read_some(source); !part.empty(); part = read_some(source)) image += part;
  put("mount/setid", image, 04755);
  EXPECT_EQ(as_user([] { EXPECT_EQ(output_of({"mount/setid", "@ids"}), "1000 1000 1000 1000 0\n"); }), 0);
  EXPECT_OK(umount("mount"));
}

TEST(Execve, FromASecondThreadKeepsThePidAndEndsTheFirst) {
  const pid_t pid = spawn([] {
    pthread_t thread;
    pthread_create(
        &thread, nullptr,
        [](void*) -> void* {
          execl("/bin/busybox", "busybox", "sh", "-c", "echo $$ >pid", nullptr);
          return nullptr;
        },
        nullptr);
    for (;;) pause();
  });
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(slurp("pid"), std::to_string(pid) + "\n");
}

TEST(Execve, FailureLeavesTheCallerWhole) {
  int on_stack = 5;
  char* const none[] = {nullptr};
  const Fd closing{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  EXPECT_ERRNO(ENOENT, execve("missing", none, none));
  EXPECT_EQ(on_stack, 5);
  EXPECT_OK(fcntl(closing, F_GETFD));
}

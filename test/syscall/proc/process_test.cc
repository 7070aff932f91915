/// /proc/PID as proc(5) describes it.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sstream>
#include <vector>

#include "support/check.h"
#include "support/child.h"
#include "support/elf.h"
#include "support/files.h"

using namespace systest;

namespace {

std::string path_of(pid_t pid, const char* name) { return "/proc/" + std::to_string(pid) + "/" + name; }

/// The fields of /proc/PID/stat, numbered from 1 as in proc(5).
std::vector<std::string> stat_fields(pid_t pid) {
  const std::string all = slurp(path_of(pid, "stat").c_str());
  const auto open = all.find('('), close = all.rfind(')');
  std::vector<std::string> fields{"", all.substr(0, open - 1), all.substr(open + 1, close - open - 1)};
  std::istringstream rest{all.substr(close + 2)};
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

/// The value behind "Name:\t" in /proc/PID/status.
std::string status_field(pid_t pid, const std::string& name) {
  const std::string all = "\n" + slurp(path_of(pid, "status").c_str());
  const auto at = all.find("\n" + name + ":\t");
  if (at == std::string::npos) return "<missing>";
  const auto start = at + name.size() + 3;
  return all.substr(start, all.find('\n', start) - start);
}

std::string link_of(const std::string& path) {
  char text[4096];
  const ssize_t length = readlink(path.c_str(), text, sizeof text);
  return length == -1 ? "" : std::string(text, length);
}

void set_value(const char* name, const std::string& value) {
  Fd fd{open(path_of(getpid(), name).c_str(), O_WRONLY)};
  EXPECT_EQ(write(fd, value.data(), value.size()), (ssize_t)value.size()) << name << " " << value;
}

}  // namespace

TEST(ProcStat, TellsWhoIsWho) {
  const auto fields = stat_fields(getpid());
  ASSERT_EQ(fields.size(), 53u);
  EXPECT_EQ(fields[1], std::to_string(getpid()));
  EXPECT_EQ(fields[2], "syscall_tests");
  EXPECT_EQ(fields[3], "R");
  EXPECT_EQ(fields[4], std::to_string(getppid()));
  EXPECT_EQ(fields[5], std::to_string(getpgrp()));
  EXPECT_EQ(fields[6], std::to_string(getsid(0)));
  EXPECT_EQ(fields[18], "20") << "priority";
  EXPECT_EQ(fields[19], "0") << "nice";
  EXPECT_EQ(fields[20], "1") << "threads";
  EXPECT_GT(std::stoul(fields[22]), 0u) << "start time";
  EXPECT_GT(std::stoul(fields[23]), 0u) << "virtual size";
  EXPECT_GT(std::stoul(fields[24]), 0u) << "resident pages";
}

TEST(ProcStat, TellsStates) {
  const pid_t pid = spawn([] { pause(); });
  await_state(pid, 'S');
  kill(pid, SIGSTOP);
  await_state(pid, 'T');
  kill(pid, SIGKILL);
  await_state(pid, 'Z');
  EXPECT_EQ(stat_fields(pid)[3], "Z");
  EXPECT_EQ(slurp(path_of(pid, "cmdline").c_str()), "");
  reap(pid);
  EXPECT_EQ(slurp(path_of(pid, "stat").c_str()), "<ENOENT>");
}

TEST(ProcStatus, TellsIdsAndMasks) {
  EXPECT_EQ(status_field(getpid(), "Name"), "syscall_tests");
  EXPECT_EQ(status_field(getpid(), "State"), "R (running)");
  EXPECT_EQ(status_field(getpid(), "Pid"), std::to_string(getpid()));
  EXPECT_EQ(status_field(getpid(), "PPid"), std::to_string(getppid()));
  EXPECT_EQ(status_field(getpid(), "Tgid"), std::to_string(getpid()));
  EXPECT_EQ(status_field(getpid(), "Threads"), "1");
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  signal(SIGUSR2, SIG_IGN);
  raise(SIGUSR1);
  EXPECT_EQ(status_field(getpid(), "SigBlk"), "0000000000000200");
  EXPECT_EQ(status_field(getpid(), "SigIgn"), "0000000000000800");
  EXPECT_EQ(status_field(getpid(), "SigPnd"), "0000000000000200");
  EXPECT_EQ(in_child([] {
              become(5, 6);
              EXPECT_EQ(status_field(getpid(), "Uid"), "5\t5\t5\t5");
              EXPECT_EQ(status_field(getpid(), "Gid"), "6\t6\t6\t6");
            }),
            0);
}

TEST(ProcStatus, TellsMemory) {
  for (const char* name : {"VmSize", "VmRSS"}) {
    const std::string value = status_field(getpid(), name);
    EXPECT_TRUE(value.ends_with(" kB")) << name << " " << value;
    EXPECT_GT(std::stoul(value), 0u);
  }
}

TEST(ProcStatm, HasSevenNumbers) {
  std::istringstream statm{slurp("/proc/self/statm")};
  std::vector<unsigned long> numbers;
  for (unsigned long number; statm >> number;) numbers.push_back(number);
  ASSERT_EQ(numbers.size(), 7u);
  EXPECT_GE(numbers[0], numbers[1]);
  EXPECT_GT(numbers[1], 0u);
}

TEST(ProcCmdline, HoldsArgumentsEndedByNul) {
  auto pipe = make_pipe();
  const pid_t pid = spawn([&] {
    dup2(pipe.read, 0);
    pipe.write.reset();
    execl("/bin/busybox", "cat", "-", "-", nullptr);
  });
  await_state(pid, 'S');
  EXPECT_EQ(slurp(path_of(pid, "cmdline").c_str()), std::string("cat\0-\0-\0", 8));
  pipe.write.reset();
  EXPECT_EQ(reap(pid), 0);
}

TEST(ProcEnviron, HoldsTheEnvironment) {
  EXPECT_EQ(output_of({"/bin/busybox", "cat", "/proc/self/environ"}, {"A=1", "B=2"}), std::string("A=1\0B=2\0", 8));
}

TEST(ProcLinks, ExeCwdAndRoot) {
  ASSERT_OK(mkdir("here", 0755));
  ASSERT_OK(chdir("here"));
  EXPECT_TRUE(link_of("/proc/self/cwd").ends_with("/here"));
  EXPECT_EQ(link_of("/proc/self/root"), "/");
  EXPECT_TRUE(link_of("/proc/self/exe").ends_with("syscall_tests"));
  EXPECT_EQ(link_of("/proc/self"), std::to_string(getpid()));
  put("file", "through cwd");
  EXPECT_EQ(slurp("/proc/self/cwd/file"), "through cwd");
}

TEST(ProcFd, ListsAndNamesOpenFiles) {
  put("file", "");
  Fd fd{open("file", O_RDONLY)};
  auto pipe = make_pipe();
  const std::string directory = "/proc/self/fd/";
  EXPECT_TRUE(link_of(directory + std::to_string(int{fd})).ends_with("/file"));
  EXPECT_TRUE(link_of(directory + std::to_string(int{pipe.read})).starts_with("pipe:["));
  EXPECT_EQ(link_of(directory + std::to_string(int{pipe.read})), link_of(directory + std::to_string(int{pipe.write})));
  ASSERT_OK(unlink("file"));
  EXPECT_TRUE(link_of(directory + std::to_string(int{fd})).ends_with("/file (deleted)"));
  EXPECT_EQ(slurp((directory + "999").c_str()), "<ENOENT>");
}

TEST(ProcFd, ReopensAnUnlinkedFile) {
  put("file", "still here");
  Fd fd{open("file", O_RDONLY)};
  ASSERT_OK(unlink("file"));
  EXPECT_EQ(slurp(("/proc/self/fd/" + std::to_string(int{fd})).c_str()), "still here");
}

TEST(ProcFd, IsForTheOwnerOnly) {
  const pid_t roots = getpid();
  EXPECT_EQ(as_user([=] {
              EXPECT_ERRNO(EACCES, open(path_of(roots, "fd").c_str(), O_RDONLY));
              EXPECT_EQ(link_of(path_of(roots, "exe")), "");
              EXPECT_OK(open(path_of(roots, "stat").c_str(), O_RDONLY));
            }),
            0);
}

TEST(ProcTask, ListsThreads) {
  EXPECT_EQ(slurp(path_of(getpid(), ("task/" + std::to_string(getpid()) + "/comm").c_str()).c_str()),
            "syscall_tests\n");
}

TEST(ProcFiles, CannotBeMadeRemovedOrTruncated) {
  EXPECT_ERRNO(ENOENT, mkdir("/proc/directory", 0755));
  EXPECT_ERRNO(EPERM, unlink("/proc/version"));
  EXPECT_NE(mkdir("/proc/self/directory", 0755), 0);
  EXPECT_ERRNO(ENOENT, open("/proc/999999/stat", O_RDONLY));
}

TEST(ProcFiles, SmallReadsContinueWhereTheyStopped) {
  Fd fd{open("/proc/self/status", O_RDONLY)};
  std::string all;
  char part[7];
  for (ssize_t n; (n = read(fd, part, sizeof part)) > 0;) all.append(part, n);
  EXPECT_TRUE(all.starts_with("Name:\tsyscall_tests\n"));
  EXPECT_EQ(all.back(), '\n');
  EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
  EXPECT_EQ(read(fd, part, 5), 5);
  EXPECT_EQ(std::string_view(part, 5), "Name:");
}

TEST(ProcFdinfo, TellsPositionAndFlags) {
  put("f", "hello");
  const Fd fd{open("f", O_RDWR | O_APPEND | O_CLOEXEC)};
  ASSERT_OK(lseek(fd, 3, SEEK_SET));
  const std::string info = slurp(("/proc/self/fdinfo/" + std::to_string((int)fd)).c_str());
  EXPECT_NE(info.find("pos:\t3\n"), std::string::npos) << info;
  EXPECT_NE(info.find("flags:\t02102002\n"), std::string::npos) << info;
  EXPECT_NE(info.find("mnt_id:\t"), std::string::npos) << info;
  EXPECT_EQ(slurp("/proc/self/fdinfo/77"), "<ENOENT>");
}

TEST(ProcOomAdj, ScalesTheNewValue) {
  EXPECT_EQ(in_child([] {
              EXPECT_EQ(slurp("/proc/self/oom_adj"), "0\n");
              for (const auto& [old_value, new_value] :
                   {std::pair{"15", "1000\n"}, {"-17", "-1000\n"}, {"8", "470\n"}, {"-1", "-58\n"}, {"0", "0\n"}}) {
                set_value("oom_adj", old_value);
                EXPECT_EQ(slurp("/proc/self/oom_score_adj"), new_value);
              }
              for (const auto& [new_value, old_value] :
                   {std::pair{"1000", "15\n"}, {"999", "15\n"}, {"-1000", "-17\n"}, {"500", "8\n"}}) {
                set_value("oom_score_adj", new_value);
                EXPECT_EQ(slurp("/proc/self/oom_adj"), old_value);
              }
            }),
            0);
}

TEST(ProcOomAdj, RefusesWhatIsOutOfItsRange) {
  Fd fd{open("/proc/self/oom_adj", O_WRONLY)};
  EXPECT_ERRNO(EINVAL, write(fd, "16", 2));
  EXPECT_ERRNO(EINVAL, write(fd, "-18", 3));
  EXPECT_ERRNO(EINVAL, write(fd, "x", 1));
}

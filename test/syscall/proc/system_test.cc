/// /proc files about the whole system, and the BusyBox tools that read them.
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <sstream>

#include "support/check.h"
#include "support/child.h"
#include "support/elf.h"
#include "support/files.h"

using namespace systest;

namespace {

unsigned long meminfo(const std::string& name) {
  const std::string all = "\n" + slurp("/proc/meminfo");
  const auto at = all.find("\n" + name + ":");
  return at == std::string::npos ? 0 : std::stoul(all.substr(at + name.size() + 2));
}

std::string busybox(const std::vector<std::string>& words) {
  std::vector<std::string> argv{"/bin/busybox"};
  argv.insert(argv.end(), words.begin(), words.end());
  return output_of(argv);
}

}  // namespace

TEST(ProcMeminfo, AgreesWithSysinfo) {
  struct sysinfo info{};
  ASSERT_OK(sysinfo(&info));
  EXPECT_EQ(meminfo("MemTotal"), info.totalram * info.mem_unit / 1024);
  EXPECT_GT(meminfo("MemFree"), 0u);
  EXPECT_LE(meminfo("MemFree"), meminfo("MemTotal"));
  EXPECT_GT(meminfo("MemAvailable"), 0u);
  const std::string all = slurp("/proc/meminfo");
  for (const char* name : {"Buffers:", "Cached:", "SwapTotal:", "SwapFree:", "Shmem:", "Slab:", "Active:"})
    EXPECT_NE(all.find(name), std::string::npos) << name;
}

TEST(ProcMeminfo, FreedFilesGiveTheirMemoryBack) {
  const unsigned long before = meminfo("Shmem");
  put("big", std::string(4 << 20, 'b'));
  EXPECT_GE(meminfo("Shmem"), before + 4000);
  ASSERT_OK(unlink("big"));
  EXPECT_LT(meminfo("Shmem"), before + 1000);
}

TEST(ProcPartitions, IsEmptyWithoutADisk) { EXPECT_EQ(slurp("/proc/partitions"), ""); }

TEST(ProcStatFile, HasALinePerProcessor) {
  std::istringstream lines{slurp("/proc/stat")};
  int processors = 0;
  bool ctxt = false, btime = false, processes = false;
  for (std::string line; std::getline(lines, line);) {
    processors += line.starts_with("cpu") && line[3] != ' ';
    ctxt |= line.starts_with("ctxt ");
    btime |= line.starts_with("btime ");
    processes |= line.starts_with("processes ");
  }
  EXPECT_EQ(processors, sysconf(_SC_NPROCESSORS_ONLN));
  EXPECT_TRUE(ctxt && btime && processes);
}

TEST(ProcLoadavg, HasFiveFields) {
  std::istringstream loadavg{slurp("/proc/loadavg")};
  double one = -1, five = -1, fifteen = -1;
  int running = 0, total = 0, last = 0;
  char slash = 0;
  loadavg >> one >> five >> fifteen >> running >> slash >> total >> last;
  EXPECT_GE(one, 0);
  EXPECT_GE(fifteen, 0);
  EXPECT_EQ(slash, '/');
  EXPECT_GE(running, 1);
  EXPECT_GE(total, running);
  EXPECT_GT(last, 0);
}

TEST(ProcUptime, HasTwoNumbersAndGoesOn) {
  std::istringstream uptime{slurp("/proc/uptime")};
  double up = 0, idle = -1;
  uptime >> up >> idle;
  EXPECT_GT(up, 0);
  EXPECT_GE(idle, 0);
}

TEST(ProcVersion, GoesWithUname) {
  utsname name{};
  ASSERT_OK(uname(&name));
  EXPECT_TRUE(slurp("/proc/version").starts_with("Linux version " + std::string(name.release) + " "));
  EXPECT_EQ(slurp("/proc/sys/kernel/ostype"), "Linux\n");
  EXPECT_EQ(slurp("/proc/sys/kernel/osrelease"), std::string(name.release) + "\n");
}

TEST(ProcCpuinfo, HasAnEntryPerProcessor) {
  const std::string all = "\n" + slurp("/proc/cpuinfo");
  int processors = 0;
  for (auto at = all.find("\nprocessor\t: "); at != std::string::npos; at = all.find("\nprocessor\t: ", at + 1))
    processors++;
  EXPECT_EQ(processors, sysconf(_SC_NPROCESSORS_ONLN));
  for (const char* name : {"\nvendor_id\t: ", "\nmodel name\t: ", "\nflags\t\t: "})
    EXPECT_NE(all.find(name), std::string::npos) << name + 1;
}

TEST(ProcFilesystems, ListsWhatCanBeMounted) {
  const std::string all = slurp("/proc/filesystems");
  EXPECT_NE(all.find("nodev\tproc\n"), std::string::npos);
  EXPECT_NE(all.find("nodev\ttmpfs\n"), std::string::npos);
}

TEST(ProcMounts, AreTheCallersOwn) {
  EXPECT_EQ(slurp("/proc/mounts"), slurp("/proc/self/mounts"));
  EXPECT_NE(slurp("/proc/mounts").find(" /proc proc "), std::string::npos);
}

TEST(ProcRoot, ListsProcessesOnce) {
  const std::string names = "\n" + busybox({"ls", "-1", "/proc"});
  EXPECT_NE(names.find("\n1\n"), std::string::npos);
  EXPECT_NE(names.find("\n" + std::to_string(getpid()) + "\n"), std::string::npos);
  EXPECT_NE(names.find("\nself\n"), std::string::npos);
  EXPECT_EQ(stat_of("/proc").st_ino, 1u);
}

TEST(ProcPidMax, BoundsPids) { EXPECT_GE(std::stol(slurp("/proc/sys/kernel/pid_max")), 32768); }

TEST(BusyBox, PsShowsThisProcess) {
  const std::string all = busybox({"ps", "-o", "pid,ppid,comm"});
  EXPECT_NE(all.find(" syscall_tests"), std::string::npos) << all;
}

TEST(BusyBox, FreeAndUptimeAndTopPrintNumbers) {
  EXPECT_NE(busybox({"free"}).find("Mem:"), std::string::npos);
  EXPECT_NE(busybox({"uptime"}).find("load average:"), std::string::npos);
  EXPECT_NE(busybox({"top", "-b", "-n", "1"}).find("syscall_tests"), std::string::npos);
}

TEST(BusyBox, PidofFindsByName) {
  const std::string all = " " + busybox({"pidof", "syscall_tests"});
  EXPECT_NE(all.find(" " + std::to_string(getpid())), std::string::npos) << all;
}

TEST(BusyBox, MountAndDfListFileSystems) {
  EXPECT_NE(busybox({"mount"}).find("proc on /proc type proc"), std::string::npos);
  EXPECT_NE(busybox({"df", "-a"}).find("/proc"), std::string::npos);
}

TEST(BusyBox, ShellPipelineWorks) {
  EXPECT_EQ(busybox({"sh", "-c", "echo b a c | tr ' ' '\\n' | sort | head -n 2; exit 0"}), "a\nb\n");
}

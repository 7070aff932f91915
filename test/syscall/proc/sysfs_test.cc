/// /sys as C libraries, runtimes and tools read it.
#include <linux/magic.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "support/check.h"
#include "support/files.h"

using namespace systest;

namespace {

const std::string kCpus = "/sys/devices/system/cpu/";

std::string text(const std::string& path) { return slurp(path.c_str()); }

bool is_folder(const std::string& path) { return S_ISDIR(stat_of(path.c_str()).st_mode); }

/// "0-1" for all CPUs of this machine.
std::string everyone() {
  cpu_set_t set;
  sched_getaffinity(0, sizeof set, &set);
  const int n = CPU_COUNT(&set);
  return n == 1 ? "0\n" : "0-" + std::to_string(n - 1) + "\n";
}

int cpus() {
  cpu_set_t set;
  sched_getaffinity(0, sizeof set, &set);
  return CPU_COUNT(&set);
}

}  // namespace

TEST(SysFs, IsMountedAndSaysWhatItIs) {
  struct statfs info{};
  ASSERT_OK(statfs("/sys", &info));
  EXPECT_EQ(info.f_type, SYSFS_MAGIC);
  for (const char* name : {"block", "bus", "class", "dev", "devices", "firmware", "fs", "kernel", "module", "power"})
    EXPECT_TRUE(is_folder("/sys/" + std::string{name})) << name;
  EXPECT_TRUE(is_folder("/sys/fs/cgroup"));
}

TEST(SysFs, AttributesHaveAPagesSizeAndAreReadOnlyEvenForRoot) {
  const std::string online = kCpus + "online";
  EXPECT_EQ(stat_of(online.c_str()).st_size, 4096);
  EXPECT_EQ(mode_of(online.c_str()), 0444u);
  EXPECT_ERRNO(EACCES, open(online.c_str(), O_WRONLY));
  EXPECT_ERRNO(EACCES, open(online.c_str(), O_RDWR));
}

TEST(SysCpu, ListsAgreeWithTheAffinityOfTheFirstProcess) {
  for (const char* name : {"online", "possible", "present"}) EXPECT_EQ(text(kCpus + name), everyone()) << name;
  EXPECT_EQ(text(kCpus + "isolated"), "\n");
  EXPECT_GE(std::stoi(text(kCpus + "kernel_max")), cpus() - 1);
}

TEST(SysCpu, EachCpuHasAFolder) {
  for (int cpu = 0; cpu < cpus(); cpu++) EXPECT_TRUE(is_folder(kCpus + "cpu" + std::to_string(cpu))) << cpu;
  const std::string beyond = kCpus + "cpu" + std::to_string(cpus());
  EXPECT_ERRNO(ENOENT, access(beyond.c_str(), F_OK));
  for (const char* name : {"cpu", "cpu00", "cpu-1", "cpux"})
    EXPECT_ERRNO(ENOENT, access((kCpus + name).c_str(), F_OK)) << name;
}

TEST(SysCpu, TopologyNamesEveryCpuOnce) {
  for (int cpu = 0; cpu < cpus(); cpu++) {
    const std::string topology = kCpus + "cpu" + std::to_string(cpu) + "/topology/";
    EXPECT_EQ(text(topology + "physical_package_id"), "0\n");
    EXPECT_EQ(text(topology + "core_id"), std::to_string(cpu) + "\n");
    for (const char* name : {"thread_siblings_list", "core_cpus_list"})
      EXPECT_EQ(text(topology + name), std::to_string(cpu) + "\n") << name;
    for (const char* name : {"core_siblings_list", "package_cpus_list"})
      EXPECT_EQ(text(topology + name), everyone()) << name;
    EXPECT_EQ(std::stoul(text(topology + "thread_siblings"), nullptr, 16), 1ul << cpu);
    EXPECT_EQ(std::stoul(text(topology + "core_siblings"), nullptr, 16), (1ul << cpus()) - 1);
    EXPECT_EQ(text(topology + "core_siblings").size(), 2u) << "as many digits as there are CPUs for";
  }
}

TEST(SysNode, HoldsAllCpus) {
  const std::string nodes = "/sys/devices/system/node/";
  for (const char* name : {"online", "has_cpu", "has_memory"}) EXPECT_EQ(text(nodes + name), "0\n") << name;
  EXPECT_EQ(text(nodes + "node0/cpulist"), everyone());
  EXPECT_EQ(text(nodes + "node0/distance"), "10\n");
}

TEST(SysHugePages, SayTheirSizeAndMode) {
  const std::string folder = "/sys/kernel/mm/transparent_hugepage/";
  EXPECT_EQ(text(folder + "hpage_pmd_size"), "2097152\n");
  const std::string before = text(folder + "enabled");
  const Fd file{open((folder + "enabled").c_str(), O_WRONLY)};
  EXPECT_EQ(write(file, "madvise\n", 8), 8);
  EXPECT_EQ(text(folder + "enabled"), "always [madvise] never\n");
  EXPECT_ERRNO(EINVAL, write(file, "sometimes", 9));
  EXPECT_EQ(text(folder + "enabled"), "always [madvise] never\n");
  const std::string chosen = before.substr(before.find('[') + 1, before.find(']') - before.find('[') - 1);
  EXPECT_EQ(write(file, chosen.c_str(), chosen.size()), (ssize_t)chosen.size());
  EXPECT_EQ(text(folder + "enabled"), before);
}

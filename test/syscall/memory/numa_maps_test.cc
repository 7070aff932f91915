/// /proc/PID/numa_maps: where the pages of mappings are, and by which policy. Source: numa(7).
#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <sstream>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

namespace {

constexpr std::size_t kPage = 4096;

char* map(std::size_t pages, int flags = MAP_PRIVATE | MAP_ANONYMOUS, int fd = -1) {
  void* const at = mmap(nullptr, pages * kPage, PROT_READ | PROT_WRITE, flags, fd, 0);
  EXPECT_NE(at, MAP_FAILED);
  return static_cast<char*>(at);
}

/// Alone in its mapping: neighbours of the same kind would be joined.
char* map_alone(std::size_t pages) {
  char* const at = map(pages + 2);
  EXPECT_OK(mprotect(at, kPage, PROT_NONE));
  EXPECT_OK(mprotect(at + (pages + 1) * kPage, kPage, PROT_NONE));
  return at + kPage;
}

/// What follows the address in the line of the mapping that starts at `at`.
std::string line_of(const void* at, const char* path = "/proc/self/numa_maps") {
  char address[32];
  snprintf(address, sizeof address, "%08lx ", (unsigned long)at);
  std::istringstream lines{slurp(path)};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(address)) return line.substr(strlen(address));
  return "<none>";
}

long bind(void* at, std::size_t pages, int mode, unsigned long nodes) {
  return syscall(SYS_mbind, at, pages * kPage, mode, &nodes, 64, 0);
}

}  // namespace

TEST(NumaMaps, AnUntouchedMappingHasNoPages) { EXPECT_EQ(line_of(map_alone(4)), "default"); }

TEST(NumaMaps, TellsAnonymousPages) {
  char* const at = map_alone(4);
  at[0] = at[kPage] = at[2 * kPage] = 1;
  const std::string line = line_of(at);
  EXPECT_TRUE(line.starts_with("default anon=3 dirty=3")) << line;
  EXPECT_TRUE(line.ends_with(" N0=3 kernelpagesize_kB=4")) << line;
}

TEST(NumaMaps, TellsFiles) {
  put("some file", std::string(3 * kPage, 'x'));
  const Fd fd{open("some file", O_RDWR)};
  char* const at = map(3, MAP_SHARED, fd);
  ASSERT_EQ(at[0] + at[kPage], 2 * 'x');
  const std::string line = line_of(at);
  EXPECT_TRUE(line.starts_with("default file=/")) << line;
  EXPECT_NE(line.find("/some\\040file "), std::string::npos) << line;
  EXPECT_NE(line.find("kernelpagesize_kB=4"), std::string::npos) << line;
}

TEST(NumaMaps, TellsHowManyShareAPage) {
  char* const at = map_alone(1);
  at[0] = 1;
  EXPECT_EQ(line_of(at).find("mapmax="), std::string::npos);
  const Sleeper twin;
  EXPECT_NE(line_of(at).find(" mapmax=2"), std::string::npos) << line_of(at);
}

TEST(NumaMaps, TellsStackAndHeap) {
  const std::string all = slurp("/proc/self/numa_maps");
  EXPECT_NE(all.find(" stack anon="), std::string::npos) << all;
  EXPECT_NE(all.find(" heap anon="), std::string::npos) << all;
  EXPECT_EQ(all.find("file=["), std::string::npos) << "the vDSO is no file: " << all;
}

TEST(NumaMaps, TellsPolicies) {
  char* const at = map_alone(1);
  ASSERT_EQ(bind(at, 1, MPOL_BIND, 1), 0);
  EXPECT_EQ(line_of(at), "bind:0");
  ASSERT_EQ(bind(at, 1, MPOL_PREFERRED, 1), 0);
  EXPECT_EQ(line_of(at), "prefer:0");
  ASSERT_EQ(bind(at, 1, MPOL_PREFERRED, 0), 0);
  EXPECT_EQ(line_of(at), "local");
  ASSERT_EQ(bind(at, 1, MPOL_INTERLEAVE | MPOL_F_STATIC_NODES, 1), 0);
  EXPECT_EQ(line_of(at), "interleave=static:0");
  ASSERT_EQ(bind(at, 1, MPOL_PREFERRED_MANY, 1), 0);
  EXPECT_EQ(line_of(at), "prefer (many):0");
}

TEST(NumaMaps, TellsTheThreadsPolicyWhereAMappingHasNone) {
  EXPECT_EQ(in_child([] {
              const unsigned long nodes = 1;
              char* const at = map_alone(1);
              ASSERT_EQ(syscall(SYS_set_mempolicy, MPOL_BIND, &nodes, 64), 0);
              EXPECT_EQ(line_of(at), "bind:0");
              EXPECT_EQ(line_of(at, "/proc/thread-self/numa_maps"), "bind:0");
            }),
            0);
}

TEST(NumaMaps, IsForTheOwnerOnly) {
  const std::string path = "/proc/" + std::to_string(getpid()) + "/numa_maps";
  EXPECT_EQ(mode_of(path.c_str()), 0444u);
  EXPECT_EQ(as_user([&] { EXPECT_EQ(slurp(path.c_str()), "<EACCES>"); }), 0);
}

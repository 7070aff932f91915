/// /proc/sys/kernel and /proc/sys/fs: settings that programs read and administrators change. Source: proc_sys_fs(5),
/// proc_sys_kernel(5).
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sstream>
#include <vector>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/setting.h"

using namespace systest;

namespace {

std::vector<long> numbers_in(const std::string& path) {
  std::istringstream text{slurp(path.c_str())};
  std::vector<long> numbers;
  for (long n; text >> n;) numbers.push_back(n);
  return numbers;
}

}  // namespace

TEST(SysCorePattern, IsATextOfAtMost127Bytes) {
  const Setting pattern{"kernel/core_pattern"};
  EXPECT_EQ(pattern.read(), "core\n");
  EXPECT_OK(pattern.set("/tmp/core.%p"));
  EXPECT_EQ(pattern.read(), "/tmp/core.%p\n");
  EXPECT_OK(pattern.set("one\ntwo\n"));
  EXPECT_EQ(pattern.read(), "one\n");
  EXPECT_OK(pattern.set(std::string(200, 'c')));
  EXPECT_EQ(pattern.read(), std::string(127, 'c') + "\n");
  EXPECT_OK(pattern.set("\n"));
  EXPECT_EQ(pattern.read(), "\n");
}

TEST(SysCorePattern, IsForRoot) {
  EXPECT_EQ(as_user([] { EXPECT_ERRNO(EACCES, open("/proc/sys/kernel/core_pattern", O_WRONLY)); }), 0);
}

TEST(SysFileNr, CountsOpenFilesOfTheSystem) {
  const auto numbers = numbers_in("/proc/sys/fs/file-nr");
  ASSERT_EQ(numbers.size(), 3u);
  EXPECT_EQ(numbers[1], 0) << "free ones; always 0";
  EXPECT_EQ(slurp("/proc/sys/fs/file-max"), std::to_string(numbers[2]) + "\n");
  EXPECT_GT(numbers[2], 0);
}

TEST(SysFileNr, SeesManyFilesComeAndGo) {
  constexpr int kMany = 400;
  const long before = numbers_in("/proc/sys/fs/file-nr")[0];
  EXPECT_EQ(in_child([&] {
              for (int i = 0; i < kMany; ++i) ASSERT_OK(open("/dev/null", O_RDONLY));
              EXPECT_GE(numbers_in("/proc/sys/fs/file-nr")[0], before + kMany / 2) << "counted per CPU";
            }),
            0);
}

TEST(SysFileMax, BoundsWhoIsNotPrivileged) {
  const Setting most{"fs/file-max"};
  ASSERT_OK(most.set("0"));  // Linux looks at a rough count first, which can be 0
  EXPECT_EQ(as_user([] { EXPECT_ERRNO(ENFILE, open("/", O_RDONLY)); }), 0);
  EXPECT_OK(Fd{open("/", O_RDONLY)});
}

TEST(SysFileMax, TakesNumbers) {
  const Setting most{"fs/file-max"};
  EXPECT_OK(most.set("1234567"));
  EXPECT_EQ(most.read(), "1234567\n");
  EXPECT_ERRNO(EINVAL, most.set("many"));
  EXPECT_EQ(most.read(), "1234567\n");
}

TEST(SysNrOpen, BoundsRlimitNofile) {
  const Setting most{"fs/nr_open"};
  EXPECT_EQ(most.read(), "1048576\n");
  ASSERT_OK(most.set("2048"));
  rlimit limit{2048, 2048};
  EXPECT_EQ(in_child([&] {
              EXPECT_OK(setrlimit(RLIMIT_NOFILE, &limit));
              limit.rlim_max = 2049;
              EXPECT_ERRNO(EPERM, setrlimit(RLIMIT_NOFILE, &limit));
            }),
            0);
}

TEST(SysNrOpen, BoundsDescriptorsBelowTheLimit) {
  const Setting most{"fs/nr_open"};
  EXPECT_EQ(in_child([&] {
              rlimit limit{4096, 4096};
              ASSERT_OK(setrlimit(RLIMIT_NOFILE, &limit));
              ASSERT_OK(most.set("2048"));
              EXPECT_EQ(fcntl(0, F_DUPFD, 2047), 2047);
              EXPECT_ERRNO(EMFILE, fcntl(0, F_DUPFD, 2048));
            }),
            0);
}

TEST(SysNrOpen, HasARange) {
  const Setting most{"fs/nr_open"};
  EXPECT_ERRNO(EINVAL, most.set("8"));
  EXPECT_ERRNO(EINVAL, most.set("4294967296"));
  EXPECT_EQ(most.read(), "1048576\n");
}

TEST(SysInodeNr, CountsInodes) {
  const auto numbers = numbers_in("/proc/sys/fs/inode-nr");
  ASSERT_EQ(numbers.size(), 2u);
  for (int i = 0; i < 300; ++i) put(("f" + std::to_string(i)).c_str(), "");
  EXPECT_GE(numbers_in("/proc/sys/fs/inode-nr")[0], 300);  // what other tests left may go at any time
  const auto state = numbers_in("/proc/sys/fs/inode-state");
  ASSERT_EQ(state.size(), 7u);
  EXPECT_GE(state[0], 300);
}

TEST(SysDentryState, HasSixNumbers) {
  const auto before = numbers_in("/proc/sys/fs/dentry-state");
  ASSERT_EQ(before.size(), 6u);
  EXPECT_GT(before[0], 0);
  EXPECT_EQ(before[2], 45) << "an age in seconds, of old";
  for (int i = 0; i < 300; ++i) put(("f" + std::to_string(i)).c_str(), "");
  EXPECT_GE(numbers_in("/proc/sys/fs/dentry-state")[0], 300);
}

TEST(SysDropCaches, IsACommandWithFourKinds) {
  const char* const path = "/proc/sys/vm/drop_caches";
  struct stat st;
  ASSERT_OK(stat(path, &st));
  EXPECT_EQ(st.st_mode, S_IFREG | 0200u);
  const Fd file{open(path, O_WRONLY)};
  ASSERT_OK(int{file});
  for (const char* kind : {"1", "2", "3"}) EXPECT_EQ(pwrite(file, kind, 1, 0), 1) << kind;
  EXPECT_ERRNO(EACCES, open(path, O_RDONLY));
  for (const char* bad : {"0", "5", "-", "x"}) EXPECT_ERRNO(EINVAL, pwrite(file, bad, 1, 0)) << bad;
}

TEST(SysNumbers, MayBeOctalOrHexadecimal) {
  const Setting most{"fs/nr_open"};
  for (const char* text : {"0x800", "04000", " 2048\n", "\t2048 "}) {
    EXPECT_OK(most.set(text)) << text;
    EXPECT_EQ(most.read(), "2048\n");
    EXPECT_OK(most.set("4096"));
  }
  for (const char* text : {"+2048", "2048x", "0x", "08", "-2048", "two"}) EXPECT_ERRNO(EINVAL, most.set(text)) << text;
  EXPECT_EQ(most.read(), "4096\n");
}

TEST(SysNumbers, OfAProcessToo) {
  const auto set = [](const std::string& value) {
    const Fd fd{open("/proc/self/oom_score_adj", O_WRONLY)};
    return write(fd, value.data(), value.size()) == (ssize_t)value.size() ? 0 : -1;
  };
  EXPECT_EQ(in_child([&] {
              for (const char* text : {"0x10", "020", " 16\n", "\t16 "}) {
                EXPECT_OK(set(text)) << text;
                EXPECT_EQ(slurp("/proc/self/oom_score_adj"), "16\n");
                EXPECT_OK(set("-0x20"));
                EXPECT_EQ(slurp("/proc/self/oom_score_adj"), "-32\n");
              }
              for (const char* text : {"16x", "0x", "08", "1001", "- 1", "two"})
                EXPECT_ERRNO(EINVAL, set(text)) << text;
            }),
            0);
}

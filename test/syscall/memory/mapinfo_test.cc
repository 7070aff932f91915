/// madvise(2), msync(2), and what /proc/self/maps says.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"

using namespace systest;

namespace {

/// The line of /proc/self/maps that starts at `address`.
std::string map_line(const void* address) {
  char start[32];
  snprintf(start, sizeof start, "%lx-", (unsigned long)address);
  const std::string maps = "\n" + slurp("/proc/self/maps");
  const auto at = maps.find(std::string("\n") + start);
  return at == std::string::npos ? "" : maps.substr(at + 1, maps.find('\n', at + 1) - at - 1);
}

}  // namespace

TEST(Madvise, DontneedMakesAnonymousMemoryZero) {
  Pages pages{2};
  memset(pages.at(), 'x', pages.size());
  ASSERT_OK(madvise(pages.at(1), kPage, MADV_DONTNEED));
  EXPECT_EQ(*pages.at(0), 'x');
  EXPECT_EQ(*pages.at(1), 0);
}

TEST(Madvise, RefusesBadArguments) {
  Pages pages{1};
  EXPECT_ERRNO(EINVAL, madvise(pages.at() + 1, kPage, MADV_DONTNEED));
  EXPECT_ERRNO(EINVAL, madvise(pages.at(), kPage, 9999));
  ASSERT_OK(munmap(pages.at(), kPage));
  EXPECT_ERRNO(ENOMEM, madvise(pages.at(), kPage, MADV_DONTNEED));
}

TEST(Msync, RefusesBadArguments) {
  Pages pages{1};
  EXPECT_ERRNO(EINVAL, msync(pages.at() + 1, kPage, MS_SYNC));
  EXPECT_ERRNO(EINVAL, msync(pages.at(), kPage, MS_SYNC | MS_ASYNC));
  ASSERT_OK(munmap(pages.at(), kPage));
  EXPECT_ERRNO(ENOMEM, msync(pages.at(), kPage, MS_SYNC));
}

TEST(ProcMaps, ShowsRangeProtectionAndSharing) {
  void* shared = mmap(nullptr, 2 * kPage, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_OK(shared);
  const std::string line = map_line(shared);
  EXPECT_NE(line.find(" r--s "), std::string::npos) << line;
  munmap(shared, 2 * kPage);
  EXPECT_EQ(map_line(shared), "");
}

TEST(ProcMaps, ShowsFileNameAndOffset) {
  put("mapped", std::string(3 * kPage, 'm'));
  Fd fd{open("mapped", O_RDONLY)};
  void* p = mmap(nullptr, kPage, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 2 * kPage);
  ASSERT_OK(p);
  const std::string line = map_line(p);
  EXPECT_NE(line.find(" r-xp 00002000 "), std::string::npos) << line;
  EXPECT_TRUE(line.ends_with("/mapped")) << line;
  munmap(p, kPage);
}

TEST(ProcMaps, NamesHeapStackAndVdso) {
  ASSERT_NE(sbrk(kPage), (void*)-1);
  const std::string maps = slurp("/proc/self/maps");
  for (const char* name : {"[heap]", "[stack]", "[vdso]"}) EXPECT_NE(maps.find(name), std::string::npos) << name;
}

/// utimensat(2), utime(2), and which changes move which time.
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

namespace {

bool same(timespec a, timespec b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }
bool no_later(timespec a, timespec b) {
  return a.tv_sec < b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec <= b.tv_nsec);
}

}  // namespace

TEST(Utimensat, SetsBothTimes) {
  put("file", "");
  const timespec times[2] = {{1000000001, 5}, {1000000002, 999999999}};
  EXPECT_OK(utimensat(AT_FDCWD, "file", times, 0));
  const auto st = stat_of("file");
  EXPECT_TRUE(same(st.st_atim, times[0]));
  EXPECT_TRUE(same(st.st_mtim, times[1]));
}

TEST(Utimensat, OmitAndNow) {
  put("file", "");
  const timespec fixed[2] = {{111, 0}, {222, 0}};
  ASSERT_OK(utimensat(AT_FDCWD, "file", fixed, 0));
  const timespec omit[2] = {{0, UTIME_OMIT}, {0, UTIME_NOW}};
  EXPECT_OK(utimensat(AT_FDCWD, "file", omit, 0));
  EXPECT_EQ(stat_of("file").st_atim.tv_sec, 111);
  EXPECT_GT(stat_of("file").st_mtim.tv_sec, 222);
  EXPECT_OK(utimensat(AT_FDCWD, "file", nullptr, 0));
  EXPECT_GT(stat_of("file").st_atim.tv_sec, 222);
}

TEST(Utimensat, LinksAndDescriptors) {
  put("file", "");
  ASSERT_OK(symlink("file", "link"));
  const timespec times[2] = {{333, 0}, {444, 0}};
  EXPECT_OK(utimensat(AT_FDCWD, "link", times, AT_SYMLINK_NOFOLLOW));
  EXPECT_EQ(stat_of("link").st_mtim.tv_sec, 444);
  EXPECT_NE(stat_of("file").st_mtim.tv_sec, 444);
  Fd fd{open("file", O_RDONLY)};
  EXPECT_OK(futimens(fd, times));
  EXPECT_EQ(stat_of("file").st_mtim.tv_sec, 444);
}

TEST(Utimensat, PermissionRules) {
  put("roots", "");
  ASSERT_OK(chmod("roots", 0646));
  put("closed", "");
  EXPECT_EQ(as_user([] {
              const timespec times[2] = {{1, 0}, {1, 0}};
              EXPECT_OK(utimensat(AT_FDCWD, "roots", nullptr, 0)) << "now is for whoever may write";
              EXPECT_ERRNO(EPERM, utimensat(AT_FDCWD, "roots", times, 0));
              EXPECT_ERRNO(EACCES, utimensat(AT_FDCWD, "closed", nullptr, 0));
            }),
            0);
}

TEST(Utimensat, RefusesBadArguments) {
  put("file", "");
  const timespec bad[2] = {{0, 1000000000}, {0, 0}};
  EXPECT_ERRNO(EINVAL, utimensat(AT_FDCWD, "file", bad, 0));
  EXPECT_ERRNO(ENOENT, utimensat(AT_FDCWD, "missing", nullptr, 0));
  EXPECT_ERRNO(EINVAL, utimensat(AT_FDCWD, "file", nullptr, 0x40000000));
}

TEST(Utime, SetsWholeSeconds) {
  put("file", "");
  const utimbuf times{123, 456};
  EXPECT_OK(utime("file", &times));
  EXPECT_EQ(stat_of("file").st_atim.tv_sec, 123);
  EXPECT_EQ(stat_of("file").st_mtim.tv_sec, 456);
  EXPECT_EQ(stat_of("file").st_mtim.tv_nsec, 0);
}

TEST(Times, WritesChangeMtimeAndCtimeAndChmodOnlyCtime) {
  put("file", "");
  const timespec past[2] = {{1, 0}, {1, 0}};
  ASSERT_OK(utimensat(AT_FDCWD, "file", past, 0));
  Fd fd{open("file", O_WRONLY)};
  ASSERT_EQ(write(fd, "x", 1), 1);
  const auto written = stat_of("file");
  EXPECT_GT(written.st_mtim.tv_sec, 1);
  ASSERT_OK(utimensat(AT_FDCWD, "file", past, 0));
  const auto before = stat_of("file");
  ASSERT_OK(chmod("file", 0600));
  const auto after = stat_of("file");
  EXPECT_EQ(after.st_mtim.tv_sec, 1);
  EXPECT_TRUE(no_later(before.st_ctim, after.st_ctim));
}

TEST(Times, DirectoryChangesWithItsEntries) {
  ASSERT_OK(mkdir("dir", 0755));
  const timespec past[2] = {{1, 0}, {1, 0}};
  for (auto change :
       {+[] { put("dir/a", ""); }, +[] { EXPECT_OK(rename("dir/a", "dir/b")); }, +[] { EXPECT_OK(unlink("dir/b")); }}) {
    ASSERT_OK(utimensat(AT_FDCWD, "dir", past, 0));
    change();
    EXPECT_GT(stat_of("dir").st_mtim.tv_sec, 1);
  }
}

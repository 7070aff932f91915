/// stat(2) family, statx(2), chmod(2), chown(2), umask(2), utimensat(2), utime(2), statfs(2).
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
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

struct statx statx_of(const char* path, unsigned mask = STATX_BASIC_STATS) {
  struct statx stx{};
  EXPECT_OK(statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, mask, &stx));
  return stx;
}

}  // namespace

TEST(Stat, DescribesAFile) {
  put("file", "12345", 0640);
  const auto st = stat_of("file");
  EXPECT_EQ(st.st_mode, S_IFREG | 0640u);
  EXPECT_EQ(st.st_nlink, 1u);
  EXPECT_EQ(st.st_size, 5);
  EXPECT_EQ(st.st_uid, 0u);
  EXPECT_EQ(st.st_gid, 0u);
  EXPECT_EQ(st.st_blksize, 4096);
  EXPECT_EQ(st.st_blocks, 8);
  EXPECT_NE(st.st_ino, 0u);
  EXPECT_EQ(st.st_dev, stat_of(".").st_dev);
}

TEST(Stat, FollowsLinksAndLstatDoesNot) {
  put("file", "12345");
  ASSERT_OK(symlink("file", "link"));
  struct stat st;
  EXPECT_OK(stat("link", &st));
  EXPECT_TRUE(S_ISREG(st.st_mode));
  EXPECT_OK(lstat("link", &st));
  EXPECT_TRUE(S_ISLNK(st.st_mode));
  ASSERT_OK(symlink("nowhere", "dangling"));
  EXPECT_ERRNO(ENOENT, stat("dangling", &st));
  EXPECT_OK(lstat("dangling", &st));
}

TEST(Stat, OfDescriptors) {
  struct stat st;
  auto pipe = make_pipe();
  EXPECT_OK(fstat(pipe.read, &st));
  EXPECT_TRUE(S_ISFIFO(st.st_mode));
  EXPECT_ERRNO(EBADF, fstat(999, &st));
}

TEST(Fstatat, FlagsChooseLinkAndEmptyPath) {
  put("file", "123");
  ASSERT_OK(symlink("file", "link"));
  struct stat st;
  EXPECT_OK(fstatat(AT_FDCWD, "link", &st, AT_SYMLINK_NOFOLLOW));
  EXPECT_TRUE(S_ISLNK(st.st_mode));
  Fd fd{open("file", O_RDONLY)};
  EXPECT_OK(fstatat(fd, "", &st, AT_EMPTY_PATH));
  EXPECT_EQ(st.st_size, 3);
  EXPECT_ERRNO(ENOENT, fstatat(fd, "", &st, 0));
  EXPECT_ERRNO(EINVAL, syscall(SYS_newfstatat, AT_FDCWD, "file", &st, 0x40000000));
}

TEST(Statx, AgreesWithStat) {
  put("file", "12345", 0604);
  const auto st = stat_of("file");
  const auto stx = statx_of("file");
  EXPECT_EQ(stx.stx_mask & STATX_BASIC_STATS, STATX_BASIC_STATS);
  EXPECT_EQ(stx.stx_mode, st.st_mode);
  EXPECT_EQ(stx.stx_ino, st.st_ino);
  EXPECT_EQ(stx.stx_size, 5u);
  EXPECT_EQ(stx.stx_nlink, 1u);
  EXPECT_EQ(stx.stx_blocks, (std::uint64_t)st.st_blocks);
  EXPECT_EQ(stx.stx_mtime.tv_sec, st.st_mtim.tv_sec);
  EXPECT_EQ(stx.stx_mtime.tv_nsec, st.st_mtim.tv_nsec);
  EXPECT_EQ(makedev(stx.stx_dev_major, stx.stx_dev_minor), st.st_dev);
}

TEST(Statx, RefusesReservedBits) {
  struct statx stx;
  EXPECT_ERRNO(EINVAL, statx(AT_FDCWD, ".", 0, STATX__RESERVED, &stx));
  EXPECT_ERRNO(EINVAL, statx(AT_FDCWD, ".", 0x40000000, STATX_SIZE, &stx));
  EXPECT_ERRNO(EINVAL, statx(AT_FDCWD, ".", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, STATX_SIZE, &stx));
}

TEST(Chmod, ChangesPermissionBitsOnly) {
  put("file", "");
  EXPECT_OK(chmod("file", 0751));
  EXPECT_EQ(stat_of("file").st_mode, S_IFREG | 0751u);
  Fd fd{open("file", O_RDONLY)};
  EXPECT_OK(fchmod(fd, 04755));
  EXPECT_EQ(mode_of("file"), 04755u);
  EXPECT_OK(fchmodat(AT_FDCWD, "file", 0600, 0));
  EXPECT_EQ(mode_of("file"), 0600u);
  EXPECT_OK(chmod("file", 0100000 | 0644)) << "type bits are masked off";
  EXPECT_EQ(stat_of("file").st_mode, S_IFREG | 0644u);
}

TEST(Chmod, FollowsLinks) {
  put("file", "", 0600);
  ASSERT_OK(symlink("file", "link"));
  EXPECT_OK(chmod("link", 0711));
  EXPECT_EQ(mode_of("file"), 0711u);
}

TEST(Chmod, IsForTheOwner) {
  put("mine", "");
  put("roots", "");
  ASSERT_OK(chown("mine", kUser, kUser));
  EXPECT_EQ(as_user([] {
              EXPECT_OK(chmod("mine", 0600));
              EXPECT_ERRNO(EPERM, chmod("roots", 0777));
            }),
            0);
  EXPECT_ERRNO(ENOENT, chmod("missing", 0600));
  EXPECT_ERRNO(EBADF, fchmod(999, 0600));
}

TEST(Chmod, ByANonMemberDropsSetgid) {
  put("file", "");
  ASSERT_OK(chown("file", kUser, 77));
  EXPECT_EQ(as_user([] { EXPECT_OK(chmod("file", 02755)); }), 0);
  EXPECT_EQ(mode_of("file"), 0755u);
}

TEST(Chown, ChangesOwnerAndGroupAndMinusOneKeeps) {
  put("file", "");
  EXPECT_OK(chown("file", 12, 34));
  EXPECT_OK(chown("file", -1, 35));
  EXPECT_EQ(stat_of("file").st_uid, 12u);
  EXPECT_EQ(stat_of("file").st_gid, 35u);
  EXPECT_OK(chown("file", 13, -1));
  EXPECT_EQ(stat_of("file").st_uid, 13u);
  Fd fd{open("file", O_RDONLY)};
  EXPECT_OK(fchown(fd, 1, 2));
  EXPECT_EQ(stat_of("file").st_gid, 2u);
}

TEST(Chown, LchownTakesTheLinkItself) {
  put("file", "");
  ASSERT_OK(symlink("file", "link"));
  EXPECT_OK(lchown("link", 5, 6));
  EXPECT_EQ(stat_of("link").st_uid, 5u);
  EXPECT_EQ(stat_of("file").st_uid, 0u);
  EXPECT_OK(fchownat(AT_FDCWD, "link", 7, 8, AT_SYMLINK_NOFOLLOW));
  EXPECT_EQ(stat_of("link").st_uid, 7u);
  EXPECT_OK(chown("link", 9, 9));
  EXPECT_EQ(stat_of("file").st_uid, 9u);
}

TEST(Chown, ClearsSetidBitsOfExecutables) {
  put("program", "", 06755);
  EXPECT_OK(chown("program", 1, 1));
  EXPECT_EQ(mode_of("program"), 0755u);
  put("locking", "", 02644);
  EXPECT_OK(chown("locking", 1, 1));
  EXPECT_EQ(mode_of("locking"), 02644u) << "setgid without group execute is no setgid program";
  ASSERT_OK(mkdir("dir", 0755));
  ASSERT_OK(chmod("dir", 02755));
  EXPECT_OK(chown("dir", 1, 1));
  EXPECT_EQ(mode_of("dir"), 02755u);
}

TEST(Chown, UsersGiveNothingAwayButMayChooseTheirGroups) {
  put("file", "");
  ASSERT_OK(chown("file", kUser, kUser));
  EXPECT_EQ(as_user([] {
              EXPECT_ERRNO(EPERM, chown("file", 0, -1));
              EXPECT_ERRNO(EPERM, chown("file", -1, 77));
              EXPECT_OK(chown("file", kUser, kUser));
            }),
            0);
}

TEST(Setid, BitsAreClearedByAUsersWriteAndTruncate) {
  put("file", "contents");
  ASSERT_OK(chown("file", 0, 0));
  ASSERT_OK(chmod("file", 06777));
  EXPECT_EQ(as_user([] {
              Fd fd{open("file", O_WRONLY)};
              EXPECT_EQ(write(fd, "x", 1), 1);
            }),
            0);
  EXPECT_EQ(mode_of("file"), 0777u);
  ASSERT_OK(chmod("file", 06777));
  EXPECT_EQ(as_user([] { EXPECT_OK(truncate("file", 3)); }), 0);
  EXPECT_EQ(mode_of("file"), 0777u);
}

TEST(Umask, AnswersTheOldMaskAndMasksNineBits) {
  umask(022);
  EXPECT_EQ(umask(07777), 022u);
  EXPECT_EQ(umask(022), 0777u);
}

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

TEST(Statfs, NamesTheFileSystems) {
  struct statfs fs;
  EXPECT_OK(statfs(".", &fs));
  EXPECT_EQ(fs.f_type, TMPFS_MAGIC);
  EXPECT_EQ(fs.f_namelen, 255);
  EXPECT_EQ(fs.f_bsize, 4096);
  EXPECT_OK(statfs("/proc", &fs));
  EXPECT_EQ(fs.f_type, PROC_SUPER_MAGIC);
  Fd fd{open(".", O_RDONLY)};
  EXPECT_OK(fstatfs(fd, &fs));
  EXPECT_EQ(fs.f_type, TMPFS_MAGIC);
  EXPECT_ERRNO(ENOENT, statfs("missing", &fs));
  EXPECT_ERRNO(EBADF, fstatfs(999, &fs));
}

TEST(Statfs, CountsBlocksOfASizedTmpfs) {
  ASSERT_OK(mkdir("mount", 0755));
  ASSERT_OK(mount("none", "mount", "tmpfs", 0, "size=1m"));
  struct statfs before, after;
  EXPECT_OK(statfs("mount", &before));
  EXPECT_EQ(before.f_blocks, 256u);
  put("mount/file", std::string(8192, 'x'));
  EXPECT_OK(statfs("mount", &after));
  EXPECT_EQ(before.f_bfree - after.f_bfree, 2u);
  Fd fd{open("mount/full", O_WRONLY | O_CREAT, 0644)};
  const std::string megabyte(1 << 20, 'f');
  const ssize_t written = write(fd, megabyte.data(), megabyte.size());
  EXPECT_EQ(written, (1 << 20) - 8192);
  EXPECT_ERRNO(ENOSPC, write(fd, "x", 1));
  fd.reset();
  EXPECT_OK(umount("mount"));
}

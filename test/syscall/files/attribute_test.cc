/// stat(2) family, statx(2), chmod(2), chown(2), umask(2).
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

namespace {

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

/// Permission checks as an unprivileged user; access(2), faccessat(2).
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

TEST(Permission, OwnerGroupAndOthersAreAskedInThatOrder) {
  put("owner-denied", "", 0077);
  ASSERT_OK(chown("owner-denied", kUser, kUser));
  put("group-denied", "", 0707);
  ASSERT_OK(chown("group-denied", 0, kUser));
  put("others-denied", "", 0770);
  put("open", "", 0004);
  EXPECT_EQ(as_user([] {
              EXPECT_ERRNO(EACCES, open("owner-denied", O_RDONLY));
              EXPECT_ERRNO(EACCES, open("group-denied", O_RDONLY));
              EXPECT_ERRNO(EACCES, open("others-denied", O_RDONLY));
              EXPECT_OK(open("open", O_RDONLY));
              EXPECT_ERRNO(EACCES, open("open", O_RDWR));
            }),
            0);
}

TEST(Permission, SupplementaryGroupsCount) {
  put("file", "", 0040);
  ASSERT_OK(chown("file", 0, 77));
  EXPECT_EQ(in_child([] {
              const gid_t groups[] = {5, 77};
              ASSERT_OK(setgroups(2, groups));
              ASSERT_OK(setresuid(kUser, kUser, kUser));
              EXPECT_OK(open("file", O_RDONLY));
              EXPECT_ERRNO(EACCES, open("file", O_WRONLY));
            }),
            0);
}

TEST(Permission, RootIgnoresReadAndWriteBits) {
  put("file", "", 0000);
  EXPECT_OK(open("file", O_RDWR));
}

TEST(Permission, SearchBitIsNeededOnEveryDirectory) {
  ASSERT_OK(mkdir("dir", 0755));
  ASSERT_OK(mkdir("dir/inner", 0755));
  put("dir/inner/file", "");
  ASSERT_OK(chmod("dir", 0644));
  EXPECT_EQ(as_user([] {
              EXPECT_ERRNO(EACCES, open("dir/inner/file", O_RDONLY));
              EXPECT_ERRNO(EACCES, chdir("dir"));
              EXPECT_OK(open("dir", O_RDONLY)) << "reading the list is another bit";
            }),
            0);
  ASSERT_OK(chmod("dir", 0711));
  EXPECT_EQ(as_user([] {
              EXPECT_OK(open("dir/inner/file", O_RDONLY));
              EXPECT_ERRNO(EACCES, open("dir", O_RDONLY));
            }),
            0);
}

TEST(Permission, ChangingEntriesNeedsWriteOnTheDirectory) {
  ASSERT_OK(mkdir("closed", 0755));
  put("closed/file", "", 0666);
  EXPECT_EQ(as_user([] {
              EXPECT_ERRNO(EACCES, open("closed/new", O_CREAT | O_WRONLY, 0644));
              EXPECT_ERRNO(EACCES, unlink("closed/file"));
              EXPECT_ERRNO(EACCES, rename("closed/file", "closed/other"));
              EXPECT_ERRNO(EACCES, mkdir("closed/dir", 0755));
              EXPECT_ERRNO(EACCES, symlink("x", "closed/link"));
              EXPECT_ERRNO(EACCES, link("closed/file", "closed/hard"));
            }),
            0);
}

TEST(Permission, StickyDirectoryProtectsOthersFiles) {
  ASSERT_OK(mkdir("sticky", 0777));
  ASSERT_OK(chmod("sticky", 01777));
  put("sticky/roots", "");
  put("sticky/users", "");
  ASSERT_OK(chown("sticky/users", kUser, kUser));
  EXPECT_EQ(as_user([] {
              EXPECT_ERRNO(EPERM, unlink("sticky/roots"));
              EXPECT_ERRNO(EPERM, rename("sticky/roots", "sticky/x"));
              EXPECT_OK(unlink("sticky/users"));
            }),
            0);
}

TEST(Permission, NewFilesBelongToTheirCreator) {
  ASSERT_OK(mkdir("open", 0777));
  ASSERT_OK(chmod("open", 0777));
  EXPECT_EQ(as_user([] { put("open/file", ""); }), 0);
  EXPECT_EQ(stat_of("open/file").st_uid, kUser);
  EXPECT_EQ(stat_of("open/file").st_gid, kUser);
}

TEST(Access, ChecksRealIdsNotEffectiveOnes) {
  put("roots", "", 0600);
  EXPECT_EQ(in_child([] {
              ASSERT_OK(setresuid(kUser, 0, 0));
              EXPECT_ERRNO(EACCES, access("roots", R_OK));
              EXPECT_OK(open("roots", O_RDONLY));
              EXPECT_OK(faccessat(AT_FDCWD, "roots", R_OK, AT_EACCESS));
            }),
            0);
}

TEST(Access, RootNeedsSomeExecuteBit) {
  put("plain", "", 0644);
  put("program", "", 0645);
  EXPECT_ERRNO(EACCES, access("plain", X_OK));
  EXPECT_OK(access("program", X_OK));
  EXPECT_OK(access("plain", R_OK | W_OK));
}

TEST(Access, RefusesBadArguments) {
  put("file", "");
  EXPECT_ERRNO(EINVAL, access("file", 8));
  EXPECT_ERRNO(ENOENT, access("missing", F_OK));
  EXPECT_ERRNO(ENOTDIR, access("file/x", F_OK));
  EXPECT_ERRNO(EBADF, faccessat(999, "file", F_OK, 0));
  EXPECT_OK(faccessat(999, "/", F_OK, 0));
}

TEST(Permission, FifoAndDeviceModesCountToo) {
  ASSERT_OK(mkfifo("fifo", 0600));
  EXPECT_EQ(as_user([] { EXPECT_ERRNO(EACCES, open("fifo", O_RDONLY | O_NONBLOCK)); }), 0);
}

/// link(2), symlink(2), readlink(2), unlink(2), rename(2), mkdir(2), rmdir(2), mknod(2).
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

std::string link_text(const char* path) {
  char text[4096];
  const ssize_t length = readlink(path, text, sizeof text);
  return length == -1 ? std::string("<") + strerrorname_np(errno) + ">" : std::string(text, length);
}

}  // namespace

TEST(Link, GivesASecondNameToTheInode) {
  put("a", "one");
  EXPECT_OK(link("a", "b"));
  EXPECT_EQ(stat_of("a").st_ino, stat_of("b").st_ino);
  EXPECT_EQ(stat_of("a").st_nlink, 2u);
  EXPECT_OK(unlink("a"));
  EXPECT_EQ(slurp("b"), "one");
  EXPECT_EQ(stat_of("b").st_nlink, 1u);
}

TEST(Link, RefusesWhatCannotBeLinked) {
  put("a", "");
  put("b", "");
  ASSERT_OK(mkdir("dir", 0755));
  EXPECT_ERRNO(EEXIST, link("a", "b"));
  EXPECT_ERRNO(ENOENT, link("missing", "c"));
  EXPECT_ERRNO(ENOENT, link("a", "missing/c"));
  EXPECT_ERRNO(EPERM, link("dir", "c"));
  EXPECT_ERRNO(EXDEV, link("a", "/dev/systest-link"));
}

TEST(Link, OfASymlinkLinksTheSymlinkUnlessAsked) {
  put("file", "");
  ASSERT_OK(symlink("file", "sym"));
  EXPECT_OK(link("sym", "hard"));
  EXPECT_TRUE(S_ISLNK(stat_of("hard").st_mode));
  EXPECT_OK(linkat(AT_FDCWD, "sym", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW));
  EXPECT_TRUE(S_ISREG(stat_of("followed").st_mode));
  EXPECT_ERRNO(EINVAL, linkat(AT_FDCWD, "sym", AT_FDCWD, "x", 0x40000000));
}

TEST(Symlink, KeepsItsTextWhateverItSays) {
  EXPECT_OK(symlink("../any where", "link"));
  EXPECT_EQ(link_text("link"), "../any where");
  EXPECT_EQ(stat_of("link").st_size, 12);
  EXPECT_EQ(mode_of("link"), 0777u);
  EXPECT_ERRNO(EEXIST, symlink("x", "link"));
  EXPECT_ERRNO(ENOENT, symlink("", "empty"));
  EXPECT_ERRNO(ENOENT, symlink("x", "missing/link"));
}

TEST(Symlink, LongTextsWork) {
  const std::string text(4095, 't');
  EXPECT_OK(symlink(text.c_str(), "link"));
  EXPECT_EQ(link_text("link"), text);
  EXPECT_ERRNO(ENAMETOOLONG, symlink((text + "t").c_str(), "longer"));
}

TEST(Readlink, CutsOffAndRefuses) {
  ASSERT_OK(symlink("target", "link"));
  char text[8] = "zzzzzzz";
  EXPECT_EQ(readlink("link", text, 3), 3);
  EXPECT_EQ(std::string_view(text, 4), "tarz") << "no terminating NUL";
  put("file", "");
  EXPECT_ERRNO(EINVAL, readlink("file", text, 8));
  EXPECT_ERRNO(ENOENT, readlink("missing", text, 8));
  EXPECT_ERRNO(EINVAL, syscall(SYS_readlink, "link", text, 0));
}

TEST(Unlink, RemovesNamesNotDirectories) {
  put("file", "");
  ASSERT_OK(mkdir("dir", 0755));
  ASSERT_OK(symlink("dir", "link"));
  EXPECT_OK(unlink("file"));
  EXPECT_ERRNO(ENOENT, unlink("file"));
  EXPECT_ERRNO(EISDIR, unlink("dir"));
  EXPECT_OK(unlink("link"));
  EXPECT_OK(access("dir", F_OK));
  EXPECT_ERRNO(ENOTDIR, unlink("/dev/null/x"));
}

TEST(Unlinkat, RemovesDirectoriesWhenAsked) {
  ASSERT_OK(mkdir("dir", 0755));
  EXPECT_ERRNO(EISDIR, unlinkat(AT_FDCWD, "dir", 0));
  EXPECT_OK(unlinkat(AT_FDCWD, "dir", AT_REMOVEDIR));
  EXPECT_ERRNO(EINVAL, unlinkat(AT_FDCWD, "dir", 0x40000000));
}

TEST(Mkdir, MakesAnEmptyDirectory) {
  umask(022);
  const auto before = stat_of(".").st_nlink;
  EXPECT_OK(mkdir("dir", 0777));
  EXPECT_EQ(mode_of("dir"), 0755u);
  EXPECT_EQ(stat_of("dir").st_nlink, 2u);
  EXPECT_EQ(stat_of(".").st_nlink, before + 1);
  EXPECT_OK(mkdir("slash/", 0755));
}

TEST(Mkdir, RefusesWhatExists) {
  put("file", "");
  ASSERT_OK(symlink("nowhere", "link"));
  EXPECT_ERRNO(EEXIST, mkdir("file", 0755));
  EXPECT_ERRNO(EEXIST, mkdir("link", 0755));
  EXPECT_ERRNO(EEXIST, mkdir(".", 0755));
  EXPECT_ERRNO(EEXIST, mkdir("/", 0755));
  EXPECT_ERRNO(ENOENT, mkdir("missing/dir", 0755));
  EXPECT_ERRNO(ENOTDIR, mkdir("file/dir", 0755));
}

TEST(Mkdir, InheritsGroupFromASetgidDirectory) {
  ASSERT_OK(mkdir("shared", 0755));
  ASSERT_OK(chown("shared", 0, 77));
  ASSERT_OK(chmod("shared", 02755));
  ASSERT_OK(mkdir("shared/dir", 0755));
  put("shared/file", "");
  EXPECT_EQ(stat_of("shared/dir").st_gid, 77u);
  EXPECT_TRUE(mode_of("shared/dir") & S_ISGID);
  EXPECT_EQ(stat_of("shared/file").st_gid, 77u);
  EXPECT_FALSE(mode_of("shared/file") & S_ISGID);
}

TEST(Rmdir, RemovesOnlyEmptyDirectories) {
  ASSERT_OK(mkdir("dir", 0755));
  put("dir/file", "");
  EXPECT_ERRNO(ENOTEMPTY, rmdir("dir"));
  ASSERT_OK(unlink("dir/file"));
  EXPECT_OK(rmdir("dir"));
  EXPECT_ERRNO(ENOENT, rmdir("dir"));
}

TEST(Rmdir, RefusesDotsFilesAndMountPoints) {
  ASSERT_OK(mkdir("dir", 0755));
  put("file", "");
  EXPECT_ERRNO(EINVAL, rmdir("dir/."));
  EXPECT_ERRNO(ENOTEMPTY, rmdir("dir/.."));
  EXPECT_ERRNO(ENOTDIR, rmdir("file"));
  EXPECT_ERRNO(EBUSY, rmdir("/proc"));
  EXPECT_ERRNO(EBUSY, rmdir("/"));
}

TEST(Rmdir, RemovedWorkingDirectoryIsADeadEnd) {
  ASSERT_OK(mkdir("dir", 0755));
  ASSERT_OK(chdir("dir"));
  EXPECT_OK(rmdir("../dir"));
  char buffer[256];
  EXPECT_ERRNO(ENOENT, syscall(SYS_getcwd, buffer, sizeof buffer));
  EXPECT_ERRNO(ENOENT, open("file", O_CREAT | O_WRONLY, 0644));
  EXPECT_OK(chdir(".."));
}

TEST(Rename, MovesAndReplaces) {
  put("a", "from a");
  put("b", "from b");
  EXPECT_OK(rename("a", "b"));
  EXPECT_ERRNO(ENOENT, access("a", F_OK));
  EXPECT_EQ(slurp("b"), "from a");
  ASSERT_OK(mkdir("dir", 0755));
  EXPECT_OK(rename("b", "dir/c"));
  EXPECT_EQ(slurp("dir/c"), "from a");
}

TEST(Rename, OfTwoNamesOfOneFileDoesNothing) {
  put("a", "");
  ASSERT_OK(link("a", "b"));
  EXPECT_OK(rename("a", "b"));
  EXPECT_OK(access("a", F_OK));
  EXPECT_OK(rename("a", "a"));
}

TEST(Rename, DirectoriesReplaceOnlyEmptyDirectories) {
  ASSERT_OK(mkdir("a", 0755));
  ASSERT_OK(mkdir("b", 0755));
  put("b/file", "");
  put("plain", "");
  EXPECT_ERRNO(ENOTEMPTY, rename("a", "b"));
  EXPECT_OK(rename("b", "a"));
  EXPECT_OK(access("a/file", F_OK));
  EXPECT_ERRNO(ENOTDIR, rename("a", "plain"));
  EXPECT_ERRNO(EISDIR, rename("plain", "a"));
}

TEST(Rename, RefusesLoopsDotsAndOtherMounts) {
  ASSERT_OK(mkdir("a", 0755));
  ASSERT_OK(mkdir("a/b", 0755));
  put("file", "");
  EXPECT_ERRNO(EINVAL, rename("a", "a/b/c"));
  EXPECT_ERRNO(EBUSY, rename("a/.", "x"));
  EXPECT_ERRNO(EBUSY, rename("a", ".."));
  EXPECT_ERRNO(ENOENT, rename("missing", "x"));
  EXPECT_ERRNO(ENOENT, rename("file", "missing/x"));
  EXPECT_ERRNO(EXDEV, rename("file", "/proc/x"));
}

TEST(Rename, MovedDirectoryFindsItsNewParent) {
  ASSERT_OK(mkdir("a", 0755));
  ASSERT_OK(mkdir("b", 0755));
  ASSERT_OK(mkdir("a/child", 0755));
  const auto links = stat_of("a").st_nlink;
  EXPECT_OK(rename("a/child", "b/child"));
  EXPECT_EQ(stat_of("b/child/..").st_ino, stat_of("b").st_ino);
  EXPECT_EQ(stat_of("a").st_nlink, links - 1);
}

TEST(Renameat2, NoreplaceAndExchange) {
  put("a", "A");
  put("b", "B");
  EXPECT_ERRNO(EEXIST, renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE));
  EXPECT_OK(renameat2(AT_FDCWD, "a", AT_FDCWD, "c", RENAME_NOREPLACE));
  EXPECT_OK(renameat2(AT_FDCWD, "b", AT_FDCWD, "c", RENAME_EXCHANGE));
  EXPECT_EQ(slurp("b"), "A");
  EXPECT_EQ(slurp("c"), "B");
  EXPECT_ERRNO(ENOENT, renameat2(AT_FDCWD, "b", AT_FDCWD, "x", RENAME_EXCHANGE));
  EXPECT_ERRNO(EINVAL, renameat2(AT_FDCWD, "b", AT_FDCWD, "c", RENAME_EXCHANGE | RENAME_NOREPLACE));
  EXPECT_ERRNO(EINVAL, renameat2(AT_FDCWD, "b", AT_FDCWD, "c", 0x100));
}

TEST(Mknod, MakesEveryType) {
  EXPECT_OK(mknod("regular", S_IFREG | 0640, 0));
  EXPECT_OK(mknod("fifo", S_IFIFO | 0640, 0));
  EXPECT_OK(mknod("null", S_IFCHR | 0666, makedev(1, 3)));
  EXPECT_OK(mknod("block", S_IFBLK | 0600, makedev(7, 1)));
  EXPECT_OK(mknod("socket", S_IFSOCK | 0600, 0));
  EXPECT_TRUE(S_ISREG(stat_of("regular").st_mode));
  EXPECT_TRUE(S_ISFIFO(stat_of("fifo").st_mode));
  EXPECT_TRUE(S_ISBLK(stat_of("block").st_mode));
  EXPECT_EQ(stat_of("block").st_rdev, makedev(7, 1));
  EXPECT_TRUE(S_ISSOCK(stat_of("socket").st_mode));
  EXPECT_ERRNO(ENXIO, open("socket", O_RDONLY));
  EXPECT_ERRNO(EPERM, mknod("directory", S_IFDIR | 0755, 0));
  EXPECT_ERRNO(EINVAL, mknod("nonsense", 0110000 | 0755, 0));
  EXPECT_ERRNO(EEXIST, mknod("fifo", S_IFIFO | 0640, 0));
}

TEST(Mknod, DeviceNodesReachTheirDriver) {
  ASSERT_OK(mknod("zero", S_IFCHR | 0666, makedev(1, 5)));
  Fd fd{open("zero", O_RDONLY)};
  char byte = 1;
  EXPECT_EQ(read(fd, &byte, 1), 1);
  EXPECT_EQ(byte, 0);
}

TEST(Mknod, UsersMakeFifosButNoDevices) {
  ASSERT_OK(mkdir("open", 0777));
  ASSERT_OK(chmod("open", 0777));
  EXPECT_EQ(as_user([] {
              EXPECT_OK(mknod("open/fifo", S_IFIFO | 0600, 0));
              EXPECT_ERRNO(EPERM, mknod("open/null", S_IFCHR | 0666, makedev(1, 3)));
            }),
            0);
}

/// Path resolution, path_resolution(7): limits, links, dots; chdir(2), fchdir(2), getcwd(2), chroot(2).
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

TEST(Path, ComponentOf255BytesIsTheLongest) {
  const std::string longest(255, 'n');
  put(longest.c_str(), "x");
  EXPECT_EQ(slurp(longest.c_str()), "x");
  EXPECT_ERRNO(ENAMETOOLONG, open((longest + "n").c_str(), O_CREAT | O_WRONLY, 0644));
  EXPECT_ERRNO(ENAMETOOLONG, mkdir((longest + "n").c_str(), 0755));
  struct stat st;
  EXPECT_ERRNO(ENAMETOOLONG, stat((longest + "n").c_str(), &st));
}

TEST(Path, WholePathOf4095BytesIsTheLongest) {
  std::string path;
  while (path.size() < PATH_MAX - 2) path += "./";
  path += "x";
  put("x", "found");
  EXPECT_EQ(path.size(), (std::size_t)PATH_MAX - 1);
  EXPECT_EQ(slurp(path.c_str()), "found");
  EXPECT_EQ(slurp(("/" + path).c_str()), "<ENAMETOOLONG>");
}

TEST(Path, RepeatedSlashesAndDotsMeanNothing) {
  ASSERT_OK(mkdir("dir", 0755));
  put("dir/file", "f");
  EXPECT_EQ(slurp(".//dir///.//./file"), "f");
  EXPECT_EQ(slurp("dir/../dir/file"), "f");
  EXPECT_EQ(stat_of("/..").st_ino, stat_of("/").st_ino);
}

TEST(Path, LinksAreFollowedFortyDeepAndNoDeeper) {
  put("file0", "end");
  for (int i = 1; i <= 41; i++) {
    const std::string to = "file" + std::to_string(i - 1), from = "file" + std::to_string(i);
    ASSERT_OK(symlink(to.c_str(), from.c_str()));
  }
  EXPECT_EQ(slurp("file40"), "end");
  EXPECT_EQ(slurp("file41"), "<ELOOP>");
}

TEST(Path, LinkLoopIsEloop) {
  ASSERT_OK(symlink("b", "a"));
  ASSERT_OK(symlink("a", "b"));
  EXPECT_EQ(slurp("a"), "<ELOOP>");
  EXPECT_EQ(slurp("a/x"), "<ELOOP>");
}

TEST(Path, LinksResolveFromTheirOwnDirectory) {
  ASSERT_OK(mkdir("dir", 0755));
  put("dir/file", "here");
  ASSERT_OK(symlink("file", "dir/link"));
  ASSERT_OK(symlink("dir/link", "outer"));
  EXPECT_EQ(slurp("outer"), "here");
  ASSERT_OK(symlink("/dev/null", "dir/absolute"));
  EXPECT_EQ(slurp("dir/absolute"), "");
}

TEST(Path, TrailingSlashFollowsALinkToADirectory) {
  ASSERT_OK(mkdir("dir", 0755));
  ASSERT_OK(symlink("dir", "link"));
  struct stat st;
  EXPECT_OK(lstat("link/", &st));
  EXPECT_TRUE(S_ISDIR(st.st_mode));
  EXPECT_ERRNO(ENOTDIR, unlink("link/"));
}

TEST(Path, EmptyPathIsEnoentEverywhere) {
  struct stat st;
  char text[8];
  EXPECT_ERRNO(ENOENT, stat("", &st));
  EXPECT_ERRNO(ENOENT, mkdir("", 0755));
  EXPECT_ERRNO(ENOENT, unlink(""));
  EXPECT_ERRNO(ENOENT, chdir(""));
  EXPECT_ERRNO(ENOENT, readlink("", text, sizeof text));
  EXPECT_ERRNO(ENOENT, rename("", "x"));
  EXPECT_ERRNO(ENOENT, access("", F_OK));
}

TEST(Chdir, MovesRelativePaths) {
  ASSERT_OK(mkdir("dir", 0755));
  put("dir/file", "f");
  Fd here{open(".", O_RDONLY)};
  EXPECT_OK(chdir("dir"));
  EXPECT_EQ(slurp("file"), "f");
  EXPECT_OK(fchdir(here));
  EXPECT_EQ(slurp("dir/file"), "f");
}

TEST(Chdir, RefusesWhatIsNoDirectory) {
  put("file", "");
  Fd fd{open("file", O_RDONLY)};
  EXPECT_ERRNO(ENOTDIR, chdir("file"));
  EXPECT_ERRNO(ENOENT, chdir("missing"));
  EXPECT_ERRNO(ENOTDIR, fchdir(fd));
  EXPECT_ERRNO(EBADF, fchdir(999));
  ASSERT_OK(mkdir("closed", 0700));
  EXPECT_EQ(as_user([] { EXPECT_ERRNO(EACCES, chdir("closed")); }), 0);
}

TEST(Getcwd, AnswersLengthWithTheNul) {
  ASSERT_OK(chdir("/tmp"));
  char buffer[64];
  EXPECT_EQ(syscall(SYS_getcwd, buffer, sizeof buffer), 5);
  EXPECT_STREQ(buffer, "/tmp");
  EXPECT_ERRNO(ERANGE, syscall(SYS_getcwd, buffer, 4));
  ASSERT_OK(chdir("/"));
  EXPECT_EQ(syscall(SYS_getcwd, buffer, sizeof buffer), 2);
}

TEST(Getcwd, FollowsARenameOfTheDirectory) {
  ASSERT_OK(mkdir("before", 0755));
  ASSERT_OK(chdir("before"));
  ASSERT_OK(rename("../before", "../after"));
  char buffer[256];
  ASSERT_NE(getcwd(buffer, sizeof buffer), nullptr);
  EXPECT_TRUE(std::string_view(buffer).ends_with("/after")) << buffer;
}

TEST(Chroot, ChangesWhatSlashMeans) {
  ASSERT_OK(mkdir("root", 0755));
  put("root/file", "inside");
  ASSERT_OK(symlink("/file", "root/link"));
  EXPECT_EQ(in_child([] {
              ASSERT_OK(chroot("root"));
              ASSERT_OK(chdir("/"));
              EXPECT_EQ(slurp("/file"), "inside");
              EXPECT_EQ(slurp("/link"), "inside");
              EXPECT_EQ(slurp("/../../file"), "inside");
              char buffer[64];
              EXPECT_EQ(syscall(SYS_getcwd, buffer, sizeof buffer), 2);
            }),
            0);
}

TEST(Chroot, LeavesAWorkingDirectoryOutsideReachable) {
  ASSERT_OK(mkdir("root", 0755));
  put("outside", "o");
  EXPECT_EQ(in_child([] {
              ASSERT_OK(chroot("root"));
              EXPECT_EQ(slurp("outside"), "o");
              char buffer[256];
              EXPECT_GT(syscall(SYS_getcwd, buffer, sizeof buffer), 13);
              EXPECT_TRUE(std::string_view(buffer).starts_with("(unreachable)")) << buffer;
            }),
            0);
}

TEST(Chroot, RefusesUsersAndFiles) {
  put("file", "");
  EXPECT_ERRNO(ENOTDIR, chroot("file"));
  EXPECT_ERRNO(ENOENT, chroot("missing"));
  EXPECT_EQ(as_user([] { EXPECT_ERRNO(EPERM, chroot(".")); }), 0);
}

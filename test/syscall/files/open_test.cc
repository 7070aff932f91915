/// open(2), openat(2), creat(2): flags, errors, descriptor numbers.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"

using namespace systest;

TEST(Open, AnswersTheLowestFreeDescriptor) {
  Fd first{open("/dev/null", O_RDONLY)};
  Fd second{open("/dev/null", O_RDONLY)};
  EXPECT_EQ(second, first + 1);
  const int freed = first;
  first.reset();
  Fd third{open("/dev/null", O_RDONLY)};
  EXPECT_EQ(third, freed);
}

TEST(Open, CreatesWithModeLessUmask) {
  umask(027);
  Fd fd{open("file", O_WRONLY | O_CREAT, 0777)};
  ASSERT_OK(int{fd});
  EXPECT_EQ(mode_of("file"), 0750u);
  EXPECT_EQ(stat_of("file").st_uid, 0u);
  EXPECT_EQ(stat_of("file").st_nlink, 1u);
  EXPECT_EQ(stat_of("file").st_size, 0);
}

TEST(Open, ModeBitsDoNotBindTheCreator) {
  Fd fd{open("file", O_RDWR | O_CREAT, 0000)};
  ASSERT_OK(int{fd});
  EXPECT_EQ(write(fd, "x", 1), 1);
}

TEST(Open, ExclRefusesWhatExistsEvenADanglingLink) {
  put("file", "");
  ASSERT_OK(symlink("nowhere", "link"));
  EXPECT_ERRNO(EEXIST, open("file", O_CREAT | O_EXCL | O_RDWR, 0644));
  EXPECT_ERRNO(EEXIST, open("link", O_CREAT | O_EXCL | O_RDWR, 0644));
  EXPECT_OK(open("new", O_CREAT | O_EXCL | O_RDWR, 0644));
}

TEST(Open, CreatThroughADanglingLinkMakesItsTarget) {
  ASSERT_OK(symlink("target", "link"));
  EXPECT_OK(open("link", O_CREAT | O_WRONLY, 0644));
  EXPECT_OK(access("target", F_OK));
}

TEST(Open, CreatTruncatesAndIsWriteOnly) {
  put("file", "contents");
  Fd fd{creat("file", 0600)};
  ASSERT_OK(int{fd});
  EXPECT_EQ(stat_of("file").st_size, 0);
  EXPECT_EQ(mode_of("file"), 0644u) << "the mode of what existed stays";
  char byte;
  EXPECT_ERRNO(EBADF, read(fd, &byte, 1));
}

TEST(Open, AccessModeIsKept) {
  put("file", "x");
  Fd reader{open("file", O_RDONLY)}, writer{open("file", O_WRONLY)};
  char byte;
  EXPECT_ERRNO(EBADF, write(reader, "y", 1));
  EXPECT_ERRNO(EBADF, read(writer, &byte, 1));
  EXPECT_ERRNO(EINVAL, ftruncate(reader, 0));
}

TEST(Open, DirectoriesOpenForReadingOnly) {
  EXPECT_OK(open(".", O_RDONLY));
  EXPECT_ERRNO(EISDIR, open(".", O_WRONLY));
  EXPECT_ERRNO(EISDIR, open(".", O_RDWR));
  EXPECT_ERRNO(EISDIR, open(".", O_RDONLY | O_CREAT, 0644));
  char byte;
  Fd fd{open(".", O_RDONLY)};
  EXPECT_ERRNO(EISDIR, read(fd, &byte, 1));
}

TEST(Open, DirectoryFlagRefusesOthers) {
  put("file", "");
  EXPECT_ERRNO(ENOTDIR, open("file", O_RDONLY | O_DIRECTORY));
  EXPECT_OK(open(".", O_RDONLY | O_DIRECTORY));
}

TEST(Open, NofollowRefusesALastLinkOnly) {
  put("file", "");
  ASSERT_OK(mkdir("dir", 0755));
  put("dir/inner", "");
  ASSERT_OK(symlink("file", "link"));
  ASSERT_OK(symlink("dir", "dirlink"));
  EXPECT_ERRNO(ELOOP, open("link", O_RDONLY | O_NOFOLLOW));
  EXPECT_OK(open("dirlink/inner", O_RDONLY | O_NOFOLLOW));
  EXPECT_ERRNO(ENOTDIR, open("dirlink", O_RDONLY | O_NOFOLLOW | O_DIRECTORY));
}

TEST(Open, TrailingSlashNeedsADirectory) {
  put("file", "");
  EXPECT_ERRNO(ENOTDIR, open("file/", O_RDONLY));
  EXPECT_ERRNO(EISDIR, open("new/", O_WRONLY | O_CREAT, 0644));
}

TEST(Open, AppendWritesAtTheEndAlways) {
  put("file", "abc");
  Fd fd{open("file", O_RDWR | O_APPEND)};
  EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
  EXPECT_EQ(write(fd, "d", 1), 1);
  EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 4);
  EXPECT_EQ(pwrite(fd, "e", 1, 0), 1) << "pwrite on an appending file ignores its offset";
  EXPECT_EQ(slurp("file"), "abcde");
}

TEST(Open, CloexecFlagIsTheDescriptors) {
  Fd fd{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  Fd copy{dup(fd)};
  EXPECT_EQ(fcntl(copy, F_GETFD), 0);
}

TEST(Open, PathFlagGivesOnlyAReference) {
  put("file", "contents");
  Fd fd{open("file", O_PATH)};
  ASSERT_OK(int{fd});
  char byte;
  struct stat st;
  EXPECT_ERRNO(EBADF, read(fd, &byte, 1));
  EXPECT_ERRNO(EBADF, write(fd, "x", 1));
  EXPECT_ERRNO(EBADF, fchmod(fd, 0600));
  EXPECT_OK(fstat(fd, &st));
  EXPECT_EQ(st.st_size, 8);
  EXPECT_EQ(fcntl(fd, F_GETFL) & O_PATH, O_PATH);
  ASSERT_OK(symlink("nowhere", "link"));
  Fd link{open("link", O_PATH | O_NOFOLLOW)};
  EXPECT_OK(fstat(link, &st));
  EXPECT_TRUE(S_ISLNK(st.st_mode));
}

TEST(Open, PathFlagOfADirectoryServesAsItsBase) {
  ASSERT_OK(mkdir("dir", 0755));
  put("dir/file", "in");
  Fd dir{open("dir", O_PATH)};
  Fd fd{openat(dir, "file", O_RDONLY)};
  EXPECT_EQ(read_some(fd), "in");
}

TEST(Open, TmpfileHasNoName) {
  Fd fd{open(".", O_TMPFILE | O_RDWR, 0600)};
  ASSERT_OK(int{fd});
  struct stat st;
  EXPECT_EQ(write(fd, "temporary", 9), 9);
  EXPECT_OK(fstat(fd, &st));
  EXPECT_EQ(st.st_nlink, 0u);
  EXPECT_EQ(st.st_size, 9);
  const std::string self = "/proc/self/fd/" + std::to_string(int{fd});
  EXPECT_OK(linkat(AT_FDCWD, self.c_str(), AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
  EXPECT_EQ(slurp("named"), "temporary");
}

TEST(Open, TmpfileNeedsWriteAccessAndADirectory) {
  put("file", "");
  EXPECT_ERRNO(EINVAL, open(".", O_TMPFILE | O_RDONLY, 0600));
  EXPECT_ERRNO(ENOTDIR, open("file", O_TMPFILE | O_RDWR, 0600));
}

TEST(Open, RefusesMissingPathsAndPrefixes) {
  put("file", "");
  EXPECT_ERRNO(ENOENT, open("missing", O_RDONLY));
  EXPECT_ERRNO(ENOENT, open("", O_RDONLY));
  EXPECT_ERRNO(ENOENT, open("missing/file", O_RDONLY | O_CREAT, 0644));
  EXPECT_ERRNO(ENOTDIR, open("file/inner", O_RDONLY));
}

TEST(Open, DeviceWithoutDriverIsEnxio) {
  ASSERT_OK(mknod("device", S_IFCHR | 0644, makedev(250, 77)));
  EXPECT_ERRNO(ENXIO, open("device", O_RDONLY));
}

TEST(Open, LimitOfDescriptorsIsEmfile) {
  const rlimit limit{10, 10};
  ASSERT_OK(setrlimit(RLIMIT_NOFILE, &limit));
  int last = 0;
  for (int fd; (fd = open("/dev/null", O_RDONLY)) != -1;) last = fd;
  EXPECT_EQ(errno, EMFILE);
  EXPECT_EQ(last, 9);
  EXPECT_ERRNO(EMFILE, dup(0));
  int fds[2];
  EXPECT_ERRNO(EMFILE, pipe(fds));
}

TEST(Openat, ResolvesFromADirectoryDescriptor) {
  ASSERT_OK(mkdir("dir", 0755));
  Fd dir{open("dir", O_RDONLY)};
  EXPECT_OK(openat(dir, "file", O_CREAT | O_WRONLY, 0644));
  EXPECT_OK(access("dir/file", F_OK));
  EXPECT_OK(openat(dir, "/dev/null", O_RDONLY)) << "an absolute path ignores the descriptor";
}

TEST(Openat, RefusesBadBases) {
  put("file", "");
  Fd file{open("file", O_RDONLY)};
  EXPECT_ERRNO(ENOTDIR, openat(file, "x", O_RDONLY));
  EXPECT_ERRNO(EBADF, openat(999, "x", O_RDONLY));
  EXPECT_OK(openat(999, "/dev/null", O_RDONLY));
}

TEST(Close, OfAClosedDescriptorIsEbadf) {
  const int fd = open("/dev/null", O_RDONLY);
  EXPECT_OK(close(fd));
  EXPECT_ERRNO(EBADF, close(fd));
  EXPECT_ERRNO(EBADF, close(-1));
  EXPECT_ERRNO(EBADF, close(1 << 30));
}

TEST(Close, KeepsAnUnlinkedFileUntilTheLastDescriptor) {
  put("file", "contents");
  Fd fd{open("file", O_RDONLY)};
  ASSERT_OK(unlink("file"));
  Fd copy{dup(fd)};
  fd.reset();
  EXPECT_EQ(read_some(copy), "contents");
  struct stat st;
  EXPECT_OK(fstat(copy, &st));
  EXPECT_EQ(st.st_nlink, 0u);
}

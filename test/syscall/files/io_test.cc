/// read(2), write(2), pread(2), pwrite(2), readv(2), writev(2), lseek(2), truncate(2), sendfile(2).
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/signals.h"

using namespace systest;

namespace {

Fd open_with(std::string_view contents, int flags = O_RDWR) {
  put("file", contents);
  Fd fd{open("file", flags)};
  EXPECT_OK(int{fd});
  return fd;
}

}  // namespace

TEST(Read, AdvancesTheOffsetAndEndsWithZero) {
  Fd fd = open_with("abcdef");
  char buffer[4];
  EXPECT_EQ(read(fd, buffer, 4), 4);
  EXPECT_EQ(std::string_view(buffer, 4), "abcd");
  EXPECT_EQ(read(fd, buffer, 4), 2);
  EXPECT_EQ(std::string_view(buffer, 2), "ef");
  EXPECT_EQ(read(fd, buffer, 4), 0);
}

TEST(Read, OfBadDescriptorsIsEbadf) {
  char byte;
  EXPECT_ERRNO(EBADF, read(-1, &byte, 1));
  EXPECT_ERRNO(EBADF, read(999, &byte, 1));
  EXPECT_ERRNO(EBADF, write(999, &byte, 1));
}

TEST(Write, OverwritesInPlaceAndExtends) {
  Fd fd = open_with("abcdef");
  EXPECT_EQ(write(fd, "XY", 2), 2);
  EXPECT_EQ(lseek(fd, 5, SEEK_SET), 5);
  EXPECT_EQ(write(fd, "Z123", 4), 4);
  EXPECT_EQ(slurp("file"), "XYcdeZ123");
}

TEST(Write, PastTheEndLeavesAHoleOfZeroes) {
  Fd fd = open_with("a");
  EXPECT_EQ(pwrite(fd, "z", 1, 10000), 1);
  const std::string all = slurp("file");
  ASSERT_EQ(all.size(), 10001u);
  EXPECT_EQ(all.substr(1, 9999), std::string(9999, '\0'));
  EXPECT_LT(stat_of("file").st_blocks, 24) << "pages in the hole take no memory";
}

TEST(Write, CrossesManyPages) {
  std::string pattern;
  for (int i = 0; i < 100000; i++) pattern += (char)(i * 7 + i / 251);
  Fd fd = open_with("");
  EXPECT_EQ(pwrite(fd, pattern.data(), pattern.size(), 4000), (ssize_t)pattern.size());
  EXPECT_EQ(slurp("file").substr(4000), pattern);
}

TEST(Write, FileSizeLimitSendsSigxfsz) {
  const rlimit limit{100, 100};
  ASSERT_OK(setrlimit(RLIMIT_FSIZE, &limit));
  count_signal(SIGXFSZ);
  Fd fd{open("file", O_RDWR | O_CREAT, 0644)};
  const std::string text(150, 'l');
  EXPECT_EQ(write(fd, text.data(), text.size()), 100) << "what fits";
  EXPECT_ERRNO(EFBIG, write(fd, "x", 1));
  EXPECT_EQ(seen.count, 1);
  EXPECT_ERRNO(EFBIG, ftruncate(fd, 200));
}

TEST(Pread, LeavesTheOffsetAlone) {
  Fd fd = open_with("abcdef");
  char buffer[3];
  EXPECT_EQ(pread(fd, buffer, 3, 2), 3);
  EXPECT_EQ(std::string_view(buffer, 3), "cde");
  EXPECT_EQ(pwrite(fd, "Q", 1, 0), 1);
  EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
  EXPECT_EQ(pread(fd, buffer, 3, 6), 0);
  EXPECT_EQ(pread(fd, buffer, 3, 100), 0);
}

TEST(Pread, RefusesNegativeOffsetsAndPipes) {
  Fd fd = open_with("abc");
  auto pipe = make_pipe();
  char byte;
  EXPECT_ERRNO(EINVAL, pread(fd, &byte, 1, -1));
  EXPECT_ERRNO(EINVAL, pwrite(fd, &byte, 1, -1));
  EXPECT_ERRNO(ESPIPE, pread(pipe.read, &byte, 1, 0));
  EXPECT_ERRNO(ESPIPE, pwrite(pipe.write, &byte, 1, 0));
}

TEST(Readv, ScattersAndWritevGathers) {
  Fd fd = open_with("");
  char a[] = "one", b[] = "twoo", c[] = "three";
  const iovec out[] = {{a, 3}, {b, 0}, {b, 4}, {c, 5}};
  EXPECT_EQ(writev(fd, out, 4), 12);
  EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
  char x[5], y[20];
  const iovec in[] = {{x, 5}, {y, 20}};
  EXPECT_EQ(readv(fd, in, 2), 12);
  EXPECT_EQ(std::string_view(x, 5), "onetw");
  EXPECT_EQ(std::string_view(y, 7), "oothree");
}

TEST(Readv, RefusesBadVectors) {
  Fd fd = open_with("abc");
  char byte;
  const iovec negative[] = {{&byte, ~0ul}};
  const iovec one[] = {{&byte, 1}};
  EXPECT_EQ(readv(fd, one, 0), 0);
  EXPECT_ERRNO(EINVAL, readv(fd, one, -1));
  EXPECT_ERRNO(EINVAL, readv(fd, one, 1025));
  EXPECT_ERRNO(EINVAL, readv(fd, negative, 1));
  EXPECT_ERRNO(EFAULT, readv(fd, nullptr, 1));
}

TEST(Preadv, WorksAtAnOffset) {
  Fd fd = open_with("abcdef");
  char a[2], b[2];
  const iovec vector[] = {{a, 2}, {b, 2}};
  EXPECT_EQ(preadv(fd, vector, 2, 1), 4);
  EXPECT_EQ(std::string_view(a, 2), "bc");
  EXPECT_EQ(std::string_view(b, 2), "de");
  EXPECT_EQ(pwritev(fd, vector, 2, 4), 4);
  EXPECT_EQ(slurp("file"), "abcdbcde");
}

TEST(Lseek, MovesFromStartHereAndEnd) {
  Fd fd = open_with("abcdef");
  EXPECT_EQ(lseek(fd, 2, SEEK_SET), 2);
  EXPECT_EQ(lseek(fd, 3, SEEK_CUR), 5);
  EXPECT_EQ(lseek(fd, -1, SEEK_END), 5);
  EXPECT_EQ(lseek(fd, 100, SEEK_END), 106) << "past the end is fine";
  EXPECT_EQ(stat_of("file").st_size, 6);
}

TEST(Lseek, RefusesNegativeResultsAndUnknownWhence) {
  Fd fd = open_with("abc");
  EXPECT_ERRNO(EINVAL, lseek(fd, -1, SEEK_SET));
  EXPECT_ERRNO(EINVAL, lseek(fd, -4, SEEK_END));
  EXPECT_ERRNO(EINVAL, lseek(fd, 0, 99));
  EXPECT_ERRNO(EBADF, lseek(999, 0, SEEK_SET));
  auto pipe = make_pipe();
  EXPECT_ERRNO(ESPIPE, lseek(pipe.read, 0, SEEK_CUR));
}

TEST(Lseek, FindsDataAndHoles) {
  Fd fd = open_with("");
  ASSERT_EQ(pwrite(fd, "d", 1, 65536), 1);
  EXPECT_EQ(lseek(fd, 0, SEEK_DATA), 65536);
  EXPECT_EQ(lseek(fd, 0, SEEK_HOLE), 0);
  EXPECT_EQ(lseek(fd, 65536, SEEK_HOLE), 65537);
  EXPECT_ERRNO(ENXIO, lseek(fd, 65537, SEEK_DATA));
}

TEST(Truncate, ShortensAndExtendsWithZeroes) {
  Fd fd = open_with("abcdef");
  EXPECT_OK(ftruncate(fd, 3));
  EXPECT_EQ(slurp("file"), "abc");
  EXPECT_OK(truncate("file", 5));
  EXPECT_EQ(slurp("file"), std::string("abc\0\0", 5));
  EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
}

TEST(Truncate, RefusesBadArguments) {
  Fd fd = open_with("abc");
  auto pipe = make_pipe();
  EXPECT_ERRNO(EINVAL, ftruncate(fd, -1));
  EXPECT_ERRNO(EINVAL, truncate("file", -1));
  EXPECT_ERRNO(EISDIR, truncate(".", 0));
  EXPECT_ERRNO(ENOENT, truncate("missing", 0));
  EXPECT_ERRNO(EINVAL, ftruncate(pipe.write, 0));
  EXPECT_ERRNO(EBADF, ftruncate(999, 0));
  EXPECT_EQ(as_user([] { EXPECT_ERRNO(EACCES, truncate("file", 0)); }), 0);
}

TEST(Truncate, OpenFlagCutsTheFile) {
  put("file", "abc");
  Fd fd{open("file", O_WRONLY | O_TRUNC)};
  EXPECT_EQ(stat_of("file").st_size, 0);
}

TEST(Fsync, SucceedsOnFilesAndRefusesPipes) {
  Fd fd = open_with("abc");
  auto pipe = make_pipe();
  EXPECT_OK(fsync(fd));
  EXPECT_OK(fdatasync(fd));
  EXPECT_ERRNO(EINVAL, fsync(pipe.read));
  EXPECT_ERRNO(EBADF, fsync(999));
  sync();
}

TEST(Sendfile, CopiesFromTheOffsetOfTheFileOrTheOneGiven) {
  Fd in = open_with("abcdefgh");
  Fd out{open("out", O_RDWR | O_CREAT, 0644)};
  EXPECT_EQ(sendfile(out, in, nullptr, 3), 3);
  EXPECT_EQ(lseek(in, 0, SEEK_CUR), 3);
  off_t offset = 5;
  EXPECT_EQ(sendfile(out, in, &offset, 100), 3);
  EXPECT_EQ(offset, 8);
  EXPECT_EQ(lseek(in, 0, SEEK_CUR), 3);
  EXPECT_EQ(slurp("out"), "abcfgh");
  EXPECT_EQ(sendfile(out, in, &offset, 100), 0);
}

TEST(Sendfile, WritesIntoAPipe) {
  Fd in = open_with(std::string(10000, 's'));
  auto pipe = make_pipe();
  EXPECT_EQ(sendfile(pipe.write, in, nullptr, 10000), 10000);
  EXPECT_EQ(read_some(pipe.read).size(), 10000u);
}

TEST(Sendfile, RefusesBadArguments) {
  Fd in = open_with("abc");
  Fd out{open("out", O_RDWR | O_CREAT, 0644)};
  Fd reader{open("out", O_RDONLY)}, appender{open("out", O_WRONLY | O_APPEND)};
  auto pipe = make_pipe();
  off_t negative = -1;
  EXPECT_ERRNO(EBADF, sendfile(reader, in, nullptr, 1));
  EXPECT_ERRNO(EINVAL, sendfile(appender, in, nullptr, 1));
  EXPECT_ERRNO(EINVAL, sendfile(out, in, &negative, 1));
  EXPECT_ERRNO(EBADF, sendfile(999, in, nullptr, 1));
  EXPECT_ERRNO(EFAULT, sendfile(out, in, reinterpret_cast<off_t*>(16), 1));
}

TEST(Clone, IsRefusedWhereFilesShareNoBlocks) {
  put("from", "x");
  put("to", "");
  Fd from{open("from", O_RDONLY)}, to{open("to", O_WRONLY)}, unwritable{open("to", O_RDONLY)};
  Fd folder{open(".", O_RDONLY)}, null{open("/dev/null", O_RDWR)};
  EXPECT_ERRNO(EOPNOTSUPP, ioctl(to, FICLONE, (int)from));
  file_clone_range range{.src_fd = from, .src_offset = 0, .src_length = 0, .dest_offset = 0};
  EXPECT_ERRNO(EOPNOTSUPP, ioctl(to, FICLONERANGE, &range));
  EXPECT_ERRNO(EBADF, ioctl(to, FICLONE, -1));
  EXPECT_ERRNO(EBADF, ioctl(unwritable, FICLONE, (int)from));
  EXPECT_ERRNO(EISDIR, ioctl(to, FICLONE, (int)folder));
  EXPECT_ERRNO(EXDEV, ioctl(to, FICLONE, (int)null));
  EXPECT_ERRNO(EINVAL, ioctl(null, FICLONE, (int)null));
  EXPECT_ERRNO(EFAULT, ioctl(to, FICLONERANGE, nullptr));
}

TEST(Devices, NullZeroAndFull) {
  Fd null{open("/dev/null", O_RDWR)}, zero{open("/dev/zero", O_RDWR)}, full{open("/dev/full", O_RDWR)};
  char buffer[8] = "1234567";
  EXPECT_EQ(read(null, buffer, 8), 0);
  EXPECT_EQ(write(null, buffer, 8), 8);
  EXPECT_EQ(read(zero, buffer, 8), 8);
  EXPECT_EQ(std::string_view(buffer, 8), std::string(8, '\0'));
  EXPECT_EQ(write(zero, buffer, 8), 8);
  EXPECT_ERRNO(ENOSPC, write(full, buffer, 8));
  EXPECT_EQ(read(full, buffer, 8), 8);
  struct stat st = stat_of("/dev/null");
  EXPECT_TRUE(S_ISCHR(st.st_mode));
  EXPECT_EQ(st.st_rdev, makedev(1, 3));
}

TEST(Devices, RandomSourcesGiveDifferentBytes) {
  Fd fd{open("/dev/urandom", O_RDONLY)};
  unsigned long a = 0, b = 0;
  EXPECT_EQ(read(fd, &a, 8), 8);
  EXPECT_EQ(read(fd, &b, 8), 8);
  EXPECT_NE(a, b);
}

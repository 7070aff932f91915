/// statfs(2), fstatfs(2), and the size limit of a tmpfs.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

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

TEST(Statfs, FallocateBeyondASizedTmpfsTakesNothing) {
  ASSERT_OK(mkdir("mount", 0755));
  ASSERT_OK(mount("none", "mount", "tmpfs", 0, "size=1m"));
  put("mount/other", std::string(512 << 10, 'x'));
  Fd fd{open("mount/file", O_RDWR | O_CREAT, 0644)};
  for (const off_t bytes : {1L << 42, 768L << 10}) {
    EXPECT_ERRNO(ENOSPC, fallocate(fd, 0, 0, bytes)) << bytes;
    struct stat s;
    EXPECT_OK(fstat(fd, &s));
    EXPECT_EQ(s.st_size, 0);
    EXPECT_EQ(s.st_blocks, 0);
  }
  EXPECT_OK(fallocate(fd, 0, 0, 512 << 10));
  fd.reset();
  EXPECT_OK(umount("mount"));
}

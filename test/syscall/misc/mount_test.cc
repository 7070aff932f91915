/// mount(2), umount2(2).
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

namespace {

void mount_tmpfs(unsigned long flags = 0, const char* options = nullptr) {
  ASSERT_OK(mkdir("mnt", 0755));
  ASSERT_OK(mount("source", "mnt", "tmpfs", flags, options));
}

}  // namespace

TEST(Mount, CoversAndUncovers) {
  ASSERT_OK(mkdir("mnt", 0755));
  put("mnt/below", "below");
  ASSERT_OK(mount("source", "mnt", "tmpfs", 0, nullptr));
  EXPECT_ERRNO(ENOENT, access("mnt/below", F_OK));
  put("mnt/above", "above");
  EXPECT_NE(stat_of("mnt").st_dev, stat_of(".").st_dev);
  EXPECT_EQ(stat_of("mnt/..").st_ino, stat_of(".").st_ino);
  EXPECT_OK(umount("mnt"));
  EXPECT_EQ(slurp("mnt/below"), "below");
  EXPECT_ERRNO(ENOENT, access("mnt/above", F_OK));
}

TEST(Mount, AppearsInProcMounts) {
  mount_tmpfs(MS_NOSUID | MS_NODEV);
  const std::string mounts = slurp("/proc/mounts");
  const auto at = mounts.find("source ");
  ASSERT_NE(at, std::string::npos) << mounts;
  const std::string line = mounts.substr(at, mounts.find('\n', at) - at);
  EXPECT_NE(line.find("/mnt tmpfs rw,nosuid,nodev"), std::string::npos) << line;
  EXPECT_TRUE(line.ends_with(" 0 0")) << line;
  EXPECT_OK(umount("mnt"));
  EXPECT_EQ(slurp("/proc/mounts").find("source "), std::string::npos);
}

TEST(Mount, TmpfsOptionsSetModeAndOwner) {
  mount_tmpfs(0, "mode=0711,uid=5,gid=6");
  EXPECT_EQ(mode_of("mnt"), 0711u);
  EXPECT_EQ(stat_of("mnt").st_uid, 5u);
  EXPECT_EQ(stat_of("mnt").st_gid, 6u);
  EXPECT_OK(umount("mnt"));
}

TEST(Mount, TmpfsTellsTheOptionsThatDifferFromTheUsual) {
  mount_tmpfs(0, "size=64k,nr_inodes=50,mode=0711,uid=5,gid=6");
  EXPECT_NE(slurp("/proc/mounts").find("/mnt tmpfs rw,relatime,size=64k,nr_inodes=50,mode=711,uid=5,gid=6,inode64 0 0"),
            std::string::npos)
      << slurp("/proc/mounts");
  EXPECT_OK(umount("mnt"));
  ASSERT_OK(mount("source", "mnt", "tmpfs", 0, nullptr));
  EXPECT_NE(slurp("/proc/mounts").find("/mnt tmpfs rw,relatime,inode64 0 0"), std::string::npos)
      << slurp("/proc/mounts");
  EXPECT_OK(umount("mnt"));
}

TEST(Mount, TmpfsTakesTheOptionsThatItTellsAtARemount) {
  mount_tmpfs(0, "size=1m");
  put("mnt/file", std::string(600000, 'x'));
  EXPECT_OK(mount("source", "mnt", nullptr, MS_REMOUNT | MS_NOEXEC, "size=1024k,inode64"));
  EXPECT_NE(slurp("/proc/mounts").find("/mnt tmpfs rw,noexec,relatime,size=1024k,inode64 0 0"), std::string::npos);
  EXPECT_ERRNO(EINVAL, mount("source", "mnt", nullptr, MS_REMOUNT, "size=1024")) << "less than is in use";
  EXPECT_OK(umount("mnt"));
}

TEST(Mount, ReadOnlyRefusesEveryChange) {
  mount_tmpfs();
  put("mnt/file", "x");
  ASSERT_OK(mount("source", "mnt", nullptr, MS_REMOUNT | MS_RDONLY, nullptr));
  EXPECT_OK(open("mnt/file", O_RDONLY));
  EXPECT_ERRNO(EROFS, open("mnt/file", O_WRONLY));
  EXPECT_ERRNO(EROFS, open("mnt/new", O_CREAT | O_WRONLY, 0644));
  EXPECT_ERRNO(EROFS, mkdir("mnt/dir", 0755));
  EXPECT_ERRNO(EROFS, unlink("mnt/file"));
  EXPECT_ERRNO(EROFS, chmod("mnt/file", 0600));
  EXPECT_ERRNO(EROFS, rename("mnt/file", "mnt/other"));
  EXPECT_ERRNO(EROFS, truncate("mnt/file", 0));
  EXPECT_ERRNO(EROFS, access("mnt/file", W_OK));
  EXPECT_OK(umount2("mnt", MNT_DETACH));
}

TEST(Mount, BusyWhileAFileIsOpenAndDetachableAllTheSame) {
  mount_tmpfs();
  put("mnt/file", "kept");
  Fd fd{open("mnt/file", O_RDONLY)};
  EXPECT_ERRNO(EBUSY, umount("mnt"));
  EXPECT_OK(umount2("mnt", MNT_DETACH));
  EXPECT_EQ(read_some(fd), "kept");
  EXPECT_ERRNO(ENOENT, access("mnt/file", F_OK));
}

TEST(Mount, BusyWhileAWorkingDirectoryIsInside) {
  mount_tmpfs();
  Gate ready, finish;
  const pid_t pid = spawn([&] {
    ASSERT_OK(chdir("mnt"));
    ready.open();
    finish.wait();
  });
  ready.wait();
  EXPECT_ERRNO(EBUSY, umount("mnt"));
  finish.open();
  EXPECT_EQ(reap(pid), 0);
  EXPECT_OK(umount("mnt"));
}

TEST(Mount, BindShowsTheSameFiles) {
  ASSERT_OK(mkdir("from", 0755));
  ASSERT_OK(mkdir("to", 0755));
  put("from/file", "bound");
  EXPECT_OK(mount("from", "to", nullptr, MS_BIND, nullptr));
  EXPECT_EQ(slurp("to/file"), "bound");
  EXPECT_EQ(stat_of("to").st_ino, stat_of("from").st_ino);
  EXPECT_OK(umount("to"));
}

TEST(Mount, MountinfoTellsWhichPartOfAFileSystemABindShows) {
  mount_tmpfs();
  ASSERT_OK(mkdir("mnt/a dir", 0755));
  ASSERT_OK(mkdir("mnt/a dir/sub", 0755));
  put("mnt/file", "");
  ASSERT_OK(mkdir("to", 0755));
  put("on", "");
  ASSERT_OK(mount("mnt/a dir/sub", "to", nullptr, MS_BIND, nullptr));
  ASSERT_OK(mount("mnt/file", "on", nullptr, MS_BIND, nullptr));
  char here_text[4096];
  ASSERT_NE(getcwd(here_text, sizeof here_text), nullptr);
  const std::string here = here_text;
  EXPECT_NE(slurp("/proc/self/mountinfo").find(" / " + here + "/mnt rw"), std::string::npos);
  EXPECT_NE(slurp("/proc/self/mountinfo").find(" /a\\040dir/sub " + here + "/to rw"), std::string::npos)
      << slurp("/proc/self/mountinfo");
  EXPECT_NE(slurp("/proc/self/mountinfo").find(" /file " + here + "/on rw"), std::string::npos);
  EXPECT_OK(rename("mnt/a dir", "mnt/b"));
  EXPECT_NE(slurp("/proc/self/mountinfo").find(" /b/sub " + here + "/to rw"), std::string::npos);
  EXPECT_OK(rmdir("mnt/b/sub"));
  EXPECT_NE(slurp("/proc/self/mountinfo").find(" /b/sub//deleted " + here + "/to rw"), std::string::npos)
      << slurp("/proc/self/mountinfo");
  EXPECT_OK(umount("to"));
  EXPECT_OK(umount("on"));
  EXPECT_OK(umount("mnt"));
}

TEST(Mount, StacksOnAMountPoint) {
  mount_tmpfs();
  put("mnt/first", "");
  ASSERT_OK(mount("second", "mnt", "tmpfs", 0, nullptr));
  EXPECT_ERRNO(ENOENT, access("mnt/first", F_OK));
  EXPECT_OK(umount("mnt"));
  EXPECT_OK(access("mnt/first", F_OK));
  EXPECT_OK(umount("mnt"));
}

TEST(Mount, ProcCanBeMountedAgain) {
  ASSERT_OK(mkdir("mnt", 0755));
  EXPECT_OK(mount("proc", "mnt", "proc", 0, nullptr));
  EXPECT_OK(access("mnt/self/stat", R_OK));
  EXPECT_OK(umount("mnt"));
}

TEST(Mount, RefusesBadArguments) {
  ASSERT_OK(mkdir("dir", 0755));
  put("file", "");
  EXPECT_ERRNO(ENODEV, mount("x", "dir", "nosuchfs", 0, nullptr));
  EXPECT_ERRNO(ENOENT, mount("x", "missing", "tmpfs", 0, nullptr));
  EXPECT_ERRNO(ENOTDIR, mount("x", "file", "tmpfs", 0, nullptr));
  EXPECT_ERRNO(EINVAL, mount("x", "dir", "tmpfs", 0, "nosuchoption=1"));
  EXPECT_ERRNO(EINVAL, mount("x", "dir", nullptr, 0, nullptr));
  EXPECT_ERRNO(EINVAL, umount("dir")) << "not a mount point";
  EXPECT_ERRNO(ENOENT, umount("missing"));
  EXPECT_ERRNO(EINVAL, umount2("dir", 0x1000));
  EXPECT_EQ(as_user([] {
              EXPECT_ERRNO(EPERM, mount("x", "dir", "tmpfs", 0, nullptr));
              EXPECT_ERRNO(EPERM, umount("/proc"));
            }),
            0);
}

TEST(Mount, NodevMountsRefuseDevices) {
  mount_tmpfs(MS_NODEV);
  ASSERT_OK(mknod("mnt/null", S_IFCHR | 0666, 0x103));
  EXPECT_ERRNO(EACCES, open("mnt/null", O_RDONLY));
  EXPECT_OK(umount("mnt"));
}

TEST(Mount, RenameAndLinkAcrossMountsAreExdev) {
  mount_tmpfs();
  put("file", "");
  EXPECT_ERRNO(EXDEV, rename("file", "mnt/file"));
  EXPECT_ERRNO(EXDEV, link("file", "mnt/file"));
  EXPECT_ERRNO(EBUSY, rmdir("mnt"));
  EXPECT_ERRNO(EBUSY, rename("mnt", "elsewhere"));
  EXPECT_OK(umount("mnt"));
}

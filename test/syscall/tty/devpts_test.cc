/// The devpts file system: its nodes, mount options and instances.
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <filesystem>

#include "tty/pair.h"

using namespace systest;

using DevptsTest = Pair;

namespace {

/// A devpts of its own on "pts", options as given.
void mount_instance(const char* options) {
  ASSERT_OK(mkdir("pts", 0755));
  ASSERT_OK(mount("devpts", "pts", "devpts", 0, options));
}

std::vector<std::string> names_in(const char* directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

TEST_F(DevptsTest, ListsPtmxAndTheSlaves) {
  const auto names = names_in("/dev/pts");
  EXPECT_TRUE(has(names, "ptmx"));
  EXPECT_TRUE(has(names, std::to_string(number_of(master))));
  const auto number = number_of(master);
  master.reset();
  EXPECT_FALSE(has(names_in("/dev/pts"), std::to_string(number)));
}

TEST_F(DevptsTest, StatfsTellsWhatItIs) {
  struct statfs fs;
  ASSERT_OK(statfs("/dev/pts", &fs));
  EXPECT_EQ(fs.f_type, 0x1cd1);
  const struct stat root = stat_of("/dev/pts");
  EXPECT_EQ(root.st_mode, S_IFDIR | 0755u);
  EXPECT_EQ(root.st_ino, 1u);
  EXPECT_EQ(root.st_nlink, 2u);
}

TEST_F(DevptsTest, NothingCanBeMadeOrRemoved) {
  EXPECT_ERRNO(EPERM, mkdir("/dev/pts/dir", 0755));
  EXPECT_ERRNO(EPERM, unlink(path().c_str()));
  EXPECT_ERRNO(EPERM, rename(path().c_str(), "/dev/pts/other"));
  EXPECT_ERRNO(EPERM, symlink("x", "/dev/pts/link"));
  EXPECT_ERRNO(ENOENT, open("/dev/pts/999999", O_RDWR));
  EXPECT_ERRNO(ENOENT, open("/dev/pts/00", O_RDWR));
}

TEST_F(DevptsTest, OwnerAndModeOfASlaveChange) {
  EXPECT_EQ(mode_of(path().c_str()), 0600u);
  EXPECT_OK(chmod(path().c_str(), 0622));
  EXPECT_OK(chown(path().c_str(), 7, 8));
  const struct stat st = stat_of(path().c_str());
  EXPECT_EQ(st.st_mode & 07777, 0622u);
  EXPECT_EQ(st.st_uid, 7u);
  EXPECT_EQ(st.st_gid, 8u);
}

TEST_F(DevptsTest, SlaveBelongsToWhoOpensTheMaster) {
  EXPECT_EQ(as_user([&] {
              Fd own{open("/dev/ptmx", O_RDWR | O_NOCTTY)};
              ASSERT_OK(int{own});
              const struct stat st = stat_of(path_of(own).c_str());
              EXPECT_EQ(st.st_uid, kUser);
              EXPECT_EQ(st.st_gid, kUser);
            }),
            0);
}

TEST_F(DevptsTest, InstancesHaveNumbersOfTheirOwn) {
  mount_instance("newinstance,ptmxmode=0666");
  EXPECT_EQ(names_in("pts"), std::vector<std::string>{"ptmx"});
  EXPECT_EQ(mode_of("pts/ptmx"), 0666u);
  EXPECT_EQ(stat_of("pts/ptmx").st_rdev, makedev(5, 2));
  EXPECT_EQ(stat_of("pts/ptmx").st_ino, 2u);
  Fd own{open("pts/ptmx", O_RDWR | O_NOCTTY)};
  ASSERT_OK(int{own});
  EXPECT_EQ(number_of(own), 0u);
  EXPECT_EQ(names_in("pts"), (std::vector<std::string>{"0", "ptmx"}));
  int locked = 0;
  ASSERT_OK(ioctl(own, TIOCSPTLCK, &locked));
  Fd peer{ioctl(own, TIOCGPTPEER, O_RDWR | O_NOCTTY)};
  ASSERT_OK(int{peer});
  struct stat st;
  ASSERT_OK(fstat(peer, &st));
  EXPECT_EQ(st.st_dev, stat_of("pts").st_dev);
}

TEST_F(DevptsTest, OptionsSayModeOwnerAndGroup) {
  mount_instance("mode=0620,gid=5,uid=3,ptmxmode=0600");
  Fd own{open("pts/ptmx", O_RDWR | O_NOCTTY)};
  ASSERT_OK(int{own});
  const struct stat st = stat_of("pts/0");
  EXPECT_EQ(st.st_mode & 07777, 0620u);
  EXPECT_EQ(st.st_uid, 3u);
  EXPECT_EQ(st.st_gid, 5u);
  const std::string mounts = slurp("/proc/self/mounts");
  EXPECT_NE(mounts.find("uid=3,gid=5,mode=620,ptmxmode=600"), std::string::npos) << mounts;
}

TEST_F(DevptsTest, PtmxOfAnInstanceIsClosedByDefault) {
  mount_instance("newinstance");
  EXPECT_EQ(mode_of("pts/ptmx"), 0u);
  EXPECT_EQ(as_user([] { EXPECT_ERRNO(EACCES, open("pts/ptmx", O_RDWR)); }), 0);
  ASSERT_OK(mount("devpts", "pts", "devpts", MS_REMOUNT, "ptmxmode=0666"));
  EXPECT_EQ(mode_of("pts/ptmx"), 0666u);
}

TEST_F(DevptsTest, MaxLimitsTheNumberOfPairs) {
  mount_instance("max=2,ptmxmode=0666");
  Fd a{open("pts/ptmx", O_RDWR)}, b{open("pts/ptmx", O_RDWR)};
  EXPECT_OK(int{b});
  EXPECT_ERRNO(ENOSPC, open("pts/ptmx", O_RDWR));
  a.reset();
  Fd c;
  for (int tries = 0; tries < 1000 && c == -1; tries++) {
    c = Fd{open("pts/ptmx", O_RDWR)};
    usleep(1000);
  }
  EXPECT_OK(int{c}) << "a place came free";
}

TEST_F(DevptsTest, BadOptionsAreRefused) {
  ASSERT_OK(mkdir("pts", 0755));
  for (const char* options : {"unknown", "mode=9", "uid=", "max=-1", "max=2000000", "gid=x"})
    EXPECT_ERRNO(EINVAL, mount("devpts", "pts", "devpts", 0, options)) << options;
}

TEST_F(DevptsTest, PtmxUsesTheDevptsBesideIt) {
  ASSERT_OK(mknod("ptmx", S_IFCHR | 0666, makedev(5, 2)));
  EXPECT_ERRNO(ENOENT, open("ptmx", O_RDWR)) << "no pts";
  ASSERT_OK(mkdir("pts", 0755));
  EXPECT_ERRNO(ENODEV, open("ptmx", O_RDWR)) << "something else";
  ASSERT_OK(mount("devpts", "pts", "devpts", 0, ""));
  Fd own{open("ptmx", O_RDWR | O_NOCTTY)};
  ASSERT_OK(int{own});
  EXPECT_EQ(number_of(own), 0u);
  EXPECT_EQ(names_in("pts"), (std::vector<std::string>{"0", "ptmx"}));
}

TEST_F(DevptsTest, NodeOutsideOfDevptsOpensNothing) {
  ASSERT_OK(mknod("stray", S_IFCHR | 0666, makedev(136, number_of(master))));
  EXPECT_ERRNO(EIO, open("stray", O_RDWR | O_NOCTTY));
}

TEST_F(DevptsTest, BusyWhileASlaveIsOpen) {
  mount_instance("ptmxmode=0666");
  Fd own{open("pts/ptmx", O_RDWR | O_NOCTTY)};
  EXPECT_ERRNO(EBUSY, umount("pts"));
  own.reset();
  EXPECT_OK(umount("pts"));
}

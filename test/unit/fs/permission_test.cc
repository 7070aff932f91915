#include "fs/vfs/permission.h"

#include "test/unit/support/vfs.h"

namespace fs = k::fs;
using fs::Access;
using k::test::VfsTest;

namespace {

struct PermissionTest : VfsTest {
  void set(std::string_view path, std::uint32_t mode, fs::Uid uid, fs::Gid gid) {
    fs::Inode& inode = find(path)->inode();
    ASSERT_TRUE(inode.change_attributes({.permissions = mode, .uid = uid, .gid = gid}).has_value());
  }
  bool may(std::string_view path, Access access) {
    return fs::may_access(find(path)->inode(), *who_, access).has_value();
  }
};

/// Every mode against owner, group member and stranger: the class is chosen first, and it alone counts.
TEST_F(PermissionTest, TheFirstMatchingClassDecides) {
  EXPECT_OK(write_file("f", ""));
  for (std::uint32_t mode = 0; mode < 0777; mode += 5) {
    become_root();
    set("f", mode, 100, 200);
    for (const auto& [uid, gid, shift] :
         {std::tuple{100u, 200u, 6u}, {100u, 999u, 6u}, {101u, 200u, 3u}, {101u, 201u, 0u}}) {
      become(uid, gid);
      EXPECT_EQ(may("f", Access::read), (mode >> shift & 4) != 0) << mode << ' ' << uid << ' ' << gid;
      EXPECT_EQ(may("f", Access::write), (mode >> shift & 2) != 0);
      EXPECT_EQ(may("f", Access::execute), (mode >> shift & 1) != 0);
    }
  }
}

TEST_F(PermissionTest, SupplementaryGroupsCount) {
  EXPECT_OK(write_file("f", ""));
  set("f", 0040, 1, 77);
  become(5, 5);
  EXPECT_FALSE(may("f", Access::read));
  const std::array<fs::Gid, 3> groups{90, 77, 3};
  who_->groups = fs::GroupList::create(groups).value();
  EXPECT_TRUE(may("f", Access::read));
}

TEST_F(PermissionTest, RootReadsAndWritesButExecutesOnlyPrograms) {
  EXPECT_OK(write_file("f", ""));
  set("f", 0, 1, 1);
  EXPECT_TRUE(may("f", Access::read));
  EXPECT_TRUE(may("f", Access::write));
  EXPECT_FALSE(may("f", Access::execute));
  set("f", 0001, 1, 1);
  EXPECT_TRUE(may("f", Access::execute));
  EXPECT_OK(mkdir("d", 0));
  EXPECT_TRUE(may("d", Access::execute));
}

TEST_F(PermissionTest, InAStickyDirectoryOnlyOwnersRemove) {
  EXPECT_OK(mkdir("t"));
  set("t", 01777, 0, 0);
  become(1, 1);
  EXPECT_OK(write_file("t/mine", ""));
  become(2, 2);
  EXPECT_ERRNO(unlink("t/mine"), perm);
  EXPECT_ERRNO(rename("t/mine", "t/yours"), perm);
  EXPECT_OK(write_file("t/yours", ""));
  EXPECT_ERRNO(rename("t/yours", "t/mine"), perm);
  become(1, 1);
  EXPECT_OK(unlink("t/mine"));
}

TEST_F(PermissionTest, ASetGroupIdDirectoryPassesItsGroupOn) {
  EXPECT_OK(mkdir("d"));
  set("d", 02777, 0, 50);
  become(1, 1);
  EXPECT_OK(write_file("d/f", ""));
  EXPECT_OK(mkdir("d/e"));
  EXPECT_EQ(find("d/f")->inode().gid(), 50u);
  EXPECT_EQ(find("d/e")->inode().gid(), 50u);
  EXPECT_EQ(mode_of("d/e") & 07777, 02755u);
}

TEST_F(PermissionTest, OnlyTheOwnerChangesTheMode) {
  EXPECT_OK(write_file("f", ""));
  set("f", 0644, 1, 1);
  const auto chmod = [&](std::uint32_t mode) { return fs::change_mode(nullptr, find("f")->inode(), *who_, mode); };
  become(2, 2);
  EXPECT_ERRNO(chmod(0777), perm);
  become(1, 9);
  EXPECT_OK(chmod(06755));
  EXPECT_EQ(mode_of("f") & 07777, 04755u) << "set-group-ID of a group that the owner is not in";
}

TEST_F(PermissionTest, ChangingTheOwnerNeedsACapabilityAndClearsSetUserId) {
  EXPECT_OK(write_file("f", ""));
  const auto chown = [&](fs::Uid uid, fs::Gid gid) {
    return fs::change_owner(nullptr, find("f")->inode(), *who_, uid, gid);
  };
  set("f", 06755, 1, 1);
  become(1, 1);
  EXPECT_ERRNO(chown(2, fs::kNoId), perm);
  EXPECT_ERRNO(chown(fs::kNoId, 2), perm);
  EXPECT_OK(chown(1, 1));
  EXPECT_EQ(mode_of("f") & 07777, 0755u);
  become_root();
  EXPECT_OK(chown(2, 3));
  EXPECT_EQ(find("f")->inode().uid(), 2u);
  EXPECT_EQ(find("f")->inode().gid(), 3u);
}

TEST_F(PermissionTest, WritingTakesSetUserIdAway) {
  EXPECT_OK(write_file("f", "x"));
  set("f", 06777, 1, 1);
  become(5, 5);
  auto file = open("f", O_WRONLY).value();
  k::IoBuffer from = k::IoBuffer::kernel(std::as_bytes(std::span{"y", 1}));
  EXPECT_OK(file->write_next(from, {.who = who_.get()}));
  EXPECT_EQ(mode_of("f") & 07777, 0777u);
}

TEST_F(PermissionTest, TimesNeedTheOwnerOrWritePermissionForNow) {
  EXPECT_OK(write_file("f", ""));
  set("f", 0666, 1, 1);
  become(2, 2);
  const fs::Timestamp then = fs::Timestamp::of(1000, 5);
  EXPECT_ERRNO(fs::change_times(nullptr, find("f")->inode(), *who_, {then, then, false}), perm);
  EXPECT_OK(fs::change_times(nullptr, find("f")->inode(), *who_, {then, then, true}));
  become_root();
  set("f", 0644, 1, 1);
  become(2, 2);
  EXPECT_ERRNO(fs::change_times(nullptr, find("f")->inode(), *who_, {then, then, true}), acces);
}

TEST_F(PermissionTest, OpeningChecksTheMode) {
  EXPECT_OK(write_file("f", "x"));
  set("f", 0440, 1, 1);
  become(1, 1);
  EXPECT_OK(open("f", O_RDONLY));
  EXPECT_ERRNO(open("f", O_WRONLY), acces);
  EXPECT_ERRNO(open("f", O_RDWR), acces);
  EXPECT_ERRNO(open("f", O_RDONLY | O_TRUNC), acces);
  EXPECT_ERRNO(open("new", O_CREAT | O_WRONLY), acces);
  become(2, 2);
  EXPECT_ERRNO(open("f", O_RDONLY), acces);
  EXPECT_OK(open("f", O_PATH));
  EXPECT_ERRNO(open("f", O_RDONLY | O_NOATIME), acces);
}

}  // namespace

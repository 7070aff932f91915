/// setuid(2), setgid(2), setreuid(2), setresuid(2), setgroups(2), credentials(7).
#include <grp.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <tuple>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

namespace {

using Ids = std::tuple<unsigned, unsigned, unsigned>;

Ids uids() {
  uid_t r, e, s;
  EXPECT_OK(getresuid(&r, &e, &s));
  return {r, e, s};
}

Ids gids() {
  gid_t r, e, s;
  EXPECT_OK(getresgid(&r, &e, &s));
  return {r, e, s};
}

}  // namespace

TEST(Setuid, ByRootChangesAllThreeForGood) {
  EXPECT_EQ(in_child([] {
              EXPECT_OK(setuid(5));
              EXPECT_EQ(uids(), Ids(5, 5, 5));
              EXPECT_ERRNO(EPERM, setuid(0));
              EXPECT_ERRNO(EPERM, setuid(6));
              EXPECT_OK(setuid(5));
            }),
            0);
}

TEST(Setuid, ByAUserChangesTheEffectiveIdOnly) {
  EXPECT_EQ(in_child([] {
              ASSERT_OK(setresuid(5, 6, 7));
              EXPECT_OK(setuid(7));
              EXPECT_EQ(uids(), Ids(5, 7, 7));
              EXPECT_OK(setuid(5));
              EXPECT_EQ(uids(), Ids(5, 5, 7));
            }),
            0);
}

TEST(Setgid, FollowsTheSameRules) {
  EXPECT_EQ(in_child([] {
              EXPECT_OK(setgid(5));
              EXPECT_EQ(gids(), Ids(5, 5, 5));
              ASSERT_OK(setresgid(5, 6, 7));
              ASSERT_OK(setuid(9));
              EXPECT_OK(setgid(7));
              EXPECT_EQ(gids(), Ids(5, 7, 7));
              EXPECT_ERRNO(EPERM, setgid(8));
            }),
            0);
}

TEST(Setresuid, UserMayPermuteTheirOwn) {
  EXPECT_EQ(in_child([] {
              ASSERT_OK(setresuid(1, 2, 3));
              EXPECT_OK(setresuid(3, 1, 2));
              EXPECT_EQ(uids(), Ids(3, 1, 2));
              EXPECT_OK(setresuid(-1, 2, -1));
              EXPECT_EQ(uids(), Ids(3, 2, 2));
              EXPECT_ERRNO(EPERM, setresuid(1, -1, -1));
              EXPECT_ERRNO(EPERM, setresuid(-1, -1, 9));
            }),
            0);
}

TEST(Setresgid, UserMayPermuteTheirOwn) {
  EXPECT_EQ(in_child([] {
              ASSERT_OK(setresgid(1, 2, 3));
              ASSERT_OK(setuid(9));
              EXPECT_OK(setresgid(3, 1, 2));
              EXPECT_EQ(gids(), Ids(3, 1, 2));
              EXPECT_ERRNO(EPERM, setresgid(7, -1, -1));
            }),
            0);
}

TEST(Setreuid, SetsSavedIdWhenTheRealOneChanges) {
  EXPECT_EQ(in_child([] {
              ASSERT_OK(setreuid(1, 2));
              EXPECT_EQ(uids(), Ids(1, 2, 2));
              EXPECT_OK(setreuid(2, 1));
              EXPECT_EQ(uids(), Ids(2, 1, 1));
              EXPECT_ERRNO(EPERM, setreuid(5, -1));
            }),
            0);
}

TEST(Getresuid, GoesWithTheSimpleCalls) {
  EXPECT_EQ(in_child([] {
              ASSERT_OK(setresgid(4, 5, 6));
              ASSERT_OK(setresuid(1, 2, 3));
              EXPECT_EQ(getuid(), 1u);
              EXPECT_EQ(geteuid(), 2u);
              EXPECT_EQ(getgid(), 4u);
              EXPECT_EQ(getegid(), 5u);
            }),
            0);
}

TEST(Setgroups, SetsListsAndIsForRoot) {
  EXPECT_EQ(in_child([] {
              const gid_t groups[] = {30, 10, 20};
              EXPECT_OK(setgroups(3, groups));
              gid_t now[8];
              EXPECT_EQ(getgroups(0, nullptr), 3);
              EXPECT_EQ(getgroups(8, now), 3);
              EXPECT_EQ(now[0] + now[1] + now[2], 60u);
              EXPECT_ERRNO(EINVAL, getgroups(2, now));
              EXPECT_ERRNO(EINVAL, getgroups(-1, now));
              EXPECT_ERRNO(EINVAL, setgroups(65537, groups));
              EXPECT_OK(setgroups(0, nullptr));
              EXPECT_EQ(getgroups(8, now), 0);
              ASSERT_OK(setuid(5));
              EXPECT_ERRNO(EPERM, setgroups(1, groups));
            }),
            0);
}

TEST(Credentials, AreCopiedByForkAndKeptByExec) {
  EXPECT_EQ(in_child([] {
              ASSERT_OK(setresgid(4, 4, 4));
              ASSERT_OK(setresuid(1, 1, 1));
              EXPECT_EQ(in_child([] { EXPECT_EQ(uids(), Ids(1, 1, 1)); }), 0);
            }),
            0);
}

TEST(Credentials, LosingRootLosesItsPowersButRegainingTheEffectiveIdBringsThemBack) {
  put("roots", "", 0600);
  EXPECT_EQ(in_child([] {
              ASSERT_OK(setresuid(0, kUser, 0));
              EXPECT_ERRNO(EACCES, open("roots", O_RDONLY));
              ASSERT_OK(setresuid(-1, 0, -1));
              EXPECT_OK(open("roots", O_RDONLY));
            }),
            0);
}

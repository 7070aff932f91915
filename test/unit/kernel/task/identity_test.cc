#include "kernel/task/identity.h"

#include "kernel/task/exec_credentials.h"

namespace task = k::task;
namespace fs = k::fs;

namespace {

fs::Credentials& user(fs::Credentials& c, fs::Uid uid) {
  c.uid = c.euid = c.suid = c.fsuid = uid;
  c.gid = c.egid = c.sgid = c.fsgid = uid;
  return c;
}

fs::Credentials& root(fs::Credentials& c) {
  user(c, 0);
  c.permitted = c.effective = fs::CapabilitySet::all();
  return c;
}

}  // namespace

TEST(Identity, RootBecomesAnotherUserForGood) {
  fs::Credentials c;
  ASSERT_TRUE(task::change_uid(root(c), 1000));
  EXPECT_EQ(c.uid, 1000u);
  EXPECT_EQ(c.suid, 1000u);
  EXPECT_TRUE(c.permitted.empty());
  EXPECT_TRUE(c.effective.empty());
  EXPECT_FALSE(task::change_uid(c, 0));
}

TEST(Identity, SetuidOfAnUnprivilegedUserChangesTheEffectiveIdOnly) {
  fs::Credentials c;
  user(c, 1000).suid = 2000;
  ASSERT_TRUE(task::change_uid(c, 2000));
  EXPECT_EQ(c.uid, 1000u);
  EXPECT_EQ(c.euid, 2000u);
  EXPECT_EQ(c.fsuid, 2000u);
  EXPECT_FALSE(task::change_uid(c, 3000));
}

TEST(Identity, SetreuidUpdatesTheSavedId) {
  fs::Credentials c;
  ASSERT_TRUE(task::change_real_and_effective_uid(root(c), fs::kNoId, 1000));
  EXPECT_EQ(c.suid, 1000u);
  EXPECT_TRUE(c.effective.empty());
  EXPECT_FALSE(c.permitted.empty());  // the real user is still root
}

TEST(Identity, SetresuidLeavesWhatIsMinusOne) {
  fs::Credentials c;
  user(c, 1000);
  ASSERT_TRUE(task::change_all_uids(c, {fs::kNoId, 1000, fs::kNoId}));
  EXPECT_FALSE(task::change_all_uids(c, {fs::kNoId, 1, fs::kNoId}));
}

TEST(Identity, KeepCapabilitiesSurvivesTheChange) {
  fs::Credentials c;
  root(c).securebits = 1u << 4;  // SECURE_KEEP_CAPS
  ASSERT_TRUE(task::change_uid(c, 1000));
  EXPECT_FALSE(c.permitted.empty());
  EXPECT_TRUE(c.effective.empty());
}

TEST(Identity, FsUidTakesFileCapabilitiesAlong) {
  fs::Credentials c;
  ASSERT_TRUE(task::change_fs_uid(root(c), 1000));
  EXPECT_FALSE(c.has(CAP_DAC_OVERRIDE));
  EXPECT_TRUE(c.has(CAP_SYS_ADMIN));
  ASSERT_TRUE(task::change_fs_uid(c, 0));
  EXPECT_TRUE(c.has(CAP_DAC_OVERRIDE));
}

TEST(Identity, CapabilitiesOnlyShrink) {
  fs::Credentials c;
  user(c, 1000);
  const auto chown = fs::CapabilitySet{}.with(CAP_CHOWN);
  c.permitted = chown;
  EXPECT_TRUE(task::change_capabilities(c, {chown, chown, {}}));
  EXPECT_TRUE(task::change_capabilities(c, {{}, {}, {}}));
  EXPECT_FALSE(task::change_capabilities(c, {{}, chown, {}}));
}

TEST(ExecCredentials, SetUserIdProgramRaises) {
  fs::Credentials c;
  user(c, 1000);
  const task::ProgramOwner program{.mode = 04755, .uid = 0, .gid = 0};
  EXPECT_FALSE(task::keeps_credentials(c, program));
  EXPECT_TRUE(task::apply_program(c, program));
  EXPECT_EQ(c.uid, 1000u);
  EXPECT_EQ(c.euid, 0u);
  EXPECT_EQ(c.suid, 0u);
  EXPECT_TRUE(c.has(CAP_SYS_ADMIN));
}

TEST(ExecCredentials, NosuidIsObeyed) {
  fs::Credentials c;
  user(c, 1000);
  const task::ProgramOwner program{.mode = 04755, .uid = 0, .gid = 0, .may_raise = false};
  EXPECT_TRUE(task::keeps_credentials(c, program));
  EXPECT_FALSE(task::apply_program(c, program));
  EXPECT_EQ(c.euid, 1000u);
}

TEST(ExecCredentials, SetGroupIdNeedsGroupExecution) {
  fs::Credentials c;
  user(c, 1000);
  EXPECT_TRUE(task::keeps_credentials(c, {.mode = 02745, .uid = 0, .gid = 5}));
  EXPECT_FALSE(task::keeps_credentials(c, {.mode = 02755, .uid = 0, .gid = 5}));
}

TEST(ExecCredentials, OrdinaryProgramKeepsRootAsItIs) {
  fs::Credentials c;
  EXPECT_TRUE(task::keeps_credentials(root(c), {.mode = 0755}));
}

#include "ipc/sysv/id_table.h"

#include "test/unit/support/vfs.h"

namespace fs = k::fs;
namespace sysv = k::ipc::sysv;
using k::lib::Flags;

namespace {

struct Thing final : sysv::Object {
  explicit Thing(const sysv::Permissions& p, int size) : Object(p), size(size) {}
  int size;
};

struct IdTableTest : k::test::VfsTest {
  IdTableTest() : root(fs::Credentials::create_root().value()), user(root->copy().value()) {
    user->uid = user->euid = user->suid = user->fsuid = 1000;
    user->gid = user->egid = user->sgid = user->fsgid = 1000;
    user->effective = user->permitted = {};
  }
  k::Result<int> get(sysv::Key key, unsigned flags, int size = 1) { return get_as(*root, key, flags, size); }
  k::Result<int> get_as(const fs::Credentials& who, sysv::Key key, unsigned flags, int size = 1) {
    return table.get(
        key, Flags{flags}, who, limit,
        [&] { return k::make_ref<Thing>(sysv::Permissions::of_creator(who, key, flags), size); },
        [&](Thing& t) -> k::Result<void> { return size > t.size ? k::err(k::Errno::inval) : k::Result<void>{}; });
  }
  k::Result<void> remove(int id) { return table.remove(*TRY(table.find(id))); }

  k::Ref<fs::Credentials> root, user;
  unsigned limit = 1000;
  sysv::ObjectTable<Thing> table;
};

TEST_F(IdTableTest, FindsAnObjectByItsKey) {
  EXPECT_ERRNO(get(7, 0600), noent);
  const int id = get(7, IPC_CREAT | 0600).value();
  EXPECT_EQ(get(7, 0600).value(), id);
  EXPECT_EQ(get(7, IPC_CREAT).value(), id);
  EXPECT_ERRNO(get(7, IPC_CREAT | IPC_EXCL), exist);
  auto thing = table.find(id).value();
  const k::sync::LockHeld held{thing->lock};
  EXPECT_EQ(thing->permissions.key, 7);
}

TEST_F(IdTableTest, PrivateObjectsAreAlwaysNew) {
  EXPECT_NE(get(IPC_PRIVATE, 0600).value(), get(IPC_PRIVATE, 0600).value());
  EXPECT_EQ(table.usage().objects, 2u);
  EXPECT_EQ(table.usage().highest_index, 1);
}

TEST_F(IdTableTest, LooksAtTheFitBeforeThePermissions) {
  (void)get(7, IPC_CREAT | 0600, 10).value();
  EXPECT_ERRNO(get_as(*user, 7, 0400, 11), inval);
  EXPECT_ERRNO(get_as(*user, 7, 0400, 10), acces);
  EXPECT_TRUE(get_as(*user, 7, 0, 10));
}

TEST_F(IdTableTest, RefusesMoreThanTheLimit) {
  limit = 2;
  (void)get(IPC_PRIVATE, 0).value();
  const int second = get(IPC_PRIVATE, 0).value();
  EXPECT_ERRNO(get(IPC_PRIVATE, 0), nospc);
  EXPECT_TRUE(remove(second));
  EXPECT_TRUE(get(IPC_PRIVATE, 0));
}

TEST_F(IdTableTest, AStaleIdentifierNamesNothing) {
  const int id = get(7, IPC_CREAT).value();
  auto held = table.find(id).value();
  EXPECT_TRUE(table.remove(*held));
  {
    const k::sync::LockHeld locked{held->lock};
    EXPECT_TRUE(held->removed);
  }
  EXPECT_ERRNO(table.remove(*held), idrm);
  EXPECT_ERRNO(table.find(id), inval);
  EXPECT_ERRNO(get(7, 0), noent);
  EXPECT_NE(get(7, IPC_CREAT).value(), id);
}

TEST_F(IdTableTest, TheSequenceNumberGrowsWhenIndicesWrapAround) {
  int id = 0;
  for (int i = 0; i < 65; ++i) {
    id = get(IPC_PRIVATE, 0).value();
    ASSERT_TRUE(remove(id));
  }
  EXPECT_EQ(id, 1 << sysv::IdTable::kIndexBits);
  const int again = get(IPC_PRIVATE, 0).value();
  EXPECT_EQ(again, (1 << sysv::IdTable::kIndexBits) + 1);
  EXPECT_EQ(table.find(again).value()->sequence(), 1u);
  EXPECT_EQ(table.at(1).value()->id(), again);
}

TEST_F(IdTableTest, HoldsManyAndListsThemInOrder) {
  std::set<int> ids;
  for (int i = 0; i < 300; ++i) ids.insert(get(i + 1, IPC_CREAT).value());
  EXPECT_EQ(ids.size(), 300u);
  unsigned seen = 0, from = 0;
  while (auto thing = table.next(from)) {
    from = (static_cast<unsigned>(thing->id()) & 0x7fff) + 1;
    ++seen;
  }
  EXPECT_EQ(seen, 300u);
  EXPECT_EQ(table.usage().highest_index, 299);
  EXPECT_EQ(get(299, 0).value(), table.at(298).value()->id());
}

TEST_F(IdTableTest, AnObjectMadePrivateLeavesItsKeyToOthers) {
  const int id = get(7, IPC_CREAT).value();
  auto held = table.find(id).value();
  table.make_private(*held);
  EXPECT_TRUE(table.find(id));
  EXPECT_NE(get(7, IPC_CREAT | IPC_EXCL).value(), id);
}

TEST_F(IdTableTest, OutOfRangeIdentifiersAreInvalid) {
  EXPECT_ERRNO(table.find(-1), inval);
  EXPECT_ERRNO(table.find(INT32_MAX), inval);
  EXPECT_ERRNO(table.at(32768), inval);
}

TEST_F(IdTableTest, OwnerGroupAndOthersHaveTheirOwnBits) {
  sysv::Permissions p = sysv::Permissions::of_creator(*user, 1, 0640);
  EXPECT_TRUE(sysv::may_access(p, *user, sysv::kMayRead | sysv::kMayWrite));
  auto other = user->copy().value();
  other->euid = 1001;
  EXPECT_TRUE(sysv::may_access(p, *other, sysv::kMayRead));
  EXPECT_ERRNO(sysv::may_access(p, *other, sysv::kMayWrite), acces);
  other->fsgid = other->egid = 1001;
  EXPECT_ERRNO(sysv::may_access(p, *other, sysv::kMayRead), acces);
  EXPECT_TRUE(sysv::may_access(p, *root, sysv::kMayWrite)) << "CAP_IPC_OWNER";
}

TEST_F(IdTableTest, OnlyOwnerCreatorAndAdministratorControl) {
  sysv::Permissions p = sysv::Permissions::of_creator(*user, 1, 0600);
  auto other = user->copy().value();
  other->euid = 1001;
  EXPECT_ERRNO(sysv::may_control(p, *other), perm);
  EXPECT_TRUE(sysv::set_owner(p, 1001, 1001, 07777));
  EXPECT_EQ(p.mode, 0777u);
  EXPECT_TRUE(sysv::may_control(p, *other));
  EXPECT_TRUE(sysv::may_control(p, *user)) << "the creator stays";
  EXPECT_TRUE(sysv::may_control(p, *root));
  EXPECT_ERRNO(sysv::set_owner(p, ~0u, 1, 0), inval);
}

}  // namespace

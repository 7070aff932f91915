/// mbind(2) and set_mempolicy_home_node(2) on a machine of one node.
#include <sys/mman.h>

#include <algorithm>

#include "policy.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"

using namespace systest;

namespace {

constexpr Mask kNode0 = 1, kNode1 = 2, kNone = 0;
constexpr Policy kBound{MPOL_BIND, kNode0};
constexpr unsigned kStrict = MPOL_MF_STRICT;

long count_areas() {
  const std::string maps = slurp("/proc/self/maps");
  return std::count(maps.begin(), maps.end(), '\n');
}

}  // namespace

TEST(Mbind, SetsThePolicyOfThePagesNamed) {
  Pages pages{5};
  EXPECT_EQ(policy_at(pages.at()), kDefaultPolicy);
  EXPECT_OK(mbind(pages.at(2), kPage, MPOL_BIND, &kNode0));
  for (int i : {0, 1, 3, 4}) EXPECT_EQ(policy_at(pages.at(i)), kDefaultPolicy) << "page " << i;
  EXPECT_EQ(policy_at(pages.at(2)), kBound);
  EXPECT_EQ(policy_at(pages.at(2) + kPage - 1), kBound);
  EXPECT_OK(mbind(pages.at(1), 2 * kPage - 1, MPOL_INTERLEAVE, &kNode0)) << "the length is rounded up";
  EXPECT_EQ(policy_at(pages.at(2)), (Policy{MPOL_INTERLEAVE, kNode0}));
  EXPECT_OK(mbind(pages.at(0), 5 * kPage, MPOL_DEFAULT));
  EXPECT_EQ(policy_at(pages.at(2)), kDefaultPolicy);
}

TEST(Mbind, AreaDoesNotFollowItsThread) {
  Pages pages{1};
  ASSERT_OK(set_mempolicy(MPOL_BIND, &kNode0));
  EXPECT_EQ(policy_at(pages.at()), kDefaultPolicy);
  EXPECT_OK(mbind(pages.at(), kPage, MPOL_LOCAL));
  EXPECT_EQ(policy_at(pages.at()), (Policy{MPOL_LOCAL, 0}));
  EXPECT_EQ(own_policy(), kBound);
}

TEST(Mbind, PolicyStaysWithTheMapping) {
  Pages pages{6};
  *pages.at(1) = 'x';
  ASSERT_OK(mbind(pages.at(1), 2 * kPage, MPOL_BIND, &kNode0));
  ASSERT_OK(mprotect(pages.at(2), kPage, PROT_READ));
  EXPECT_EQ(policy_at(pages.at(2)), kBound);
  EXPECT_EQ(in_child([&] {
              EXPECT_EQ(policy_at(pages.at(1)), kBound);
              EXPECT_EQ(policy_at(pages.at(3)), kDefaultPolicy);
              EXPECT_OK(mbind(pages.at(1), kPage, MPOL_DEFAULT));
            }),
            0);
  EXPECT_EQ(policy_at(pages.at(1)), kBound) << "the child's is its own";
  ASSERT_OK(mremap(pages.at(1), kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED, pages.at(4)));
  EXPECT_EQ(policy_at(pages.at(4)), kBound);
  EXPECT_EQ(*pages.at(4), 'x');
}

TEST(Mbind, NewMappingBesideABoundOneIsDefault) {
  Pages pages{2};
  ASSERT_OK(mbind(pages.at(), 2 * kPage, MPOL_BIND, &kNode0));
  ASSERT_OK(mmap(pages.at(1), kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  EXPECT_EQ(policy_at(pages.at(0)), kBound);
  EXPECT_EQ(policy_at(pages.at(1)), kDefaultPolicy);
}

TEST(Mbind, SplitsAreasAndJoinsThemAgain) {
  Pages pages{5};
  count_areas();  // whatever memory it wants for itself is there now
  const long before = count_areas();
  ASSERT_OK(mbind(pages.at(2), kPage, MPOL_BIND, &kNode0));
  EXPECT_EQ(count_areas(), before + 2);
  ASSERT_OK(mbind(pages.at(3), kPage, MPOL_BIND, &kNode0));
  EXPECT_EQ(count_areas(), before + 2) << "two with the same policy are one";
  ASSERT_OK(mbind(pages.at(2), 2 * kPage, MPOL_DEFAULT));
  EXPECT_EQ(count_areas(), before);
}

TEST(Mbind, BoundMemoryWorks) {
  Pages pages{3};
  *pages.at(0) = 'a';
  ASSERT_OK(mbind(pages.at(0), 2 * kPage, MPOL_BIND, &kNode0, MPOL_MF_MOVE));
  *pages.at(1) = 'b';
  EXPECT_EQ(*pages.at(0), 'a');
  EXPECT_EQ(*pages.at(1), 'b');
}

TEST(Mbind, HolesFaultButForTheDefault) {
  Pages pages{3};
  ASSERT_OK(munmap(pages.at(1), kPage));
  EXPECT_ERRNO(EFAULT, mbind(pages.at(), 3 * kPage, MPOL_BIND, &kNode0));
  EXPECT_ERRNO(EFAULT, mbind(pages.at(1), 2 * kPage, MPOL_BIND, &kNode0));
  EXPECT_ERRNO(EFAULT, mbind(pages.at(0), 2 * kPage, MPOL_BIND, &kNode0));
  EXPECT_EQ(policy_at(pages.at(0)), kDefaultPolicy) << "nothing is changed";
  ASSERT_OK(mbind(pages.at(2), kPage, MPOL_BIND, &kNode0));
  EXPECT_OK(mbind(pages.at(), 3 * kPage, MPOL_DEFAULT));
  EXPECT_EQ(policy_at(pages.at(2)), kDefaultPolicy);
  EXPECT_ERRNO(EFAULT, mbind(pages.at(1), kPage, MPOL_DEFAULT)) << "a hole alone";
}

TEST(Mbind, StrictFailsForPagesElsewhere) {
  Pages pages{2};
  *pages.at(0) = 'x';
  (void)peek(pages.at(1));
  EXPECT_OK(mbind(pages.at(0), kPage, MPOL_BIND, &kNode0, kStrict));
  EXPECT_OK(mbind(pages.at(0), kPage, MPOL_DEFAULT, nullptr, kStrict));
  EXPECT_ERRNO(EIO, mbind(pages.at(0), kPage, MPOL_BIND | MPOL_F_RELATIVE_NODES, &kNode1, kStrict));
  EXPECT_ERRNO(EIO, mbind(pages.at(0), 2 * kPage, MPOL_LOCAL, nullptr, kStrict)) << "local names no node";
  EXPECT_EQ(policy_at(pages.at(0)), kDefaultPolicy);
  EXPECT_OK(mbind(pages.at(1), kPage, MPOL_LOCAL, nullptr, kStrict)) << "only zeros are there";
  EXPECT_OK(mbind(pages.at(0), kPage, MPOL_LOCAL, nullptr, kStrict | MPOL_MF_MOVE)) << "it could be moved";
  EXPECT_EQ(policy_at(pages.at(0)), (Policy{MPOL_LOCAL, 0}));
  EXPECT_EQ(*pages.at(0), 'x');
}

TEST(Mbind, RefusesBadArguments) {
  Pages pages{1};
  char* const p = pages.at();
  EXPECT_ERRNO(EINVAL, mbind(p + 1, kPage, MPOL_BIND, &kNode0));
  EXPECT_ERRNO(EINVAL, mbind(p, kPage, 6, &kNode0));
  EXPECT_ERRNO(EINVAL, mbind(p, kPage, MPOL_BIND, &kNode1));
  EXPECT_ERRNO(EINVAL, mbind(p, kPage, MPOL_BIND, &kNone));
  EXPECT_ERRNO(EINVAL, mbind(p, kPage, MPOL_BIND, &kNode0, 0x80));
  EXPECT_ERRNO(EINVAL, mbind(p, -2 * kPage, MPOL_BIND, &kNode0));
  EXPECT_ERRNO(EFAULT, mbind(p, kPage, MPOL_BIND, reinterpret_cast<Mask*>(8)));
  EXPECT_OK(mbind(p, 0, MPOL_BIND, &kNode1)) << "an empty range is looked at no further";
  EXPECT_EQ(policy_at(p), kDefaultPolicy);
}

TEST(Mbind, MovingEverybodysPagesNeedsPrivilege) {
  Pages pages{1};
  EXPECT_OK(mbind(pages.at(), kPage, MPOL_BIND, &kNode0, MPOL_MF_MOVE_ALL));
  EXPECT_EQ(as_user([&] {
              EXPECT_ERRNO(EPERM, mbind(pages.at(), kPage, MPOL_BIND, &kNode0, MPOL_MF_MOVE_ALL));
              EXPECT_OK(mbind(pages.at(), kPage, MPOL_BIND, &kNode0, MPOL_MF_MOVE));
            }),
            0);
}

TEST(Mbind, SharedMappingHasOneToo) {
  void* const shared = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_OK(shared);
  EXPECT_OK(mbind(shared, kPage, MPOL_BIND, &kNode0));
  EXPECT_EQ(policy_at(shared), kBound);
  munmap(shared, kPage);
}

TEST(Mbind, NodeOfAnAddressFaultsItIn) {
  Pages pages{3};
  int node = -1;
  EXPECT_OK(get_mempolicy(&node, nullptr, 0, pages.at(), MPOL_F_NODE | MPOL_F_ADDR));
  EXPECT_EQ(node, 0);
  unsigned char there = 0;
  ASSERT_OK(mincore(pages.at(), kPage, &there));
  EXPECT_EQ(there & 1, 1);
  ASSERT_OK(mprotect(pages.at(1), kPage, PROT_NONE));
  EXPECT_ERRNO(EFAULT, get_mempolicy(&node, nullptr, 0, pages.at(1), MPOL_F_NODE | MPOL_F_ADDR));
  ASSERT_OK(munmap(pages.at(2), kPage));
  EXPECT_ERRNO(EFAULT, get_mempolicy(&node, nullptr, 0, pages.at(2), MPOL_F_NODE | MPOL_F_ADDR));
}

TEST(HomeNode, NeedsAPolicyWithSeveralNodes) {
  Pages pages{3};
  EXPECT_ERRNO(ENOENT, set_home_node(pages.at(), kPage, 0));
  ASSERT_OK(mbind(pages.at(1), kPage, MPOL_BIND, &kNode0));
  EXPECT_OK(set_home_node(pages.at(), 3 * kPage, 0));
  EXPECT_EQ(policy_at(pages.at(1)), kBound);
  ASSERT_OK(mbind(pages.at(1), kPage, MPOL_PREFERRED_MANY, &kNode0));
  EXPECT_OK(set_home_node(pages.at(1), kPage, 0));
  ASSERT_OK(mbind(pages.at(2), kPage, MPOL_INTERLEAVE, &kNode0));
  EXPECT_ERRNO(EOPNOTSUPP, set_home_node(pages.at(1), 2 * kPage, 0));
}

TEST(HomeNode, RefusesBadArguments) {
  Pages pages{1};
  ASSERT_OK(mbind(pages.at(), kPage, MPOL_BIND, &kNode0));
  EXPECT_ERRNO(EINVAL, set_home_node(pages.at() + 1, kPage, 0));
  EXPECT_ERRNO(EINVAL, set_home_node(pages.at(), kPage, 1)) << "no such node";
  EXPECT_ERRNO(EINVAL, set_home_node(pages.at(), kPage, 1UL << 40));
  EXPECT_ERRNO(EINVAL, set_home_node(pages.at(), kPage, 0, 1));
  EXPECT_ERRNO(EINVAL, set_home_node(pages.at(), -2 * kPage, 0));
  EXPECT_OK(set_home_node(pages.at(), 0, 0));
}

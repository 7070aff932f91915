/// set_mempolicy(2) and get_mempolicy(2) on a machine of one node.
#include "policy.h"

#include <pthread.h>
#include <sys/mman.h>

#include <vector>

#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"

using namespace systest;

namespace {

constexpr Mask kNode0 = 1, kNode1 = 2, kNone = 0;
constexpr unsigned long kPageBits = kPage * 8;

}  // namespace

TEST(MemoryPolicy, StartsAsTheDefault) { EXPECT_EQ(own_policy(), kDefaultPolicy); }

TEST(MemoryPolicy, IsToldAsItWasSet) {
  for (int mode : {MPOL_PREFERRED, MPOL_BIND, MPOL_INTERLEAVE, MPOL_PREFERRED_MANY}) {
    EXPECT_OK(set_mempolicy(mode, &kNode0));
    EXPECT_EQ(own_policy(), (Policy{mode, kNode0}));
  }
  EXPECT_OK(set_mempolicy(MPOL_BIND | MPOL_F_NUMA_BALANCING, &kNode0));
  EXPECT_EQ(own_policy(), (Policy{MPOL_BIND | MPOL_F_NUMA_BALANCING, kNode0}));
  EXPECT_OK(set_mempolicy(MPOL_LOCAL));
  EXPECT_EQ(own_policy(), (Policy{MPOL_LOCAL, 0}));
  EXPECT_OK(set_mempolicy(MPOL_DEFAULT));
  EXPECT_EQ(own_policy(), kDefaultPolicy);
}

TEST(MemoryPolicy, PreferringNoNodeIsLocal) {
  EXPECT_OK(set_mempolicy(MPOL_PREFERRED, &kNone));
  EXPECT_EQ(own_policy(), (Policy{MPOL_LOCAL, 0}));
  EXPECT_ERRNO(EINVAL, set_mempolicy(MPOL_PREFERRED | MPOL_F_STATIC_NODES, &kNone));
  EXPECT_ERRNO(EINVAL, set_mempolicy(MPOL_PREFERRED | MPOL_F_RELATIVE_NODES, &kNone));
}

TEST(MemoryPolicy, LeavesOutNodesThatAreNotThere) {
  const Mask both = 3;
  EXPECT_OK(set_mempolicy(MPOL_INTERLEAVE, &both));
  EXPECT_EQ(own_policy(), (Policy{MPOL_INTERLEAVE, kNode0}));
  EXPECT_ERRNO(EINVAL, set_mempolicy(MPOL_INTERLEAVE, &kNode1));
  EXPECT_EQ(own_policy(), (Policy{MPOL_INTERLEAVE, kNode0})) << "a refusal changes nothing";
}

TEST(MemoryPolicy, StaticAndRelativeNodesAreToldAsGiven) {
  const Mask both = 3;
  EXPECT_OK(set_mempolicy(MPOL_BIND | MPOL_F_STATIC_NODES, &both));
  EXPECT_EQ(own_policy(), (Policy{MPOL_BIND | MPOL_F_STATIC_NODES, both}));
  EXPECT_ERRNO(EINVAL, set_mempolicy(MPOL_BIND | MPOL_F_STATIC_NODES, &kNode1));
  EXPECT_OK(set_mempolicy(MPOL_BIND | MPOL_F_RELATIVE_NODES, &kNode1)) << "counted around the one node";
  EXPECT_EQ(own_policy(), (Policy{MPOL_BIND | MPOL_F_RELATIVE_NODES, kNode1}));
  EXPECT_ERRNO(EINVAL, set_mempolicy(MPOL_BIND | MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES, &kNode0));
}

TEST(MemoryPolicy, DefaultForgetsItsFlags) {
  EXPECT_OK(set_mempolicy(MPOL_DEFAULT | MPOL_F_STATIC_NODES));
  EXPECT_EQ(own_policy(), kDefaultPolicy);
}

TEST(MemoryPolicy, RefusesModesAndSetsThatDoNotFit) {
  EXPECT_ERRNO(EINVAL, set_mempolicy(6, &kNode0));
  EXPECT_ERRNO(EINVAL, set_mempolicy(-1, &kNode0));
  EXPECT_ERRNO(EINVAL, set_mempolicy(MPOL_DEFAULT, &kNode0));
  EXPECT_ERRNO(EINVAL, set_mempolicy(MPOL_LOCAL, &kNode0));
  EXPECT_ERRNO(EINVAL, set_mempolicy(MPOL_LOCAL | MPOL_F_STATIC_NODES));
  EXPECT_ERRNO(EINVAL, set_mempolicy(MPOL_PREFERRED | MPOL_F_NUMA_BALANCING, &kNode0));
  for (int mode : {MPOL_BIND, MPOL_INTERLEAVE, MPOL_PREFERRED_MANY}) {
    EXPECT_ERRNO(EINVAL, set_mempolicy(mode, &kNone));
    EXPECT_ERRNO(EINVAL, set_mempolicy(mode));
  }
  EXPECT_EQ(own_policy(), kDefaultPolicy);
}

TEST(MemoryPolicy, TakesOneBitLessThanTheLength) {
  const Mask both = 3, other_bits = ~1UL;
  EXPECT_OK(set_mempolicy(MPOL_BIND, &both, 2));
  EXPECT_ERRNO(EINVAL, set_mempolicy(MPOL_BIND, &other_bits, 2)) << "only bit 0 is looked at";
  EXPECT_ERRNO(EINVAL, set_mempolicy(MPOL_BIND, &kNode0, 1)) << "no bit at all";
  EXPECT_ERRNO(EINVAL, set_mempolicy(MPOL_BIND, &kNode0, 0));
}

TEST(MemoryPolicy, LongSetsAreLimitedToAPage) {
  std::vector<Mask> mask(1024);
  mask[0] = kNode0;
  EXPECT_OK(set_mempolicy(MPOL_BIND, mask.data(), kPageBits + 1));
  EXPECT_ERRNO(EINVAL, set_mempolicy(MPOL_BIND, mask.data(), kPageBits + 2));
  mask[500] = 1;
  EXPECT_ERRNO(EINVAL, set_mempolicy(MPOL_BIND, mask.data(), kPageBits + 1)) << "a node that no kernel has";
}

TEST(MemoryPolicy, BadPointersFault) {
  Pages pages{2};
  ASSERT_OK(munmap(pages.at(1), kPage));
  auto* last = reinterpret_cast<Mask*>(pages.at(1)) - 1;
  *last = kNode0;
  EXPECT_OK(set_mempolicy(MPOL_BIND, last, 65));
  EXPECT_ERRNO(EFAULT, set_mempolicy(MPOL_BIND, last, 66));
  EXPECT_OK(get_mempolicy(nullptr, last, 65, nullptr, 0));
  EXPECT_ERRNO(EFAULT, get_mempolicy(nullptr, last, 66, nullptr, 0));
  EXPECT_ERRNO(EFAULT, get_mempolicy(reinterpret_cast<int*>(8), nullptr, 0, nullptr, 0));
}

TEST(MemoryPolicy, TellsWholeWords) {
  std::vector<Mask> mask(600, ~0UL);
  ASSERT_OK(set_mempolicy(MPOL_BIND, &kNode0));
  EXPECT_OK(get_mempolicy(nullptr, mask.data(), 66, nullptr, 0));
  EXPECT_EQ(mask[0], kNode0);
  EXPECT_EQ(mask[1], 0u);
  EXPECT_EQ(mask[2], ~0UL);
  EXPECT_OK(get_mempolicy(nullptr, mask.data(), kPageBits + 1, nullptr, 0));
  EXPECT_EQ(mask[511], 0u);
  EXPECT_EQ(mask[512], ~0UL);
  EXPECT_ERRNO(EINVAL, get_mempolicy(nullptr, mask.data(), kPageBits + 2, nullptr, 0));
  EXPECT_ERRNO(EINVAL, get_mempolicy(nullptr, mask.data(), 0, nullptr, 0)) << "too short for the nodes there are";
  EXPECT_OK(get_mempolicy(nullptr, nullptr, 0, nullptr, 0));
}

TEST(MemoryPolicy, TellsTheNodesAllowed) {
  ASSERT_OK(set_mempolicy(MPOL_LOCAL));
  int mode = -1;
  Mask mask = ~0UL;
  EXPECT_OK(get_mempolicy(&mode, &mask, kMaskBits, nullptr, MPOL_F_MEMS_ALLOWED));
  EXPECT_EQ(mode, 0);
  EXPECT_EQ(mask, kNode0);
  EXPECT_ERRNO(EINVAL, get_mempolicy(&mode, &mask, kMaskBits, nullptr, MPOL_F_MEMS_ALLOWED | MPOL_F_NODE));
  EXPECT_ERRNO(EINVAL, get_mempolicy(&mode, &mask, kMaskBits, &mode, MPOL_F_MEMS_ALLOWED | MPOL_F_ADDR));
}

TEST(MemoryPolicy, TellsTheNextNodeOfAnInterleavedThread) {
  int node = -1;
  EXPECT_ERRNO(EINVAL, get_mempolicy(&node, nullptr, 0, nullptr, MPOL_F_NODE));
  ASSERT_OK(set_mempolicy(MPOL_INTERLEAVE, &kNode0));
  EXPECT_OK(get_mempolicy(&node, nullptr, 0, nullptr, MPOL_F_NODE));
  EXPECT_EQ(node, 0);
}

TEST(MemoryPolicy, GetRefusesBadArguments) {
  int mode;
  EXPECT_ERRNO(EINVAL, get_mempolicy(&mode, nullptr, 0, nullptr, 8));
  EXPECT_ERRNO(EINVAL, get_mempolicy(&mode, nullptr, 0, &mode, 0)) << "an address without MPOL_F_ADDR";
  EXPECT_ERRNO(EFAULT, get_mempolicy(&mode, nullptr, 0, nullptr, MPOL_F_ADDR)) << "nothing is mapped there";
}

TEST(MemoryPolicy, BelongsToTheThreadAndIsInherited) {
  ASSERT_OK(set_mempolicy(MPOL_BIND, &kNode0));
  EXPECT_EQ(in_child([] { EXPECT_EQ(own_policy(), (Policy{MPOL_BIND, kNode0})); }), 0);
  pthread_t thread;
  const auto body = [](void*) -> void* {
    EXPECT_EQ(own_policy(), (Policy{MPOL_BIND, kNode0}));
    EXPECT_OK(set_mempolicy(MPOL_LOCAL));
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, nullptr, body, nullptr), 0);
  pthread_join(thread, nullptr);
  EXPECT_EQ(own_policy(), (Policy{MPOL_BIND, kNode0}));
}

TEST(MemoryPolicy, SurvivesExec) {
  ASSERT_OK(set_mempolicy(MPOL_INTERLEAVE, &kNode0));
  EXPECT_EQ(in_child([] { execl(own_path(), "x", "@memory-policy", nullptr); }), MPOL_INTERLEAVE);
}

#include "mm/vm/memory_policy.h"

namespace mm = k::mm;
using mm::MemoryPolicy;
using mm::NodeSet;

namespace {

constexpr NodeSet kHere{.first = 1}, kElsewhere{.first = 2}, kFarAway{.has_others = true};

bool is_refused(std::uint32_t mode, const NodeSet& nodes) { return !MemoryPolicy::create(mode, nodes); }

}  // namespace

TEST(MemoryPolicy, KnowsEveryModeAndItsFlags) {
  for (std::uint32_t mode = 0; mode < uapi::MPOL_MAX; ++mode) {
    EXPECT_TRUE(MemoryPolicy::check_mode(mode)) << mode;
    EXPECT_TRUE(MemoryPolicy::check_mode(mode | MPOL_F_STATIC_NODES)) << mode;
    EXPECT_FALSE(MemoryPolicy::check_mode(mode | MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES)) << mode;
    EXPECT_EQ(bool(MemoryPolicy::check_mode(mode | MPOL_F_NUMA_BALANCING)), mode == uapi::MPOL_BIND) << mode;
  }
  EXPECT_FALSE(MemoryPolicy::check_mode(uapi::MPOL_MAX));
}

TEST(MemoryPolicy, HasToNameANodeWithMemory) {
  EXPECT_TRUE(is_refused(uapi::MPOL_BIND, kElsewhere));
  EXPECT_TRUE(is_refused(uapi::MPOL_BIND | MPOL_F_STATIC_NODES, kFarAway));
  EXPECT_TRUE(is_refused(uapi::MPOL_BIND | MPOL_F_RELATIVE_NODES, {}));
  EXPECT_FALSE(is_refused(uapi::MPOL_BIND | MPOL_F_RELATIVE_NODES, kFarAway)) << "counted around the nodes there are";
}

TEST(MemoryPolicy, TellsOnlyNodesThatAreThereUnlessToldToKeepThem) {
  EXPECT_EQ(MemoryPolicy::create(uapi::MPOL_BIND, {.first = 7})->nodes, 1u);
  EXPECT_EQ(MemoryPolicy::create(uapi::MPOL_BIND | MPOL_F_STATIC_NODES, {.first = 7})->nodes, 7u);
}

TEST(MemoryPolicy, DefaultAndLocalHaveNoNodes) {
  EXPECT_EQ(*MemoryPolicy::create(uapi::MPOL_DEFAULT | MPOL_F_STATIC_NODES, {}), MemoryPolicy{});
  EXPECT_EQ(MemoryPolicy::create(uapi::MPOL_PREFERRED, {})->mode, std::uint32_t{uapi::MPOL_LOCAL});
  EXPECT_TRUE(is_refused(uapi::MPOL_DEFAULT, kHere));
  EXPECT_TRUE(is_refused(uapi::MPOL_LOCAL, kHere));
  EXPECT_TRUE(is_refused(uapi::MPOL_PREFERRED | MPOL_F_STATIC_NODES, {}));
}

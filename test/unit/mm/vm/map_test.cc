#include "test/unit/mm/vm/space_fixture.h"
#include "test/unit/support/alloc_failure.h"

namespace mm = k::mm;
using k::Errno;
using k::UserAddr;
using k::test::kPage;
using k::test::kRead;
using k::test::kReadWrite;

namespace {

class Map : public k::test::SpaceTest {};
constexpr std::uint64_t kBase = 0x10'0000'0000;

TEST_F(Map, PlacesDownwardsFromTheBase) {
  const std::uint64_t first = map(3), second = map(2);
  EXPECT_EQ(first, layout().mmap_base - 3 * kPage);
  EXPECT_EQ(second, first - 2 * kPage);
  EXPECT_EQ(areas(second), "0-5") << "neighbours that are alike are one area";
}

TEST_F(Map, TakesAFreeHintAndIgnoresATakenOne) {
  mm::MapRequest r{.address = UserAddr{kBase}, .bytes = kPage, .flags = kReadWrite};
  EXPECT_EQ(space().map(r, {})->value, kBase);
  EXPECT_NE(space().map(r, {})->value, kBase);
}

TEST_F(Map, FixedReplacesAndNoReplaceRefuses) {
  map(4, kReadWrite, kBase);
  EXPECT_TRUE(poke(kBase + kPage, 7));
  map(1, kRead, kBase + kPage);
  EXPECT_EQ(areas(kBase), "0-1 1-2 2-4");
  EXPECT_EQ(peek(kBase + kPage), 0);
  const mm::MapRequest r{.address = UserAddr{kBase + 3 * kPage},
                         .bytes = 2 * kPage,
                         .flags = kRead,
                         .placement = mm::Placement::fixed_no_replace};
  EXPECT_EQ(space().map(r, {}).error(), Errno::exist);
}

TEST_F(Map, RefusesWhatLinuxRefuses) {
  const auto fails = [&](std::uint64_t at, std::uint64_t bytes) {
    return space()
        .map({.address = UserAddr{at}, .bytes = bytes, .flags = kRead, .placement = mm::Placement::fixed}, {})
        .error();
  };
  EXPECT_EQ(fails(kBase, 0), Errno::inval);
  EXPECT_EQ(fails(kBase + 1, kPage), Errno::inval);
  EXPECT_EQ(fails(kBase, ~std::uint64_t{0}), Errno::nomem);
  EXPECT_EQ(fails(k::arch::kUserEnd, kPage), Errno::nomem);
  EXPECT_EQ(fails(0, kPage), Errno::perm);
}

TEST_F(Map, LimitsApply) {
  const mm::MapRequest r{.address = {}, .bytes = 4 * kPage, .flags = kReadWrite};
  EXPECT_EQ(space().map(r, {.address_space = 3 * kPage}).error(), Errno::nomem);
  EXPECT_EQ(space().map(r, {.data = 3 * kPage}).error(), Errno::nomem);
  EXPECT_TRUE(space().map(r, {.address_space = 4 * kPage, .data = 4 * kPage}));
  const mm::MapRequest huge{.address = {}, .bytes = std::uint64_t{1} << 40, .flags = kReadWrite};
  EXPECT_EQ(space().map(huge, {}).error(), Errno::nomem) << "more than all memory is never promised";
}

TEST_F(Map, UnmapSplitsAndFreesWhatIsInside) {
  map(6, kReadWrite, kBase);
  for (int i = 0; i < 6; ++i) poke(kBase + i * kPage, static_cast<char>(i + 1));
  EXPECT_TRUE(space().unmap(UserAddr{kBase + 2 * kPage}, 2 * kPage));
  EXPECT_EQ(areas(kBase), "0-2 4-6");
  EXPECT_EQ(peek(kBase + 2 * kPage), -1);
  EXPECT_EQ(peek(kBase + kPage), 2);
  EXPECT_EQ(peek(kBase + 5 * kPage), 6);
  EXPECT_EQ(space().usage().anonymous_pages, 4u);
  EXPECT_EQ(space().unmap(UserAddr{kBase + 1}, kPage).error(), Errno::inval);
  EXPECT_EQ(space().unmap(UserAddr{kBase}, 0).error(), Errno::inval);
  EXPECT_TRUE(space().unmap(UserAddr{kBase}, 100 * kPage)) << "holes are no error";
  EXPECT_EQ(areas(kBase), "");
}

TEST_F(Map, UnmapGivesBackLeafTables) {
  const auto before = space().usage().page_table_bytes;
  map(1024, kReadWrite, kBase);
  poke(kBase, 1);
  poke(kBase + 1023 * kPage, 1);
  const auto during = space().usage().page_table_bytes;
  EXPECT_TRUE(space().unmap(UserAddr{kBase}, 1024 * kPage));
  EXPECT_EQ(during - before, 4 * kPage);
  EXPECT_EQ(space().usage().page_table_bytes - before, 2 * kPage) << "levels 3 and 2 stay";
}

TEST_F(Map, ProtectSplitsAndMergesBack) {
  map(3, kReadWrite, kBase);
  for (int i = 0; i < 3; ++i) poke(kBase + i * kPage, static_cast<char>(i + 1));
  EXPECT_TRUE(space().protect(UserAddr{kBase + kPage}, kPage, mm::AreaFlag::read));
  EXPECT_EQ(areas(kBase), "0-1 1-2 2-3");
  EXPECT_EQ(fault(kBase + kPage, mm::Access::write), k::arch::FaultResult::not_permitted);
  EXPECT_EQ(peek(kBase + kPage), 2);
  EXPECT_TRUE(space().protect(UserAddr{kBase + kPage}, kPage, mm::AreaFlag::read | mm::AreaFlag::write));
  EXPECT_EQ(areas(kBase), "0-3");
  EXPECT_TRUE(poke(kBase + kPage, 9));
}

TEST_F(Map, ProtectNoneKeepsThePages) {
  map(2, kReadWrite, kBase);
  poke(kBase, 5);
  EXPECT_TRUE(space().protect(UserAddr{kBase}, kPage, {}));
  EXPECT_EQ(peek(kBase), -1);
  EXPECT_EQ(fault(kBase), k::arch::FaultResult::not_permitted);
  EXPECT_TRUE(space().protect(UserAddr{kBase}, kPage, mm::AreaFlag::read));
  EXPECT_EQ(peek(kBase), 5);
}

TEST_F(Map, ProtectRefusals) {
  map(2, kReadWrite, kBase);
  EXPECT_EQ(space().protect(UserAddr{kBase + 1}, kPage, mm::AreaFlag::read).error(), Errno::inval);
  EXPECT_EQ(space().protect(UserAddr{kBase}, 3 * kPage, mm::AreaFlag::read).error(), Errno::nomem);
  map(1, mm::AreaFlag::read | mm::AreaFlag::may_read, kBase + 8 * kPage);
  EXPECT_EQ(space().protect(UserAddr{kBase + 8 * kPage}, kPage, mm::AreaFlag::write).error(), Errno::acces);
}

TEST_F(Map, BreakGrowsShrinksAndStopsAtNeighbours) {
  space().layout().start_brk = space().layout().brk = kBase;
  EXPECT_EQ(space().set_break(UserAddr{kBase + 100}, {}).value, kBase + 100);
  EXPECT_TRUE(poke(kBase + 99, 1));
  EXPECT_EQ(space().set_break(UserAddr{kBase + 3 * kPage}, {}).value, kBase + 3 * kPage);
  EXPECT_EQ(areas(kBase), "0-3");
  EXPECT_EQ(space().set_break(UserAddr{kBase + kPage}, {}).value, kBase + kPage);
  EXPECT_EQ(areas(kBase), "0-1");
  EXPECT_EQ(space().set_break(UserAddr{kBase - 1}, {}).value, kBase + kPage);
  map(1, kRead, kBase + 4 * kPage);
  EXPECT_EQ(space().set_break(UserAddr{kBase + 5 * kPage}, {}).value, kBase + kPage);
  EXPECT_EQ(space().set_break(UserAddr{kBase + 2 * kPage}, {.data = kPage}).value, kBase + kPage);
}

TEST_F(Map, StackGrowsToItsLimitAndKeepsItsGuard) {
  ASSERT_TRUE(space().map_stack(kReadWrite, {}));
  const std::uint64_t top = layout().stack_top;
  space().set_stack_limit(1 << 20);
  EXPECT_TRUE(poke(top - 200 * kPage, 1));
  EXPECT_EQ(fault(top - 257 * kPage, mm::Access::write), k::arch::FaultResult::not_mapped);
  space().set_stack_limit(mm::kNoLimit);
  map(1, kReadWrite, top - 1000 * kPage);
  EXPECT_EQ(fault(top - 998 * kPage, mm::Access::write), k::arch::FaultResult::not_mapped) << "inside the guard gap";
  EXPECT_TRUE(poke(top - 700 * kPage, 1));
}

TEST_F(Map, EveryAllocationFailureOfMapAndUnmapLeavesAllAsItWas) {
  map(8, kReadWrite, kBase);
  for (int i = 0; i < 8; ++i) poke(kBase + i * kPage, 1);
  const std::string before = areas(kBase);
  const auto same = [&] { EXPECT_EQ(areas(kBase), before); };
  k::test::fail_each_allocation([&] { return space().unmap(UserAddr{kBase + 2 * kPage}, kPage).has_value(); }, [] {});
  EXPECT_EQ(areas(kBase), "0-2 3-8");
  EXPECT_TRUE(space().map(
      {.address = UserAddr{kBase + 2 * kPage}, .bytes = kPage, .flags = kReadWrite, .placement = mm::Placement::fixed},
      {}));
  same();
  k::test::fail_each_allocation(
      [&] {
        return space()
            .map({.address = UserAddr{kBase + 100 * kPage},
                  .bytes = kPage,
                  .flags = kRead,
                  .placement = mm::Placement::fixed},
                 {})
            .has_value();
      },
      same);
}

TEST_F(Map, AFaultThatGetsNoMemoryIsRetriedByUserCodeAndFailsACopy) {
  map(1, kReadWrite, kBase);
  k::lib::g_fail_allocation_at = 1;
  EXPECT_EQ(space().fault(UserAddr{kBase}, k::arch::FaultAccess{k::arch::FaultAccess::kWrite}),
            k::arch::FaultResult::no_page);
  k::lib::g_fail_allocation_at = 1;
  EXPECT_EQ(fault(kBase, mm::Access::write), k::arch::FaultResult::resolved);
  k::lib::g_fail_allocation_at = 0;
  EXPECT_TRUE(poke(kBase, 3));
}

}  // namespace

#include <linux/mman.h>

#include "test/unit/mm/vm/space_fixture.h"
#include "test/unit/support/alloc_failure.h"

namespace mm = k::mm;
using k::Errno;
using k::UserAddr;
using k::test::kPage;
using k::test::kRead;
using k::test::kReadWrite;

namespace {

constexpr std::uint64_t kBase = 0x10'0000'0000;

class Remap : public k::test::SpaceTest {
 protected:
  k::Result<UserAddr> remap(std::uint64_t at, std::size_t old_pages, std::size_t new_pages, unsigned flags = 0,
                            std::uint64_t to = 0) {
    return space().remap({.address = UserAddr{at},
                          .old_bytes = old_pages * kPage,
                          .new_bytes = new_pages * kPage,
                          .flags = flags,
                          .new_address = UserAddr{to}},
                         {});
  }
};

TEST_F(Remap, ShrinksAndGrowsInPlace) {
  map(4, kReadWrite, kBase);
  poke(kBase, 1);
  EXPECT_EQ(remap(kBase, 4, 2)->value, kBase);
  EXPECT_EQ(areas(kBase), "0-2");
  EXPECT_EQ(remap(kBase, 2, 6)->value, kBase);
  EXPECT_EQ(areas(kBase), "0-6");
  EXPECT_EQ(peek(kBase), 1);
}

TEST_F(Remap, MovesWhenThereIsNoRoomAndItMay) {
  map(600, kReadWrite, kBase);
  map(1, kRead, kBase + 600 * kPage);
  for (int i = 0; i < 600; ++i) poke(kBase + i * kPage, static_cast<char>(i % 100));
  EXPECT_EQ(remap(kBase, 600, 700).error(), Errno::nomem);
  const auto moved = remap(kBase, 600, 700, MREMAP_MAYMOVE);
  ASSERT_TRUE(moved);
  EXPECT_NE(moved->value, kBase);
  for (int i = 0; i < 600; ++i) ASSERT_EQ(peek(moved->value + i * kPage), i % 100);
  EXPECT_EQ(peek(moved->value + 650 * kPage), 0);
  EXPECT_EQ(peek(kBase), -1);
  EXPECT_EQ(in_use(), 600u);
}

TEST_F(Remap, FixedReplacesItsTarget) {
  map(2, kReadWrite, kBase);
  poke(kBase, 1);
  map(4, kReadWrite, kBase + 10 * kPage);
  poke(kBase + 10 * kPage, 2);
  EXPECT_EQ(remap(kBase, 2, 2, MREMAP_MAYMOVE | MREMAP_FIXED, kBase + 10 * kPage)->value, kBase + 10 * kPage);
  EXPECT_EQ(peek(kBase + 10 * kPage), 1);
  EXPECT_EQ(areas(kBase), "10-14");
}

TEST_F(Remap, DontUnmapLeavesAnEmptyMapping) {
  map(2, kReadWrite, kBase);
  poke(kBase, 1);
  const auto moved = remap(kBase, 2, 2, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
  ASSERT_TRUE(moved);
  EXPECT_EQ(peek(moved->value), 1);
  EXPECT_EQ(peek(kBase), 0);
}

TEST_F(Remap, AfterForkTheOtherSideKeepsItsPages) {
  map(600, kReadWrite, kBase);
  map(1, kRead, kBase + 600 * kPage);
  for (int i = 0; i < 600; ++i) poke(kBase + i * kPage, 3);
  auto child = space().fork().value();
  const auto moved = remap(kBase, 600, 700, MREMAP_MAYMOVE);
  ASSERT_TRUE(moved);
  poke(moved->value, 4);
  EXPECT_EQ(peek(*child, kBase), 3);
  EXPECT_EQ(peek(moved->value + kPage), 3);
}

TEST_F(Remap, RefusesWhatLinuxRefuses) {
  map(2, kReadWrite, kBase);
  EXPECT_EQ(remap(kBase, 2, 0).error(), Errno::inval);
  EXPECT_EQ(remap(kBase + 1, 2, 3).error(), Errno::inval);
  EXPECT_EQ(remap(kBase, 2, 3, 8).error(), Errno::inval);
  EXPECT_EQ(remap(kBase, 2, 3, MREMAP_FIXED, kBase + 100 * kPage).error(), Errno::inval);
  EXPECT_EQ(remap(kBase, 2, 3, MREMAP_MAYMOVE | MREMAP_FIXED, kBase + kPage).error(), Errno::inval);
  EXPECT_EQ(remap(kBase, 2, 3, MREMAP_MAYMOVE | MREMAP_DONTUNMAP).error(), Errno::inval);
  EXPECT_EQ(remap(kBase + 50 * kPage, 1, 2).error(), Errno::fault);
  EXPECT_EQ(remap(kBase, 3, 4, MREMAP_MAYMOVE).error(), Errno::fault);
  EXPECT_EQ(remap(kBase, 0, 1, MREMAP_MAYMOVE).error(), Errno::inval);
}

TEST_F(Remap, EveryAllocationFailureOfAMoveKeepsThePages) {
  map(600, kReadWrite, kBase);
  map(1, kRead, kBase + 600 * kPage);
  for (int i = 0; i < 600; ++i) poke(kBase + i * kPage, 3);
  std::uint64_t at = 0;
  k::test::fail_each_allocation(
      [&] {
        auto moved = remap(kBase, 600, 700, MREMAP_MAYMOVE);
        if (moved) at = moved->value;
        return moved.has_value();
      },
      [&] { EXPECT_EQ(peek(kBase + 599 * kPage), 3); });
  EXPECT_EQ(peek(at + 599 * kPage), 3);
}

}  // namespace

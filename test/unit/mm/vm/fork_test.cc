#include "arch/host/host_memory.h"
#include "test/unit/mm/vm/space_fixture.h"
#include "test/unit/support/alloc_failure.h"

namespace mm = k::mm;
using k::UserAddr;
using k::test::kPage;
using k::test::kReadWrite;

namespace {

constexpr std::uint64_t kBase = 0x10'0000'0000;

/// Both ways of copying: few pages (copied at once) and many (tables shared).
class Fork : public k::test::SpaceTest, public testing::WithParamInterface<std::size_t> {
 protected:
  std::size_t pages() const { return GetParam(); }
  void fill(char first) {
    for (std::size_t i = 0; i < pages(); ++i) ASSERT_TRUE(poke(kBase + i * kPage, static_cast<char>(first + i % 50)));
  }
  k::Ref<mm::AddressSpace> fork() { return space().fork().value(); }
};
INSTANTIATE_TEST_SUITE_P(Sizes, Fork, testing::Values(3, 700));

TEST_P(Fork, ChildAndParentSeeTheSameUntilOneWrites) {
  map(pages(), kReadWrite, kBase);
  fill(1);
  auto child = fork();
  for (std::size_t i = 0; i < pages(); ++i) ASSERT_EQ(peek(*child, kBase + i * kPage), static_cast<char>(1 + i % 50));
  EXPECT_EQ(in_use(), pages()) << "nothing was copied";

  EXPECT_TRUE(poke(*child, kBase, 99));
  EXPECT_TRUE(poke(kBase + kPage, 77));
  EXPECT_EQ(peek(*child, kBase), 99);
  EXPECT_EQ(peek(kBase), 1);
  EXPECT_EQ(peek(*child, kBase + kPage), 2);
  EXPECT_EQ(peek(kBase + kPage), 77);
  EXPECT_EQ(in_use(), pages() + 2);
}

TEST_P(Fork, TheParentWritesInPlaceOnceTheChildIsGone) {
  map(pages(), kReadWrite, kBase);
  fill(1);
  {
    auto child = fork();
  }
  fill(2);
  EXPECT_EQ(in_use(), pages()) << "no page was copied";
  EXPECT_EQ(space().usage().anonymous_pages, pages());
}

TEST_P(Fork, GrandchildrenAndSiblingsAreIndependent) {
  map(pages(), kReadWrite, kBase);
  fill(1);
  auto child = fork();
  auto grandchild = child->fork().value();
  auto sibling = fork();
  EXPECT_TRUE(poke(*grandchild, kBase, 60));
  EXPECT_TRUE(poke(*child, kBase, 61));
  EXPECT_TRUE(poke(kBase, 62));
  EXPECT_EQ(peek(*grandchild, kBase), 60);
  EXPECT_EQ(peek(*child, kBase), 61);
  EXPECT_EQ(peek(*sibling, kBase), 1);
  EXPECT_EQ(peek(kBase), 62);
}

TEST_P(Fork, TheChildMayUnmapAndProtectWithoutTouchingTheParent) {
  map(pages(), kReadWrite, kBase);
  fill(1);
  auto child = fork();
  EXPECT_TRUE(child->unmap(UserAddr{kBase + kPage}, kPage));
  EXPECT_TRUE(child->protect(UserAddr{kBase}, kPage, mm::AreaFlag::read));
  EXPECT_FALSE(poke(*child, kBase, 5));
  EXPECT_EQ(peek(*child, kBase + kPage), -1);
  EXPECT_EQ(peek(kBase + kPage), 2);
  EXPECT_TRUE(poke(kBase, 5));
  EXPECT_EQ(child->usage().anonymous_pages, pages() - 1);
}

TEST_P(Fork, SharedMemoryStaysShared) {
  auto source = make_source(pages());
  const std::uint64_t at = map_source(source, k::test::kSharedWrite, 0, pages());
  for (std::size_t i = 0; i < pages(); ++i) ASSERT_TRUE(poke(at + i * kPage, 1));
  auto child = fork();
  EXPECT_TRUE(poke(*child, at, 42));
  EXPECT_EQ(peek(at), 42);
  EXPECT_EQ(source->bytes_of(0)[0], 42);
}

TEST_P(Fork, AdviceDecidesWhatIsInherited) {
  map(pages(), kReadWrite, kBase);
  fill(1);
  EXPECT_TRUE(space().advise(UserAddr{kBase}, kPage, 10));          // MADV_DONTFORK
  EXPECT_TRUE(space().advise(UserAddr{kBase + kPage}, kPage, 18));  // MADV_WIPEONFORK
  auto child = fork();
  EXPECT_EQ(peek(*child, kBase), -1);
  EXPECT_EQ(peek(*child, kBase + kPage), 0);
  EXPECT_EQ(peek(*child, kBase + 2 * kPage), 3);
  EXPECT_EQ(child->usage().anonymous_pages, pages() - 2);
  EXPECT_EQ(peek(kBase), 1);
}

TEST_P(Fork, EveryAllocationFailureLeavesTheParentIntact) {
  map(pages(), kReadWrite, kBase);
  map(2, k::test::kRead, kBase + 5000 * kPage);
  fill(1);
  k::test::fail_each_allocation([&] { return space().fork().has_value(); },
                                [&] {
                                  EXPECT_EQ(in_use(), pages());
                                  EXPECT_TRUE(poke(kBase, 1));
                                });
  fill(2);
}

TEST_P(Fork, EveryAllocationFailureOfAWriteAfterForkIsRetryable) {
  map(pages(), kReadWrite, kBase);
  fill(1);
  auto child = fork();
  k::test::fail_each_allocation([&] { return poke(*child, kBase, 9); }, [&] { EXPECT_EQ(peek(*child, kBase), 1); });
  EXPECT_EQ(peek(kBase), 1);
}

TEST_F(Fork, CostDoesNotGrowWithTheNumberOfPages) {
  map(512 * 8, kReadWrite, kBase);
  const auto tables = [] { return mm::memory_counters().page_table_frames; };
  {
    auto warm = space().fork().value();
  }
  for (std::size_t i = 0; i < 512 * 8; ++i) poke(kBase + i * kPage, 1);
  {
    auto warm = space().fork().value();
  }
  const std::size_t before = tables();
  auto child = space().fork().value();
  EXPECT_LE(tables(), before + 1) << "no leaf table is copied";
}

}  // namespace

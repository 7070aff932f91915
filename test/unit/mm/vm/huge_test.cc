/// Huge pages: made by a first write, shared by fork, split when a part goes its own way.
#include "mm/vm/huge.h"

#include <linux/mman.h>

#include "test/unit/mm/vm/space_fixture.h"

namespace mm = k::mm;
using k::UserAddr;
using k::test::kPage;
using k::test::kRead;
using k::test::kReadWrite;

namespace {

constexpr std::uint64_t kBase = 0x10'0000'0000;
constexpr std::size_t kHugePages = mm::kHugeFrames;
constexpr std::uint64_t kHugeBytes = kHugePages * kPage;

class Huge : public k::test::SpaceTest {
 protected:
  void SetUp() override {
    SpaceTest::SetUp();
    mm::set_huge_mode(mm::HugeMode::always);
  }
  void TearDown() override {
    SpaceTest::TearDown();
    EXPECT_EQ(mm::huge_frames(), 0u);
  }
  std::uint64_t map_huge(std::size_t blocks = 1) {
    map(blocks * kHugePages, kReadWrite, kBase);
    for (std::size_t i = 0; i < blocks; ++i)
      EXPECT_TRUE(poke(kBase + i * kHugeBytes + 5 * kPage, static_cast<char>(5 + i)));
    EXPECT_EQ(mm::huge_frames(), blocks * kHugePages);
    return kBase;
  }
  std::uint64_t anonymous() { return space().usage().anonymous_pages; }
};

TEST_F(Huge, FirstWriteMapsTwoMegabytes) {
  map_huge();
  EXPECT_EQ(anonymous(), kHugePages);
  EXPECT_EQ(peek(kBase + 5 * kPage), 5);
  EXPECT_EQ(peek(kBase), 0);
  EXPECT_EQ(peek(kBase + kHugeBytes - 1), 0);
}

TEST_F(Huge, FirstReadStaysSmall) {
  map(kHugePages, kReadWrite, kBase);
  EXPECT_EQ(peek(kBase), 0);
  EXPECT_EQ(mm::huge_frames(), 0u);
}

TEST_F(Huge, AreasThatDoNotCoverItGetSmallPages) {
  map(kHugePages - 1, kReadWrite, kBase);
  poke(kBase, 1);
  map(kHugePages, kReadWrite, kBase + 4 * kHugeBytes + kPage);
  poke(kBase + 4 * kHugeBytes + kPage, 1);
  EXPECT_EQ(anonymous(), 2u);
}

TEST_F(Huge, AdviceDecidesInAdvisedMode) {
  mm::set_huge_mode(mm::HugeMode::advised);
  map(2 * kHugePages, kReadWrite, kBase);
  poke(kBase, 1);
  EXPECT_EQ(anonymous(), 1u);
  EXPECT_TRUE(space().advise(UserAddr{kBase + kHugeBytes}, kHugeBytes, MADV_HUGEPAGE));
  poke(kBase + kHugeBytes, 1);
  EXPECT_EQ(anonymous(), 1 + kHugePages);
}

TEST_F(Huge, NoHugePageAdviceIsHeeded) {
  map(kHugePages, kReadWrite, kBase);
  EXPECT_TRUE(space().advise(UserAddr{kBase}, kHugeBytes, MADV_NOHUGEPAGE));
  poke(kBase, 1);
  EXPECT_EQ(anonymous(), 1u);
}

TEST_F(Huge, PartialUnmapKeepsTheRest) {
  map_huge();
  poke(kBase, 7);
  EXPECT_TRUE(space().unmap(UserAddr{kBase + kPage}, 10 * kPage));
  EXPECT_EQ(mm::huge_frames(), 0u);
  EXPECT_EQ(anonymous(), kHugePages - 10);
  EXPECT_EQ(peek(kBase), 7);
  EXPECT_EQ(peek(kBase + kPage), -1);
  EXPECT_EQ(peek(kBase + 11 * kPage), 0);
}

TEST_F(Huge, PartialProtectionKeepsContent) {
  map_huge();
  EXPECT_TRUE(space().protect(UserAddr{kBase + 5 * kPage}, kPage, mm::AreaFlag::read));
  EXPECT_EQ(peek(kBase + 5 * kPage), 5);
  EXPECT_FALSE(poke(kBase + 5 * kPage, 6));
  EXPECT_TRUE(poke(kBase + 6 * kPage, 6));
}

TEST_F(Huge, PartialDiscardZeroesThePart) {
  map_huge();
  poke(kBase, 7);
  EXPECT_TRUE(space().advise(UserAddr{kBase + 5 * kPage}, kPage, MADV_DONTNEED));
  EXPECT_EQ(peek(kBase + 5 * kPage), 0);
  EXPECT_EQ(peek(kBase), 7);
  EXPECT_EQ(anonymous(), kHugePages - 1);
}

TEST_F(Huge, WholeDiscardGivesTheBlockBack) {
  map_huge(2);
  EXPECT_TRUE(space().advise(UserAddr{kBase}, kHugeBytes, MADV_DONTNEED));
  EXPECT_EQ(mm::huge_frames(), kHugePages);
  EXPECT_EQ(peek(kBase + 5 * kPage), 0);
  EXPECT_EQ(peek(kBase + kHugeBytes + 5 * kPage), 6);
}

TEST_F(Huge, MoveTakesContentAlong) {
  map_huge();
  const auto at = space().remap({.address = UserAddr{kBase},
                                 .old_bytes = kHugeBytes,
                                 .new_bytes = 2 * kHugeBytes,
                                 .flags = MREMAP_MAYMOVE | MREMAP_FIXED,
                                 .new_address = UserAddr{kBase + 8 * kHugeBytes + kPage}},
                                {});
  ASSERT_TRUE(at);
  EXPECT_EQ(peek(at->value + 5 * kPage), 5);
  EXPECT_EQ(anonymous(), kHugePages);
}

TEST_F(Huge, ForkSharesTheBlock) {
  map_huge();
  const auto before = in_use();
  k::RefOrNull<mm::AddressSpace> child = space().fork().value();
  EXPECT_EQ(in_use(), before);
  EXPECT_EQ(child->usage().anonymous_pages, kHugePages);
  EXPECT_EQ(peek(*child, kBase + 5 * kPage), 5);
}

TEST_F(Huge, WriteAfterForkCopiesOnePage) {
  map_huge();
  k::RefOrNull<mm::AddressSpace> child = space().fork().value();
  const auto before = in_use();
  EXPECT_TRUE(poke(*child, kBase + 5 * kPage, 50));
  EXPECT_EQ(in_use(), before + 1);
  EXPECT_EQ(peek(kBase + 5 * kPage), 5);
  EXPECT_TRUE(poke(kBase + 5 * kPage, 60));
  EXPECT_EQ(peek(*child, kBase + 5 * kPage), 50);
  EXPECT_TRUE(poke(kBase + 6 * kPage, 61));
  EXPECT_EQ(peek(*child, kBase + 6 * kPage), 0) << "a page that the child has not copied";
  EXPECT_EQ(in_use(), before + 2);
}

TEST_F(Huge, TheLastSharerWritesInPlace) {
  map_huge();
  (void)space().fork().value();  // and gone again
  const auto before = in_use();
  EXPECT_TRUE(poke(kBase + 9 * kPage, 9));
  EXPECT_EQ(in_use(), before);
  EXPECT_EQ(mm::huge_frames(), kHugePages) << "still one block";
}

TEST_F(Huge, ABlockThatTheChildSplitIsNotTakenOver) {
  map_huge();
  k::RefOrNull<mm::AddressSpace> child = space().fork().value();
  EXPECT_TRUE(poke(*child, kBase, 1));  // the child now holds 511 of the frames one by one
  EXPECT_TRUE(poke(kBase + 5 * kPage, 70));
  EXPECT_EQ(peek(*child, kBase + 5 * kPage), 5);
  child.reset();
  EXPECT_TRUE(poke(kBase + 6 * kPage, 71));
  EXPECT_EQ(peek(kBase + 5 * kPage), 70);
}

TEST_F(Huge, GrandchildrenShareToo) {
  map_huge();
  k::RefOrNull<mm::AddressSpace> child = space().fork().value();
  auto grandchild = child->fork().value();
  EXPECT_TRUE(poke(*child, kBase + 5 * kPage, 20));
  EXPECT_TRUE(poke(*grandchild, kBase + 5 * kPage, 30));
  child.reset();
  EXPECT_EQ(peek(kBase + 5 * kPage), 5);
  EXPECT_EQ(peek(*grandchild, kBase + 5 * kPage), 30);
  space_.reset();
  EXPECT_EQ(peek(*grandchild, kBase + 5 * kPage), 30);
}

TEST_F(Huge, AreasNotInheritedSplitTheBlock) {
  map_huge();
  poke(kBase, 7);
  EXPECT_TRUE(space().advise(UserAddr{kBase + 5 * kPage}, kPage, MADV_DONTFORK));
  k::RefOrNull<mm::AddressSpace> child = space().fork().value();
  EXPECT_EQ(peek(*child, kBase + 5 * kPage), -1);
  EXPECT_EQ(peek(*child, kBase), 7);
  EXPECT_EQ(child->usage().anonymous_pages, kHugePages - 1);
  EXPECT_EQ(peek(kBase + 5 * kPage), 5);
}

TEST_F(Huge, FallsBackWhenMemoryIsShort) {
  std::vector<mm::Frame*> held;
  while (mm::Frame* block = mm::try_allocate_block(mm::FrameUse::kernel, mm::kHugeOrder, 64)) held.push_back(block);
  map(kHugePages, kReadWrite, kBase);
  EXPECT_TRUE(poke(kBase, 1));
  EXPECT_EQ(anonymous(), 1u);
  for (mm::Frame* block : held) mm::free_block(*block, mm::kHugeOrder);
}

}  // namespace

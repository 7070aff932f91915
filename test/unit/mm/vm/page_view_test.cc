#include "test/unit/mm/vm/space_fixture.h"

namespace mm = k::mm;
using k::test::FakeSource;
using k::test::kPage;
using k::test::kRead;
using k::test::kReadWrite;
using k::test::kSharedWrite;

namespace {

constexpr std::uint64_t kBase = 0x10'0000'0000;
constexpr std::uint64_t kHugePages = mm::kHugeFrames;

class PageViewTest : public k::test::SpaceTest {
 protected:
  static std::vector<mm::PageView> pages(const mm::AddressSpace& s, std::uint64_t start, std::size_t count) {
    std::vector<mm::PageView> all;
    s.for_each_area(k::UserAddr{start}, [&](const mm::Area&) {
      s.for_each_page(start, start + count * kPage, [&](const mm::PageView& page) { all.push_back(page); });
      return false;
    });
    return all;
  }
  /// How many of the pages that are there have `mappings`.
  static std::size_t mapped(const mm::AddressSpace& s, std::size_t count, std::uint32_t mappings) {
    std::size_t n = 0;
    for (const mm::PageView& page : pages(s, kBase, count)) n += page.mappings == mappings ? 1 : 0;
    return n;
  }
};

TEST_F(PageViewTest, OnlyPagesThatAreThereAreShown) {
  map(8, kReadWrite, kBase);
  poke(kBase + 2 * kPage, 'a');
  EXPECT_EQ(peek(kBase + 5 * kPage), 0);
  const auto all = pages(space(), kBase, 8);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].address, kBase + 2 * kPage);
  EXPECT_TRUE(all[0].is_anonymous());
  EXPECT_FALSE(all[0].is_zero_page);
  EXPECT_EQ(all[0].mappings, 1u);
  EXPECT_EQ(all[1].address, kBase + 5 * kPage);
  EXPECT_TRUE(all[1].is_zero_page);
}

TEST_F(PageViewTest, ACopiedTablesPagesHaveTwoMappings) {
  map(4, kReadWrite, kBase);
  for (int i = 0; i < 4; ++i) poke(kBase + i * kPage, 'a');
  auto child = space().fork().value();
  EXPECT_EQ(mapped(space(), 4, 2), 4u);
  poke(*child, kBase, 'b');
  EXPECT_EQ(mapped(*child, 4, 1), 1u);
  EXPECT_EQ(mapped(*child, 4, 2), 3u);
  EXPECT_EQ(mapped(space(), 4, 1), 1u);
}

TEST_F(PageViewTest, ASharedTablesPagesHaveAMappingForEachSharer) {
  map(300, kReadWrite, kBase);
  for (int i = 0; i < 300; ++i) poke(kBase + i * kPage, 'a');
  auto child = space().fork().value(), other = space().fork().value();
  EXPECT_EQ(mapped(space(), 300, 3), 300u);
  EXPECT_EQ(mapped(*child, 300, 3), 300u);
  poke(*child, kBase, 'b');  // gets a table of its own
  EXPECT_EQ(mapped(space(), 300, 2), 1u);
  EXPECT_EQ(mapped(space(), 300, 3), 299u);
  EXPECT_EQ(mapped(*child, 300, 1), 1u);
}

TEST_F(PageViewTest, AFilesPageCountsWithoutTheFile) {
  auto source = make_source(4);
  const std::uint64_t at = map_source(source, kSharedWrite);
  EXPECT_EQ(peek(at), 1);
  auto all = pages(space(), at, 4);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_TRUE(all[0].is_file_page());
  EXPECT_EQ(all[0].mappings, 1u);
  const std::uint64_t again = map_source(source, kRead, 0, 1);
  EXPECT_EQ(peek(again), 1);
  all = pages(space(), at, 4);
  EXPECT_EQ(all[0].mappings, 2u);
  EXPECT_EQ(all[1].mappings, 1u);
}

TEST_F(PageViewTest, AHugePageIsShownPageByPage) {
  mm::set_huge_mode(mm::HugeMode::always);
  map(kHugePages, kReadWrite, kBase);
  poke(kBase, 'a');
  const auto all = pages(space(), kBase + kPage, 3);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_TRUE(all[0].is_huge);
  EXPECT_EQ(all[2].address, kBase + 3 * kPage);
  EXPECT_EQ(all[2].frame, all[0].frame + 2);
  EXPECT_EQ(mapped(space(), kHugePages, 1), kHugePages);
  auto child = space().fork().value();
  EXPECT_EQ(mapped(space(), kHugePages, 2), kHugePages);
  poke(*child, kBase, 'b');
  EXPECT_EQ(mapped(*child, kHugePages, 1), 1u);
  EXPECT_EQ(mapped(*child, kHugePages, 2), kHugePages - 1);
  EXPECT_EQ(mapped(space(), kHugePages, 1), 1u);
}

}  // namespace

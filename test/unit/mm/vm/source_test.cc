#include "test/unit/mm/vm/space_fixture.h"
#include "test/unit/support/alloc_failure.h"

namespace mm = k::mm;
using k::UserAddr;
using k::arch::FaultResult;
using k::test::kPage;
using k::test::kRead;
using k::test::kReadWrite;
using k::test::kSharedWrite;

namespace {

class Source : public k::test::SpaceTest {};

TEST_F(Source, ReadsShowThePagesFromTheOffset) {
  auto source = make_source(6);
  const std::uint64_t at = map_source(source, kRead, 2);
  EXPECT_EQ(peek(at), 3);
  EXPECT_EQ(peek(at + 3 * kPage), 6);
  EXPECT_EQ(source->gets, 0) << "neighbours came from the cache with the first fault";
  EXPECT_EQ(space().usage().file_pages, 4u);
}

TEST_F(Source, PagesNotCachedAreAskedForOneByOne) {
  auto source = make_source(4);
  source->cached = false;
  const std::uint64_t at = map_source(source, kRead);
  EXPECT_EQ(peek(at + kPage), 2);
  EXPECT_EQ(source->gets, 1);
}

TEST_F(Source, PrivateWritesStayPrivate) {
  auto source = make_source(4);
  const std::uint64_t at = map_source(source, kReadWrite);
  EXPECT_TRUE(poke(at, 50));          // first access is the write
  EXPECT_EQ(peek(at + kPage), 2);     // mapped read-only ...
  EXPECT_TRUE(poke(at + kPage, 51));  // ... then copied
  EXPECT_EQ(peek(at), 50);
  EXPECT_EQ(peek(at + kPage), 51);
  EXPECT_EQ(source->bytes_of(0)[0], 1);
  EXPECT_EQ(source->bytes_of(1)[0], 2);
  EXPECT_EQ(source->writes, 0);
  EXPECT_EQ(space().usage().anonymous_pages, 2u);
}

TEST_F(Source, SharedWritesReachTheSourceAndAreReportedOnce) {
  auto source = make_source(4);
  const std::uint64_t at = map_source(source, kSharedWrite);
  EXPECT_EQ(peek(at), 1);
  EXPECT_TRUE(poke(at, 50));
  EXPECT_TRUE(poke(at + 1, 51));
  EXPECT_EQ(source->writes, 1);
  EXPECT_EQ(source->bytes_of(0)[0], 50);
  EXPECT_EQ(source->mappings().shared_writers(), 1u);
  EXPECT_TRUE(space().unmap(UserAddr{at}, 4 * kPage));
  EXPECT_EQ(source->mappings().shared_writers(), 0u);
  EXPECT_FALSE(source->mappings().is_mapped());
}

TEST_F(Source, BeyondTheEndIsNoPage) {
  auto source = make_source(2);
  const std::uint64_t at = map_source(source, kReadWrite);
  EXPECT_EQ(fault(at + 2 * kPage), FaultResult::no_page);
  EXPECT_EQ(fault(at + 2 * kPage, mm::Access::write), FaultResult::no_page);
}

TEST_F(Source, TruncationRemovesPagesAndPrivateCopies) {
  auto source = make_source(4);
  const std::uint64_t shared = map_source(source, kSharedWrite), own = map_source(source, kReadWrite);
  poke(shared + 3 * kPage, 9);
  poke(own + 3 * kPage, 8);
  poke(own, 7);
  auto child = space().fork().value();
  source->truncate(2);
  EXPECT_EQ(fault(shared + 3 * kPage), FaultResult::no_page);
  EXPECT_EQ(fault(own + 3 * kPage), FaultResult::no_page);
  EXPECT_EQ(peek(*child, own + 3 * kPage), -1);
  EXPECT_EQ(peek(own), 7);
  EXPECT_EQ(peek(*child, own), 7);
}

TEST_F(Source, HolePunchingSparesPrivateCopies) {
  auto source = make_source(4);
  const std::uint64_t own = map_source(source, kReadWrite);
  poke(own, 7);
  EXPECT_EQ(peek(own + kPage), 2);
  source->mappings().unmap_pages(0, 2, mm::SourceMappings::Copies::keep);
  EXPECT_EQ(peek(own), 7);
  EXPECT_EQ(space().usage().file_pages, 3u - 1u);
}

TEST_F(Source, SplitAndMovedMappingsKeepTheirOffsets) {
  auto source = make_source(8);
  const std::uint64_t at = map_source(source, kRead, 0, 8);
  EXPECT_TRUE(space().unmap(UserAddr{at + 2 * kPage}, 2 * kPage));
  EXPECT_EQ(peek(at + kPage), 2);
  EXPECT_EQ(peek(at + 5 * kPage), 6);
  const auto moved = space().remap({.address = UserAddr{at + 4 * kPage},
                                    .old_bytes = 2 * kPage,
                                    .new_bytes = 3 * kPage,
                                    .flags = 1,
                                    .new_address = {}},
                                   {});
  ASSERT_TRUE(moved);
  EXPECT_EQ(peek(moved->value), 5);
  EXPECT_EQ(peek(moved->value + 2 * kPage), 7);
}

TEST_F(Source, EveryAllocationFailureOfAFaultIsRetryable) {
  auto source = make_source(4);
  source->cached = false;
  const std::uint64_t at = map_source(source, kReadWrite);
  k::test::fail_each_allocation([&] { return poke(at, 5); }, [] {});
  EXPECT_EQ(peek(at), 5);
  EXPECT_EQ(source->references_of(0), 1u);
}

}  // namespace

#include "mm/vm/shared_memory.h"

#include "test/unit/mm/vm/space_fixture.h"
#include "test/unit/support/alloc_failure.h"

namespace mm = k::mm;
using k::test::kPage;
using k::test::kReadWrite;
using k::test::kSharedWrite;

namespace {

class Shared : public k::test::SpaceTest {
 protected:
  std::uint64_t map_shared(std::size_t pages, mm::AreaFlags flags = kSharedWrite) {
    auto memory = mm::SharedMemory::create(pages * kPage, mm::SharedMemory::Charge::yes).value();
    return space().map({.address = {}, .bytes = pages * kPage, .flags = flags, .source = memory}, {}).value().value;
  }
};

TEST_F(Shared, IsZeroFirstAndSeenByParentAndChild) {
  const std::uint64_t at = map_shared(600);
  EXPECT_EQ(peek(at + 599 * kPage), 0);
  auto child = space().fork().value();
  EXPECT_TRUE(poke(*child, at, 5));
  EXPECT_TRUE(poke(at + 300 * kPage, 6));
  EXPECT_EQ(peek(at), 5);
  EXPECT_EQ(peek(*child, at + 300 * kPage), 6);
}

TEST_F(Shared, PagesLiveAsLongAsAnyMapping) {
  const std::uint64_t at = map_shared(4);
  poke(at, 5);
  auto child = space().fork().value();
  EXPECT_TRUE(space().unmap(k::UserAddr{at}, 4 * kPage));
  EXPECT_EQ(peek(*child, at), 5);
}

TEST_F(Shared, PrivateMappingOfItCopies) {
  const std::uint64_t at = map_shared(4, kReadWrite);
  EXPECT_EQ(peek(at), 0);
  EXPECT_TRUE(poke(at, 5));
  EXPECT_EQ(peek(at), 5);
}

TEST_F(Shared, SparsePagesAtFarOffsets) {
  auto memory = mm::SharedMemory::create(std::uint64_t{1} << 46, mm::SharedMemory::Charge::no).value();
  for (std::uint64_t index : {std::uint64_t{0}, std::uint64_t{511}, std::uint64_t{512}, (std::uint64_t{1} << 34) - 1}) {
    mm::Frame* page = memory->get_page(index, mm::Write::yes).value();
    std::array<mm::Frame*, 1> again{};
    EXPECT_EQ(memory->get_cached_pages(index, again), 1u);
    EXPECT_EQ(again[0], page);
    mm::put_frame(*page);
    mm::put_frame(*page);
  }
  EXPECT_EQ(memory->get_page(std::uint64_t{1} << 34, mm::Write::no).error(), k::Errno::inval);
}

TEST_F(Shared, EveryAllocationFailureIsRetryable) {
  const std::uint64_t at = map_shared(2);
  k::test::fail_each_allocation([&] { return poke(at, 1); }, [] {});
  k::test::fail_each_allocation(
      [&] { return mm::SharedMemory::create(kPage, mm::SharedMemory::Charge::yes).has_value(); }, [] {});
}

}  // namespace

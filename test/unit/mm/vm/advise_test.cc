#include <linux/mman.h>

#include "mm/vm/layout.h"
#include "test/unit/mm/vm/space_fixture.h"

namespace mm = k::mm;
using k::Errno;
using k::UserAddr;
using k::test::kPage;
using k::test::kRead;
using k::test::kReadWrite;

namespace {

constexpr std::uint64_t kBase = 0x10'0000'0000;

class Advise : public k::test::SpaceTest {};

TEST_F(Advise, DontNeedDropsPages) {
  map(4, kReadWrite, kBase);
  for (int i = 0; i < 4; ++i) poke(kBase + i * kPage, 5);
  EXPECT_TRUE(space().advise(UserAddr{kBase + kPage}, 2 * kPage, MADV_DONTNEED));
  EXPECT_EQ(space().usage().anonymous_pages, 2u);
  EXPECT_EQ(peek(kBase), 5);
  EXPECT_EQ(peek(kBase + kPage), 0);
}

TEST_F(Advise, DontNeedOnAPrivateFileShowsTheFileAgain) {
  auto source = make_source(2);
  const std::uint64_t at = map_source(source, kReadWrite, 0, 2);
  poke(at, 50);
  EXPECT_TRUE(space().advise(UserAddr{at}, kPage, MADV_DONTNEED));
  EXPECT_EQ(peek(at), 1);
}

TEST_F(Advise, HolesAreReportedAfterTheRestIsDone) {
  map(1, kReadWrite, kBase);
  map(1, kReadWrite, kBase + 2 * kPage);
  poke(kBase + 2 * kPage, 5);
  EXPECT_EQ(space().advise(UserAddr{kBase}, 3 * kPage, MADV_DONTNEED).error(), Errno::nomem);
  EXPECT_EQ(peek(kBase + 2 * kPage), 0);
}

TEST_F(Advise, Refusals) {
  map(1, kReadWrite, kBase);
  EXPECT_EQ(space().advise(UserAddr{kBase + 1}, kPage, MADV_DONTNEED).error(), Errno::inval);
  EXPECT_EQ(space().advise(UserAddr{kBase}, kPage, 77).error(), Errno::inval);
  EXPECT_EQ(space().advise(UserAddr{kBase}, ~std::uint64_t{0}, MADV_DONTNEED).error(), Errno::inval);
  EXPECT_EQ(space().advise(UserAddr{kBase + 10 * kPage}, kPage, MADV_WILLNEED).error(), Errno::nomem);
  EXPECT_TRUE(space().advise(UserAddr{kBase}, 0, MADV_DONTNEED));
  EXPECT_TRUE(space().lock(UserAddr{kBase}, kPage, mm::AddressSpace::LockMode::lock, {}));
  EXPECT_EQ(space().advise(UserAddr{kBase}, kPage, MADV_DONTNEED).error(), Errno::inval);
}

TEST_F(Advise, ResidentTellsWhatIsThere) {
  map(3, kReadWrite, kBase);
  poke(kBase + kPage, 1);
  std::array<std::uint8_t, 3> pages{};
  EXPECT_TRUE(space().resident(UserAddr{kBase}, pages));
  EXPECT_EQ(pages, (std::array<std::uint8_t, 3>{0, 1, 0}));
  std::array<std::uint8_t, 4> more{};
  EXPECT_EQ(space().resident(UserAddr{kBase}, more).error(), Errno::nomem);
}

TEST_F(Advise, LockFaultsInAndIsLimited) {
  using Mode = mm::AddressSpace::LockMode;
  map(4, kReadWrite, kBase);
  EXPECT_EQ(space().lock(UserAddr{kBase}, 2 * kPage, Mode::lock, {.locked = kPage}).error(), Errno::nomem);
  EXPECT_EQ(space().lock(UserAddr{kBase}, kPage, Mode::lock, {.locked = 0}).error(), Errno::perm);
  EXPECT_TRUE(space().lock(UserAddr{kBase}, 2 * kPage, Mode::lock, {.locked = 2 * kPage}));
  EXPECT_EQ(space().usage().locked_pages, 2u);
  EXPECT_EQ(space().usage().anonymous_pages, 2u);
  EXPECT_TRUE(space().lock(UserAddr{kBase}, 2 * kPage, Mode::lock, {.locked = 2 * kPage}))
      << "locking twice counts once";
  EXPECT_TRUE(space().lock(UserAddr{kBase}, kPage, Mode::unlock, {}));
  EXPECT_EQ(space().usage().locked_pages, 1u);
  EXPECT_EQ(space().lock(UserAddr{kBase}, 5 * kPage, Mode::lock, {}).error(), Errno::nomem);
}

TEST_F(Advise, LockAllCoversTheFuture) {
  EXPECT_TRUE(space().lock_all(MCL_FUTURE, {}));
  const std::uint64_t at = map(2, kReadWrite, kBase);
  EXPECT_EQ(space().usage().locked_pages, 2u);
  EXPECT_TRUE(space().lock_all(0, {}));
  EXPECT_EQ(space().usage().locked_pages, 0u);
  EXPECT_EQ(areas(at), "0-2");
}

TEST_F(Advise, SyncChecksItsArguments) {
  map(1, kReadWrite, kBase);
  EXPECT_TRUE(space().sync(UserAddr{kBase}, kPage, MS_SYNC));
  EXPECT_EQ(space().sync(UserAddr{kBase}, kPage, MS_SYNC | MS_ASYNC).error(), Errno::inval);
  EXPECT_EQ(space().sync(UserAddr{kBase + 1}, kPage, MS_SYNC).error(), Errno::inval);
  EXPECT_EQ(space().sync(UserAddr{kBase}, 2 * kPage, MS_SYNC).error(), Errno::nomem);
}

TEST(Layout, BasesDifferFromRunToRunAndLeaveRoomForTheStack) {
  const mm::Layout a = mm::choose_layout(8 << 20, mm::Randomize::yes),
                   b = mm::choose_layout(8 << 20, mm::Randomize::yes);
  EXPECT_NE(a.mmap_base, b.mmap_base);
  EXPECT_NE(a.stack_top, b.stack_top);
  EXPECT_LT(a.mmap_base + (8 << 20), a.stack_top);
  EXPECT_EQ(a.mmap_base % kPage, 0u);
  const mm::Layout c = mm::choose_layout(8 << 20, mm::Randomize::no), d = mm::choose_layout(8 << 20, mm::Randomize::no);
  EXPECT_EQ(c.mmap_base, d.mmap_base);
  EXPECT_EQ(c.stack_top, k::arch::kUserEnd);
  EXPECT_NE(mm::choose_program_base(mm::Randomize::yes), mm::choose_program_base(mm::Randomize::yes));
}

}  // namespace

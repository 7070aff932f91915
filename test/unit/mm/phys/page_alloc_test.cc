#include "mm/phys/page_alloc.h"

#include <cstring>
#include <vector>

#include "arch/include/arch/percpu.h"
#include "kernel/lib/fault_injection.h"
#include "test/unit/support/frames.h"

namespace mm = k::mm;

namespace {

class PageAlloc : public testing::Test {
 protected:
  PageAlloc() { k::test::use_host_ram(); }
  static std::size_t free_frames() { return mm::memory_counters().free_frames; }
};

TEST_F(PageAlloc, FrameAndAddressConvertBothWays) {
  mm::Frame* frame = mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no).value();
  EXPECT_EQ(&mm::frame_of(mm::address_of(*frame)), frame);
  EXPECT_EQ(mm::try_frame_of(mm::address_of(*frame)), frame);
  EXPECT_EQ(mm::try_frame_of(k::PhysAddr{std::uint64_t{1} << 45}), nullptr);
  mm::put_frame(*frame);
}

TEST_F(PageAlloc, ZeroedFramesAreZeroThoughFreedOnesArePoisoned) {
  mm::Frame* dirty = mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no).value();
  std::memset(mm::page_pointer(*dirty), 0xff, k::kPageSize);
  mm::put_frame(*dirty);
  mm::Frame* clean = mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::yes).value();
  const auto* bytes = static_cast<const char*>(mm::page_pointer(*clean));
  EXPECT_EQ(std::vector<char>(bytes, bytes + k::kPageSize), std::vector<char>(k::kPageSize, 0));
  mm::put_frame(*clean);
}

TEST_F(PageAlloc, TheLastReferenceFreesTheFrame) {
  const std::size_t before = free_frames();
  mm::Frame* frame = mm::allocate_frame(mm::FrameUse::anonymous, mm::Zero::no).value();
  frame->ref();
  mm::put_frame(*frame);
  EXPECT_EQ(free_frames(), before - 1);
  EXPECT_FALSE(frame->references.load() == 0);
  mm::put_frame(*frame);
  EXPECT_EQ(free_frames(), before);
  EXPECT_FALSE(frame->try_ref());
}

TEST_F(PageAlloc, CountsByUse) {
  const auto before = mm::memory_counters();
  mm::Frame* a = mm::allocate_frame(mm::FrameUse::anonymous, mm::Zero::no).value();
  mm::Frame* b = mm::allocate_block(mm::FrameUse::page_cache, 3, mm::Zero::no).value();
  const auto during = mm::memory_counters();
  EXPECT_EQ(during.anonymous_frames, before.anonymous_frames + 1);
  EXPECT_EQ(during.cache_frames, before.cache_frames + 8);
  mm::retag_frame(*a, mm::FrameUse::page_cache);
  EXPECT_EQ(mm::memory_counters().anonymous_frames, before.anonymous_frames);
  EXPECT_EQ(mm::memory_counters().cache_frames, before.cache_frames + 9);
  mm::put_frame(*a);
  mm::free_block(*b, 3);
  EXPECT_EQ(mm::memory_counters().free_frames, before.free_frames);
}

TEST_F(PageAlloc, ManyFramesComeAndGoThroughTheLocalListWithoutLoss) {
  const std::size_t before = free_frames();
  std::vector<mm::Frame*> frames;
  for (int i = 0; i < 1000; ++i) frames.push_back(mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no).value());
  EXPECT_EQ(free_frames(), before - 1000);
  for (mm::Frame* f : frames) mm::put_frame(*f);
  EXPECT_EQ(free_frames(), before);
}

TEST_F(PageAlloc, InjectedFailureIsEnomemOnce) {
  k::lib::g_fail_allocation_at = 2;
  auto first = mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no);
  auto second = mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no);
  auto third = mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no);
  ASSERT_TRUE(first);
  EXPECT_EQ(second.error(), k::Errno::nomem);
  ASSERT_TRUE(third);
  mm::put_frame(**first);
  mm::put_frame(**third);
}

int g_shrinks = 0;
std::vector<mm::Frame*> g_hoard;
std::size_t shrink_hoard(std::size_t target) {
  ++g_shrinks;
  std::size_t freed = 0;
  for (; freed < target && !g_hoard.empty(); ++freed) {
    mm::put_frame(*g_hoard.back());
    g_hoard.pop_back();
  }
  return freed;
}

TEST_F(PageAlloc, ExhaustionShrinksThenFailsAndSparesTheReserveForContextsThatCannotWait) {
  mm::register_shrinker(shrink_hoard);
  for (int i = 0; i < 64; ++i) g_hoard.push_back(mm::allocate_frame(mm::FrameUse::page_cache, mm::Zero::no).value());
  std::vector<mm::Frame*> all;
  for (;;) {
    auto frame = mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no);
    if (!frame) break;
    all.push_back(*frame);
  }
  EXPECT_TRUE(g_hoard.empty());
  EXPECT_GT(g_shrinks, 0);
  EXPECT_GT(free_frames(), 0u);
  {
    const k::arch::IrqOff off;
    auto urgent = mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no);
    ASSERT_TRUE(urgent);
    all.push_back(*urgent);
  }
  for (mm::Frame* f : all) mm::put_frame(*f);
}

TEST_F(PageAlloc, OutOfMemoryHandlerIsAskedBeforeFailing) {
  static int asked;
  asked = 0;
  mm::set_out_of_memory_handler([] { return ++asked < 3; });
  std::vector<mm::Frame*> all;
  while (auto frame = mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no)) all.push_back(*frame);
  EXPECT_EQ(asked, 3);
  mm::set_out_of_memory_handler(nullptr);
  for (mm::Frame* f : all) mm::put_frame(*f);
}

using PageAllocDeath = PageAlloc;
TEST_F(PageAllocDeath, FreeingTwiceIsFound) {
  mm::Frame* frame = mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no).value();
  mm::free_frame(*frame);
  EXPECT_DEATH(mm::free_frame(*frame), "check failed");
}

TEST_F(PageAllocDeath, WritingAfterFreeIsFound) {
  mm::Frame* frame = mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no).value();
  mm::put_frame(*frame);
  static_cast<char*>(mm::page_pointer(*frame))[100] = 1;
  EXPECT_DEATH((void)mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no), "check failed");
  static_cast<char*>(mm::page_pointer(*frame))[100] = 0x6b;
}

}  // namespace

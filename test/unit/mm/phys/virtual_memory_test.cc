#include <cstring>
#include <vector>

#include "arch/include/arch/context.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/virtual_slots.h"
#include "test/unit/support/alloc_failure.h"
#include "test/unit/support/frames.h"

namespace mm = k::mm;

namespace {

TEST(VirtualSlots, EverySlotHasAGuardPageBelow) {
  mm::VirtualSlots slots;
  const auto first = slots.take(4).value();
  const auto second = slots.take(4).value();
  EXPECT_EQ(first, k::kPageSize);
  EXPECT_EQ(second, first + 5 * k::kPageSize);
  slots.give(first, 4);
  EXPECT_EQ(slots.take(3).value(), first);
}

TEST(VirtualSlots, ClassesAreDisjointAndBounded) {
  mm::VirtualSlots slots;
  const auto eight = slots.take(5).value();
  const auto large = slots.take(16384).value();
  EXPECT_GT(eight, mm::VirtualSlots::kSmallestSlots * 4 * k::kPageSize);
  EXPECT_LE(large + 16384 * k::kPageSize, mm::VirtualSlots::area_bytes());
  EXPECT_FALSE(slots.take(16385));
  for (int i = 0; i < 63; ++i) EXPECT_TRUE(slots.take(8));
  EXPECT_FALSE(slots.take(8));
}

class VirtualMemory : public testing::Test {
 protected:
  VirtualMemory() { k::test::use_host_ram(); }
};

TEST_F(VirtualMemory, IsContiguousAndComesBack) {
  const std::size_t before = mm::memory_counters().free_frames;
  void* block = mm::allocate_virtual(100'000).value();
  std::memset(block, 1, 100'000);
  EXPECT_EQ(mm::memory_counters().free_frames, before - k::lib::pages_for(100'000));
  mm::free_virtual(block, 100'000);
  EXPECT_EQ(mm::memory_counters().free_frames, before);
}

TEST_F(VirtualMemory, AFreedStackIsTheNextOne) {
  void* stack = mm::allocate_virtual(k::arch::kKernelStackSize).value();
  mm::free_virtual(stack, k::arch::kKernelStackSize);
  const std::size_t before = mm::memory_counters().free_frames;
  EXPECT_EQ(mm::allocate_virtual(k::arch::kKernelStackSize).value(), stack);
  EXPECT_EQ(mm::memory_counters().free_frames, before);
  mm::free_virtual(stack, k::arch::kKernelStackSize);
}

using VirtualMemoryDeath = VirtualMemory;
TEST_F(VirtualMemoryDeath, TheGuardPageBelowFaults) {
  auto* block = static_cast<volatile char*>(mm::allocate_virtual(20'000).value());
  EXPECT_DEATH(block[-1] = 1, "");
  mm::free_virtual(const_cast<char*>(block), 20'000);
}

TEST_F(VirtualMemory, EveryAllocationFailureLeavesNothingBehind) {
  const std::size_t before = mm::memory_counters().free_frames;
  void* block = nullptr;
  const unsigned allocations = k::test::fail_each_allocation(
      [&] {
        auto made = mm::allocate_virtual(40'000);
        if (made) block = *made;
        return made.has_value();
      },
      [&] { EXPECT_EQ(mm::memory_counters().free_frames, before); });
  EXPECT_GE(allocations, 10u);
  mm::free_virtual(block, 40'000);
}

}  // namespace

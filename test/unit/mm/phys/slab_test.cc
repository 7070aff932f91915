#include "mm/phys/slab.h"

#include <cstring>
#include <random>
#include <set>
#include <vector>

#include "mm/phys/heap.h"
#include "mm/phys/page_alloc.h"
#include "test/unit/support/frames.h"

namespace mm = k::mm;

namespace {

class Slab : public testing::Test {
 protected:
  Slab() { k::test::use_host_ram(); }
};

TEST_F(Slab, ObjectsAreDistinctAlignedAndUsable) {
  static constinit mm::SlabCache cache{"test-72", 72, 8};
  std::set<void*> seen;
  for (int i = 0; i < 500; ++i) {
    void* object = cache.allocate();
    ASSERT_NE(object, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(object) % 8, 0u);
    std::memset(object, i, 72);
    EXPECT_TRUE(seen.insert(object).second);
  }
  EXPECT_EQ(&mm::SlabCache::of(*seen.begin()), &cache);
  for (void* object : seen) cache.deallocate(object);
}

TEST_F(Slab, EmptySlabsGoBackToThePageAllocator) {
  static constinit mm::SlabCache cache{"test-512", 512, 64};
  std::vector<void*> objects;
  for (int i = 0; i < 400; ++i) objects.push_back(cache.allocate());
  const std::size_t peak = cache.usage().slabs;
  for (void* object : objects) cache.deallocate(object);
  EXPECT_LT(cache.usage().slabs, peak / 2);
  const std::size_t slab_frames = mm::memory_counters().slab_frames;
  EXPECT_GT(cache.shrink(), 0u);
  EXPECT_EQ(cache.usage().slabs, 0u);
  EXPECT_LT(mm::memory_counters().slab_frames, slab_frames);
}

TEST_F(Slab, HeapClassesHoldTheirSizesAndAlignments) {
  for (std::size_t bytes : {1, 16, 17, 100, 500, 2048, 2049, 5000, 100'000}) {
    for (std::size_t align : {8, 16, 32, 64}) {
      void* block = mm::heap_allocate(bytes, align);
      ASSERT_NE(block, nullptr);
      EXPECT_GE(mm::heap_usable(block), bytes);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % align, 0u) << bytes << " aligned to " << align;
      std::memset(block, 0xaa, bytes);
      mm::heap_deallocate(block);
    }
  }
  EXPECT_EQ(mm::heap_allocate(std::size_t{8} << 20, 16), nullptr);
  mm::heap_deallocate(nullptr);
}

TEST_F(Slab, RandomHeapUseKeepsContents) {
  std::mt19937 random{3};
  struct Block {
    unsigned char* at;
    std::size_t bytes;
    unsigned char fill;
  };
  std::vector<Block> held;
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 2 == 0 || held.empty()) {
      const std::size_t bytes = 1 + random() % 3000;
      auto* at = static_cast<unsigned char*>(mm::heap_allocate(bytes, 16));
      ASSERT_NE(at, nullptr);
      const auto fill = static_cast<unsigned char>(random());
      std::memset(at, fill, bytes);
      held.push_back({at, bytes, fill});
    } else {
      std::swap(held[random() % held.size()], held.back());
      const Block b = held.back();
      held.pop_back();
      for (std::size_t i = 0; i < b.bytes; ++i) ASSERT_EQ(b.at[i], b.fill);
      mm::heap_deallocate(b.at);
    }
  }
  for (const Block& b : held) mm::heap_deallocate(b.at);
}

TEST_F(Slab, InjectedFailureGivesNull) {
  k::lib::g_fail_allocation_at = 1;
  EXPECT_EQ(mm::heap_allocate(64, 16), nullptr);
  void* block = mm::heap_allocate(64, 16);
  EXPECT_NE(block, nullptr);
  mm::heap_deallocate(block);
}

using SlabDeath = Slab;
TEST_F(SlabDeath, FreeingTwiceIsFound) {
  void* block = mm::heap_allocate(64, 16);
  mm::heap_deallocate(block);
  EXPECT_DEATH(mm::heap_deallocate(block), "freed twice");
}

TEST_F(SlabDeath, WritingAfterFreeIsFound) {
  auto* block = static_cast<char*>(mm::heap_allocate(192, 16));
  mm::heap_deallocate(block);
  block[100] = 1;
  EXPECT_DEATH((void)mm::heap_allocate(192, 16), "written after free");
  block[100] = 0x6b;
}

}  // namespace

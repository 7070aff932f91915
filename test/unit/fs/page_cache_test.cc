#include "fs/vfs/page_cache.h"

#include <array>
#include <map>
#include <random>

#include "kernel/sync/rcu.h"
#include "mm/phys/page_alloc.h"
#include "test/unit/support/frames.h"
#include "test/unit/support/host_threads.h"

namespace mm = k::mm;
using k::fs::PageCache;

namespace {

struct PageCacheTest : testing::Test {
  PageCacheTest() { k::test::use_host_ram(); }
  ~PageCacheTest() override { cache.remove(0, UINT64_MAX, PageCache::Users::none); }
  mm::Frame& fill(std::uint64_t index) {
    mm::Frame& frame = *mm::allocate_frame(mm::FrameUse::page_cache, mm::Zero::no).value();
    mm::Frame& there = *cache.insert(index, frame).value();
    mm::put_frame(there);
    mm::put_frame(frame);
    return there;
  }
  bool has(std::uint64_t index) {
    mm::Frame* frame = cache.find(index);
    if (frame != nullptr) mm::put_frame(*frame);
    return frame != nullptr;
  }
  PageCache cache;
  k::test::AsThread me;
};

TEST_F(PageCacheTest, BehavesLikeAMap) {
  std::mt19937_64 random{3};
  std::map<std::uint64_t, mm::Frame*> model;
  const auto pick = [&] { return random() >> (random() % 4 == 0 ? random() % 20 : 54 + random() % 8); };
  for (int i = 0; i < 3'000; ++i) {
    const std::uint64_t index = pick();
    if (random() % 3 != 0) {
      mm::Frame& there = fill(index);
      const auto [at, added] = model.try_emplace(index, &there);
      ASSERT_EQ(at->second, &there);
    } else {
      const std::uint64_t end = index + random() % 100;
      const auto from = model.lower_bound(index), to = model.lower_bound(std::max(end, index));
      const auto expected = static_cast<std::size_t>(std::distance(from, to));
      ASSERT_EQ(cache.remove(index, std::max(end, index), PageCache::Users::none), expected);
      model.erase(from, to);
    }
    ASSERT_EQ(cache.resident(), model.size());
    const std::uint64_t asked = pick();
    const auto next = model.lower_bound(asked);
    ASSERT_EQ(cache.next_present(asked), next == model.end() ? UINT64_MAX : next->first);
    ASSERT_EQ(has(asked), model.contains(asked));
  }
}

TEST_F(PageCacheTest, AFileOfOnePageGrowsWithoutLosingIt) {
  mm::Frame& first = fill(0);
  fill(1);
  fill(100'000);
  mm::Frame* found = cache.find(0);
  EXPECT_EQ(found, &first);
  mm::put_frame(*found);
}

TEST_F(PageCacheTest, ARangeIsWhatItsPagesAre) {
  std::mt19937_64 random{8};
  for (int i = 0; i < 300; ++i) fill(random() % 700);
  for (int i = 0; i < 300; ++i) {
    std::array<mm::Frame*, 100> found;
    const std::uint64_t first = random() % 800;
    const auto range = std::span<mm::Frame*>{found}.first(random() % 100);
    std::size_t present = 0;
    const std::size_t told = cache.find_range(first, range);
    for (std::size_t j = 0; j < range.size(); ++j) {
      ASSERT_EQ(range[j] != nullptr, has(first + j));
      if (range[j] == nullptr) continue;
      ++present;
      mm::put_frame(*range[j]);
    }
    ASSERT_EQ(told, present);
  }
}

TEST_F(PageCacheTest, ASecondInsertGivesTheFirstFrame) {
  mm::Frame& first = fill(7);
  EXPECT_EQ(&fill(7), &first);
}

TEST_F(PageCacheTest, LookUpsRaceWithRemovalSafely) {
  std::atomic<bool> stop{false};
  k::test::HostThread reader{[&] {
    while (!stop) {
      for (std::uint64_t i = 0; i < 70; ++i) {
        if (mm::Frame* frame = cache.find(i)) mm::put_frame(*frame);
      }
      k::sync::rcu::quiescent();
    }
  }};
  for (int round = 0; round < 200; ++round) {
    for (std::uint64_t i = 0; i < 70; i += 3) fill(i);
    cache.remove(0, 70);
    k::sync::rcu::quiescent();
  }
  stop = true;
}

}  // namespace

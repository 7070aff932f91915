#include "mm/phys/buddy.h"

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

namespace mm = k::mm;

namespace {

class BuddyTest : public testing::Test {
 protected:
  static constexpr std::size_t kFrames = 4096;
  std::unique_ptr<mm::Frame[]> table_ = std::make_unique<mm::Frame[]>(kFrames);
  mm::Buddy buddy_;

  BuddyTest() { buddy_.set_limit(table_.get(), table_.get() + kFrames); }
  std::size_t index(const mm::Frame* f) const { return static_cast<std::size_t>(f - table_.get()); }
};

TEST_F(BuddyTest, IsEmptyUntilARangeIsAdded) {
  EXPECT_EQ(buddy_.take(0), nullptr);
  buddy_.add_range(&table_[5], &table_[6]);
  EXPECT_EQ(buddy_.free_frames(), 1u);
  EXPECT_EQ(buddy_.take(1), nullptr);
  EXPECT_EQ(index(buddy_.take(0)), 5u);
}

TEST_F(BuddyTest, BlocksAreAlignedToTheirSize) {
  buddy_.add_range(&table_[1], &table_[kFrames]);
  for (unsigned order = 0; order <= mm::kMaxOrder; ++order) {
    mm::Frame* block = buddy_.take(order);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(index(block) % (1u << order), 0u);
  }
}

TEST_F(BuddyTest, MergesBackIntoTheLargestBlocks) {
  buddy_.add_range(&table_[0], &table_[kFrames]);
  std::vector<mm::Frame*> frames;
  while (mm::Frame* f = buddy_.take(0)) frames.push_back(f);
  EXPECT_EQ(frames.size(), kFrames);
  std::shuffle(frames.begin(), frames.end(), std::mt19937{1});
  for (mm::Frame* f : frames) buddy_.give(*f, 0);
  for (std::size_t i = 0; i < kFrames >> mm::kMaxOrder; ++i) EXPECT_NE(buddy_.take(mm::kMaxOrder), nullptr);
  EXPECT_EQ(buddy_.free_frames(), 0u);
}

TEST_F(BuddyTest, DoesNotMergeWithAStaleMarkInsideATakenBlock) {
  buddy_.add_range(&table_[0], &table_[8]);
  mm::Frame* first = buddy_.take(2);  // leaves 4..7 free as one block
  mm::Frame* second = buddy_.take(2);
  ASSERT_EQ(index(second) ^ index(first), 4u);
  buddy_.give(*first, 2);
  EXPECT_EQ(buddy_.take(3), nullptr);
}

TEST_F(BuddyTest, RandomTakeAndGiveNeverHandsOutAFrameTwice) {
  buddy_.add_range(&table_[3], &table_[kFrames - 7]);
  const std::size_t all = buddy_.free_frames();
  std::mt19937 random{7};
  std::vector<std::pair<mm::Frame*, unsigned>> held;
  std::vector<bool> taken(kFrames);
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 2 == 0 || held.empty()) {
      const unsigned order = random() % 6;
      mm::Frame* block = buddy_.take(order);
      if (block == nullptr) continue;
      for (std::size_t i = 0; i < 1u << order; ++i) {
        ASSERT_FALSE(taken[index(block) + i]);
        taken[index(block) + i] = true;
      }
      held.emplace_back(block, order);
    } else {
      std::swap(held[random() % held.size()], held.back());
      const auto [block, order] = held.back();
      held.pop_back();
      for (std::size_t i = 0; i < 1u << order; ++i) taken[index(block) + i] = false;
      buddy_.give(*block, order);
    }
  }
  for (const auto& [block, order] : held) buddy_.give(*block, order);
  EXPECT_EQ(buddy_.free_frames(), all);
}

}  // namespace

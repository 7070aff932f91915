#include "mm/vm/area_map.h"

#include <atomic>
#include <map>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "arch/include/arch/percpu.h"
#include "test/unit/support/alloc_failure.h"

namespace mm = k::mm;

namespace {

constexpr std::uint64_t kPage = k::kPageSize;

class AreaMapTest : public testing::Test {
 protected:
  mm::AreaMap map_;
  std::map<std::uint64_t, std::unique_ptr<mm::Area>> areas_;  // the model
  std::vector<std::unique_ptr<mm::Area>> retired_;

  mm::Area& add(std::uint64_t start, std::uint64_t end) {
    std::unique_ptr<mm::Area> area{new (std::nothrow) mm::Area};
    area->start = start;
    area->end = end;
    EXPECT_TRUE(map_.reserve(1));
    map_.insert(*area);
    return *(areas_[start] = std::move(area));
  }
  void remove(std::uint64_t start) {
    map_.erase(*areas_.at(start));
    areas_.erase(start);
  }
  mm::Area* expected(std::uint64_t address) const {
    auto above = areas_.upper_bound(address);
    if (above == areas_.begin()) return nullptr;
    mm::Area* area = std::prev(above)->second.get();
    return area->end > address ? area : nullptr;
  }
  void check_order() const {
    auto model = areas_.begin();
    std::size_t n = 0;
    for (auto p = map_.position_above(0); mm::Area* area = map_.at(p); p = map_.next(p), ++model, ++n) {
      ASSERT_NE(model, areas_.end());
      ASSERT_EQ(area, model->second.get());
      ASSERT_EQ(map_.before(p), model == areas_.begin() ? nullptr : std::prev(model)->second.get());
    }
    EXPECT_EQ(n, areas_.size());
    EXPECT_EQ(map_.size(), areas_.size());
  }
};

TEST_F(AreaMapTest, FindsByAnyAddressInside) {
  EXPECT_EQ(map_.find(0), nullptr);
  mm::Area& a = add(2 * kPage, 4 * kPage);
  mm::Area& b = add(4 * kPage, 5 * kPage);
  EXPECT_EQ(map_.find(2 * kPage - 1), nullptr);
  EXPECT_EQ(map_.find(2 * kPage), &a);
  EXPECT_EQ(map_.find(4 * kPage - 1), &a);
  EXPECT_EQ(map_.find(4 * kPage), &b);
  EXPECT_EQ(map_.find(5 * kPage), nullptr);
  EXPECT_EQ(map_.first_above(0), &a);
  EXPECT_EQ(map_.next_of(a), &b);
  EXPECT_EQ(map_.previous_of(b), &a);
  EXPECT_EQ(map_.next_of(b), nullptr);
  EXPECT_EQ(map_.previous_of(a), nullptr);
}

TEST_F(AreaMapTest, AgreesWithAModelOverManyLeaves) {
  std::mt19937_64 random{5};
  for (int step = 0; step < 6000; ++step) {
    const std::uint64_t start = (random() % 4000) * 2 * kPage;
    if (areas_.contains(start)) {
      remove(start);
    } else {
      add(start, start + kPage * (1 + random() % 2));
    }
    const std::uint64_t probe = random() % (8000 * kPage);
    ASSERT_EQ(map_.find(probe), expected(probe));
    if (step % 500 == 0) check_order();
  }
  check_order();
}

TEST_F(AreaMapTest, GrowsFromEitherEnd) {
  for (std::uint64_t i = 500; i-- > 0;) add((1000 + i) * kPage, (1001 + i) * kPage);
  for (std::uint64_t i = 0; i < 500; ++i) add((1500 + i) * kPage, (1501 + i) * kPage);
  check_order();
  for (std::uint64_t i = 1000; i < 2000; i += 2) remove(i * kPage);
  check_order();
}

TEST_F(AreaMapTest, StartsAndEndsMayMoveBetweenNeighbours) {
  mm::Area& a = add(2 * kPage, 4 * kPage);
  map_.set_bounds(a, kPage, 4 * kPage, 0);
  EXPECT_EQ(map_.find(kPage), &a);
  map_.set_bounds(a, kPage, 3 * kPage, 0);
  EXPECT_EQ(map_.find(3 * kPage), nullptr);
}

TEST_F(AreaMapTest, RoomBelowIsTheHighestGapThatFits) {
  const mm::AreaMap::Room room{.low = kPage, .high = 100 * kPage, .bytes = 3 * kPage};
  EXPECT_EQ(map_.find_room_below(room), 97 * kPage);
  add(95 * kPage, 98 * kPage);  // leaves 98..100: too small
  EXPECT_EQ(map_.find_room_below(room), 92 * kPage);
  add(2 * kPage, 95 * kPage);
  EXPECT_EQ(map_.find_room_below(room), std::nullopt);
}

TEST_F(AreaMapTest, RoomAboveIsTheLowestGapThatFits) {
  const mm::AreaMap::Room room{.low = kPage, .high = 100 * kPage, .bytes = 3 * kPage};
  EXPECT_EQ(map_.find_room_above(room), kPage);
  add(3 * kPage, 5 * kPage);
  EXPECT_EQ(map_.find_room_above(room), 5 * kPage);
  add(5 * kPage, 98 * kPage);
  EXPECT_EQ(map_.find_room_above(room), std::nullopt);
}

TEST_F(AreaMapTest, RoomRespectsAlignmentAndTheGuardBelowAStack) {
  mm::Area& stack = add(90 * kPage, 95 * kPage);
  stack.flags = mm::AreaFlag::grows_down;
  const mm::AreaMap::Room room{
      .low = kPage, .high = 95 * kPage, .bytes = kPage, .align = 16 * kPage, .guard = 8 * kPage};
  EXPECT_EQ(map_.find_room_below(room), 80 * kPage);
}

/// The straightforward search, to compare with.
std::optional<std::uint64_t> slow_room(const std::map<std::uint64_t, std::unique_ptr<mm::Area>>& areas,
                                       const mm::AreaMap::Room& r) {
  for (std::uint64_t start = k::lib::align_down(r.high - r.bytes, kPage); start >= r.low; start -= kPage) {
    bool free = true;
    for (const auto& [_, a] : areas) free = free && (a->end <= start || a->start >= start + r.bytes);
    if (free) return start;
  }
  return std::nullopt;
}

TEST_F(AreaMapTest, RoomSearchAgreesWithASlowOne) {
  std::mt19937_64 random{11};
  for (int i = 0; i < 400; ++i) {
    const std::uint64_t start = (1 + random() % 900) * kPage;
    if (expected(start) == nullptr && expected(start + kPage) == nullptr) add(start, start + 2 * kPage);
    if (!areas_.empty() && random() % 4 == 0) remove(areas_.begin()->first);
    const mm::AreaMap::Room room{
        .low = 20 * kPage, .high = (500 + random() % 500) * kPage, .bytes = (1 + random() % 12) * kPage};
    ASSERT_EQ(map_.find_room_below(room), slow_room(areas_, room));
  }
}

/// One thread changes the map, over many leaves, while others look. What stays must be found, with nothing else where it lies.
TEST_F(AreaMapTest, LookupsWithoutALockSeeWhatTheMapSaidAtSomeMoment) {
  constexpr std::uint64_t kStay = 64;
  std::vector<mm::Area*> staying;
  for (std::uint64_t i = 0; i < kStay; ++i) staying.push_back(&add(i * 100 * kPage, (i * 100 + 1) * kPage));
  mm::Area& moving = add(kStay * 100 * kPage, (kStay * 100 + 4) * kPage);
  std::atomic<bool> stop{false};
  std::vector<std::thread> lookers;
  for (unsigned cpu = 1; cpu <= 3; ++cpu) {
    lookers.emplace_back([&, cpu] {
      k::arch::host_bind_cpu(cpu);
      for (std::uint64_t i = cpu; !stop; i = i * 5 + 1) {
        const std::uint64_t at = i % kStay * 100 * kPage;
        ASSERT_EQ(map_.find_unlocked(at), staying[i % kStay]);
        ASSERT_EQ(map_.find_unlocked(at + 99 * kPage), nullptr);
        ASSERT_EQ(map_.find_unlocked((kStay * 100 + 2) * kPage), &moving);
      }
    });
  }
  std::mt19937_64 random{3};
  for (int step = 0; step < 20'000; ++step) {
    const std::uint64_t start = (random() % (kStay * 49) * 2 + 2) * kPage;
    if (areas_.contains(start) && start % (100 * kPage) != 0) {
      map_.erase(*areas_.at(start));  // not freed: nothing shuts the lookers out here
    } else if (start / kPage % 100 > 1 && start / kPage % 100 < 98) {
      if (!areas_.contains(start)) add(start, start + kPage);
      continue;
    } else {
      map_.set_bounds(moving, (kStay * 100 + step % 3) * kPage, (kStay * 100 + 3 + step % 2) * kPage, 0);
      continue;
    }
    retired_.push_back(std::move(areas_.at(start)));
    areas_.erase(start);
  }
  stop = true;
  for (std::thread& looker : lookers) looker.join();
  check_order();
}

TEST_F(AreaMapTest, ReserveIsTheOnlyCallThatFails) {
  for (std::uint64_t i = 0; i < 32; ++i) add(i * 2 * kPage, (i * 2 + 1) * kPage);
  k::test::fail_each_allocation([&] { return map_.reserve(3).has_value(); }, [&] { check_order(); });
  check_order();
}

}  // namespace

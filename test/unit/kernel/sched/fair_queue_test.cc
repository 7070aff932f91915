#include "kernel/sched/fair_queue.h"

#include <array>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "kernel/sched/policy.h"

namespace sched = k::sched;
using sched::FairEntity;
using sched::FairQueue;

namespace {

/// A CPU that runs what the queue says, a slice at a time.
class Simulation {
 public:
  FairEntity& add(std::uint32_t weight = 1024) {
    entities_.push_back(std::make_unique<FairEntity>());
    FairEntity& e = *entities_.back();
    e.weight = weight;
    queue.enqueue(e);
    return e;
  }
  void run_for(std::uint64_t ns, std::uint64_t step = 1'000'000) {
    for (std::uint64_t done = 0; done < ns; done += step) run_step(step);
  }
  void run_step(std::uint64_t step) {
    if (current == nullptr) current = queue.take_next();
    ASSERT_NE(current, nullptr);
    service[current] += step;
    if (queue.charge(*current, step)) {
      queue.put_back(*current);
      current = queue.take_next();
    }
  }
  void stop_running() {
    if (current != nullptr) queue.put_back(*current);
    current = nullptr;
  }
  void sleep(FairEntity& e) {
    if (&e == current) {
      current = nullptr;
      queue.put_to_sleep(e);
    } else {
      queue.dequeue(e);
    }
  }

  FairQueue queue;
  FairEntity* current = nullptr;
  std::map<const FairEntity*, std::uint64_t> service;

 private:
  std::vector<std::unique_ptr<FairEntity>> entities_;
};

constexpr std::uint64_t kSecond = 1'000'000'000;

TEST(FairQueue, EqualsShareEquallyWithinOneSlice) {
  Simulation s;
  std::vector<FairEntity*> all;
  for (int i = 0; i < 7; ++i) all.push_back(&s.add());
  s.run_for(7 * kSecond);
  for (FairEntity* e : all) EXPECT_NEAR(static_cast<double>(s.service[e]), 1e9, 2.0 * FairQueue::kSliceNs);
}
TEST(FairQueue, SharesFollowWeights) {
  Simulation s;
  FairEntity& nice0 = s.add(sched::weight_of(sched::Policy::other, 0));
  FairEntity& nice5 = s.add(sched::weight_of(sched::Policy::other, 5));
  FairEntity& idle = s.add(sched::weight_of(sched::Policy::idle, 0));
  s.run_for(20 * kSecond);
  EXPECT_NEAR(static_cast<double>(s.service[&nice0]) / static_cast<double>(s.service[&nice5]), 1024.0 / 335, 0.05);
  EXPECT_LT(s.service[&idle], kSecond / 5);
  EXPECT_GT(s.service[&idle], 0u);
}
TEST(FairQueue, NobodyWaitsLongerThanTheOthersSlices) {
  Simulation s;
  std::vector<FairEntity*> all;
  for (int i = 0; i < 10; ++i) all.push_back(&s.add());
  std::map<const FairEntity*, std::uint64_t> last_ran;
  for (std::uint64_t t = 0; t < kSecond; t += 500'000) {
    s.run_step(500'000);
    last_ran[s.current] = t;
    for (FairEntity* e : all) ASSERT_LE(t - last_ran[e], 2 * 10 * FairQueue::kSliceNs) << t;
  }
}
TEST(FairQueue, SleepEarnsNothing) {
  Simulation s;
  FairEntity& worker = s.add();
  FairEntity& sleeper = s.add();
  s.run_for(kSecond / 10);
  s.sleep(sleeper);
  s.run_for(10 * kSecond);
  s.stop_running();
  s.queue.enqueue(sleeper);
  s.service.clear();
  s.run_for(kSecond);
  EXPECT_NEAR(static_cast<double>(s.service[&sleeper]), static_cast<double>(s.service[&worker]),
              4.0 * FairQueue::kSliceNs);
}
TEST(FairQueue, SleepDoesNotEscapeADebt) {
  // One that always sleeps just after its slice gains nothing over one that never sleeps.
  Simulation s;
  FairEntity& honest = s.add();
  FairEntity& dodger = s.add();
  for (int i = 0; i < 2000; ++i) {
    s.run_step(FairQueue::kSliceNs);
    if (s.current != &dodger && !s.queue.empty()) {
      s.sleep(dodger);
      s.queue.enqueue(dodger);
    }
  }
  EXPECT_LT(s.service[&dodger], s.service[&honest] * 11 / 10);
}
TEST(FairQueue, TheSumOfLagsStaysZero) {
  Simulation s;
  std::mt19937 random{3};
  std::vector<FairEntity*> all;
  for (int i = 0; i < 20; ++i)
    all.push_back(&s.add(sched::weight_of(sched::Policy::other, static_cast<int>(random() % 40) - 20)));
  for (int step = 0; step < 5000; ++step) s.run_step(random() % 4'000'000 + 1);
  const std::int64_t average = s.queue.average();
  double sum = 0, weight = 0;
  for (FairEntity* e : all) sum += static_cast<double>(average - e->vruntime) * e->weight, weight += e->weight;
  EXPECT_LE(std::abs(sum), weight);  // less than a nanosecond of rounding each
}
TEST(FairQueue, YieldLetsTheOtherRunAndIsNotRepaid) {
  Simulation s;
  FairEntity& a = s.add();
  FairEntity& b = s.add();
  s.current = s.queue.take_next();
  FairEntity* before = s.current;
  for (int i = 0; i < 100; ++i) {
    s.queue.charge(*s.current, 1000);
    s.queue.forfeit(*s.current);
    s.current = s.queue.take_next_but(*s.current);
    EXPECT_NE(s.current, before);
    before = s.current;
  }
  s.service.clear();
  s.run_for(kSecond);
  EXPECT_NEAR(static_cast<double>(s.service[&a]), static_cast<double>(s.service[&b]), 4.0 * FairQueue::kSliceNs);
}
TEST(FairQueue, YieldAloneGoesOn) {
  FairQueue q;
  FairEntity a;
  q.enqueue(a);
  FairEntity* current = q.take_next();
  q.forfeit(*current);
  EXPECT_EQ(q.take_next_but(*current), current);
}
TEST(FairQueue, AWakeUpPreemptsWhoHasHadItsShare) {
  FairQueue q;
  FairEntity hog, waker;
  q.enqueue(hog);
  q.take_next();
  q.charge(hog, 10'000'000);
  q.enqueue(waker);
  EXPECT_TRUE(q.should_preempt(waker, hog, 10'000'000));
  EXPECT_FALSE(q.should_preempt(waker, hog, 1000)) << "a thread just switched to is left alone for a while";
}
TEST(FairQueue, ManyEntitiesAndLongTimesDoNotOverflow) {
  Simulation s;
  for (int i = 0; i < 500; ++i) s.add(sched::weight_of(sched::Policy::other, i % 40 - 20));
  for (int i = 0; i < 3000; ++i) s.run_step(kSecond);
  std::uint64_t least = ~std::uint64_t{0};
  for (auto& [e, ns] : s.service) least = std::min(least, ns);
  EXPECT_EQ(s.service.size(), 500u);
}

}  // namespace

#include "kernel/sched/rt_queue.h"

namespace sched = k::sched;
using sched::RtEntity;

namespace {

TEST(RtQueue, HigherPriorityFirstThenOrderOfArrival) {
  sched::RtQueue q;
  RtEntity low{.priority = 1}, a{.priority = 50}, b{.priority = 50}, high{.priority = 99};
  q.push_back(low), q.push_back(a), q.push_back(b), q.push_back(high);
  EXPECT_EQ(q.top_priority(), 99u);
  EXPECT_EQ(q.take_next(), &high);
  EXPECT_EQ(q.take_next(), &a);
  EXPECT_EQ(q.take_next(), &b);
  EXPECT_EQ(q.take_next(), &low);
  EXPECT_EQ(q.take_next(), nullptr);
}
TEST(RtQueue, APreemptedThreadStaysFirstOfItsPriority) {
  sched::RtQueue q;
  RtEntity a{.priority = 10}, b{.priority = 10};
  q.push_back(b);
  q.push_front(a);
  EXPECT_EQ(q.take_next(), &a);
}
TEST(RtQueue, ErasingTheLastOfALevelClearsIt) {
  sched::RtQueue q;
  RtEntity a{.priority = 64}, b{.priority = 63};
  q.push_back(a), q.push_back(b);
  q.erase(a);
  EXPECT_EQ(q.top_priority(), 63u);
  q.erase(b);
  EXPECT_TRUE(q.empty());
}

}  // namespace

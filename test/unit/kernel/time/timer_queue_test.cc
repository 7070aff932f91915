#include "kernel/time/timer_queue.h"

#include <vector>

#include "kernel/lib/assert.h"

namespace time_ = k::time;

namespace {

std::vector<int> fired;

class NumberedTimer : public time_::Timer {
 public:
  explicit NumberedTimer(int n) : Timer(fire), number(n) {}
  int number;

 private:
  static void fire(Timer& t) { fired.push_back(static_cast<NumberedTimer&>(t).number); }
};

class TimerQueueTest : public testing::Test {
 protected:
  TimerQueueTest() { fired.clear(); }
  time_::TimerQueue queue;
};

TEST_F(TimerQueueTest, FiresInOrderOfExpiryAndTellsTheNext) {
  NumberedTimer a{1}, b{2}, c{3};
  queue.insert(b, 20), queue.insert(a, 10), queue.insert(c, 30);
  EXPECT_EQ(queue.expire(5), 10u);
  EXPECT_EQ(queue.expire(20), 30u);
  EXPECT_EQ(fired, (std::vector{1, 2}));
  EXPECT_EQ(queue.expire(30), k::Deadline::never().ns());
  EXPECT_EQ(fired, (std::vector{1, 2, 3}));
}
TEST_F(TimerQueueTest, AnErasedTimerDoesNotFire) {
  NumberedTimer a{1};
  queue.insert(a, 10);
  EXPECT_TRUE(queue.erase(a));
  EXPECT_FALSE(queue.erase(a));
  EXPECT_EQ(queue.expire(100), k::Deadline::never().ns());
  EXPECT_TRUE(fired.empty());
}
TEST_F(TimerQueueTest, ACallbackMayArmItsTimerAgain) {
  static time_::TimerQueue* where;
  where = &queue;
  struct Periodic : time_::Timer {
    Periodic() : Timer(tick) {}
    int ticks = 0;
    static void tick(Timer& t) {
      auto& self = static_cast<Periodic&>(t);
      if (++self.ticks < 3) where->insert(self, self.deadline().ns() + 10);
    }
  } periodic;
  queue.insert(periodic, 10);
  queue.expire(25);
  EXPECT_EQ(periodic.ticks, 2);
  queue.expire(30);
  EXPECT_EQ(periodic.ticks, 3);
}

}  // namespace

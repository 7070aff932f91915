#include "kernel/time/timer_queue.h"

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "kernel/lib/assert.h"
#include "test/unit/support/host_threads.h"

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

using k::test::HostThread;

/// Each queue is expired by a thread of its own, as by a CPU's timer interrupt, and time goes on with every one.
class ConcurrentTimers : public testing::Test {
 protected:
  static constexpr unsigned kQueues = 2;
  ConcurrentTimers() {
    for (time_::TimerQueue& queue : queues) cpus.push_back(std::make_unique<HostThread>([&] { expire(queue); }));
  }
  ~ConcurrentTimers() override {
    stop = true;
    cpus.clear();
  }
  void expire(time_::TimerQueue& queue) {
    while (!stop) {
      {
        const k::arch::IrqOff off;
        queue.expire(++clock);
      }
      std::this_thread::yield();
    }
  }
  static constexpr std::uint64_t kAlways = 1, kNever = UINT64_MAX - 1;

  std::array<time_::TimerQueue, kQueues> queues;
  std::atomic<std::uint64_t> clock{kAlways};
  std::atomic<bool> stop{false};
  std::vector<std::unique_ptr<HostThread>> cpus;
};

/// Counts in a plain variable, which only a callback may touch until cancel() has returned.
struct CountingTimer : time_::Timer {
  CountingTimer() : Timer(fire) {}
  static void fire(Timer& t) { ++static_cast<CountingTimer&>(t).fired; }
  int fired = 0;
};

TEST_F(ConcurrentTimers, ATimerFiresOrIsCancelledNeverBoth) {
  HostThread{[&] {
    int fired = 0, cancelled = 0;
    constexpr int kRounds = 5'000;
    for (int i = 0; i < kRounds; ++i) {
      CountingTimer timer;
      queues[static_cast<unsigned>(i) % kQueues].insert(timer, i % 5 == 0 ? kNever : kAlways);
      if (i % 3 == 0) std::this_thread::yield();
      cancelled += time_::TimerQueue::cancel(timer);
      fired += timer.fired;
    }
    EXPECT_EQ(fired + cancelled, kRounds);
    EXPECT_GE(cancelled, kRounds / 5);
  }}.join();
}

/// As a periodic one.
struct AgainTimer : time_::Timer {
  AgainTimer(time_::TimerQueue& q, const std::atomic<std::uint64_t>& c) : Timer(fire), queue(q), clock(c) {}
  static void fire(Timer& t) {
    auto& self = static_cast<AgainTimer&>(t);
    ++self.fired;
    self.running = true;
    std::this_thread::yield();
    self.queue.insert(self, self.clock + 1);
  }
  time_::TimerQueue& queue;
  const std::atomic<std::uint64_t>& clock;
  int fired = 0;
  std::atomic<bool> running{false};
};

TEST_F(ConcurrentTimers, ACancelledTimerStaysSoThoughItsCallbackArmsIt) {
  HostThread{[&] {
    for (int i = 0; i < 300; ++i) {
      AgainTimer timer{queues[0], clock};
      queues[0].insert(timer, kAlways);
      k::test::until([&] { return timer.running.load(); });
      time_::TimerQueue::cancel(timer);
      ASSERT_FALSE(timer.armed());
      const int fired = timer.fired;
      std::this_thread::yield();
      ASSERT_EQ(timer.fired, fired);
    }
  }}.join();
}

TEST_F(ConcurrentTimers, ATimerMovesBetweenQueuesAndFiresOnce) {
  HostThread{[&] {
    int fired = 0, cancelled = 0;
    for (int i = 0; i < 2'000; ++i) {
      CountingTimer timer;
      queues[0].insert(timer, kNever);
      EXPECT_TRUE(queues[0].erase(timer));
      queues[1].insert(timer, kAlways);
      EXPECT_FALSE(queues[0].erase(timer));
      cancelled += time_::TimerQueue::cancel(timer);
      fired += timer.fired;
    }
    EXPECT_EQ(fired + cancelled, 2'000);
  }}.join();
}

}  // namespace

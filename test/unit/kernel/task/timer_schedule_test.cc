#include "kernel/task/timer_schedule.h"

using k::task::TimerSchedule;
using Signals = TimerSchedule::Signals;

TEST(TimerSchedule, StartsDisarmed) {
  TimerSchedule t{Signals::yes};
  EXPECT_FALSE(t.is_running());
  EXPECT_FALSE(t.expire(1000));
  EXPECT_EQ(t.read(1000).left, 0u);
}

TEST(TimerSchedule, OneShotExpiresOnce) {
  TimerSchedule t{Signals::yes};
  t.arm(100, 0);
  EXPECT_FALSE(t.expire(99));
  EXPECT_TRUE(t.expire(100));
  EXPECT_FALSE(t.expire(100)) << "a late second look";
  EXPECT_FALSE(t.deliver(100)) << "it does not go on";
  EXPECT_EQ(t.read(100).left, 0u);
  EXPECT_EQ(t.overruns(), 0);
}

TEST(TimerSchedule, PeriodicOneGoesOnWhenItsSignalIsTaken) {
  TimerSchedule t{Signals::yes};
  t.arm(100, 10);
  EXPECT_TRUE(t.expire(100));
  EXPECT_FALSE(t.is_running());
  EXPECT_TRUE(t.deliver(103));
  EXPECT_EQ(t.due(), 110u);
  EXPECT_TRUE(t.is_running());
  EXPECT_EQ(t.overruns(), 0);
}

TEST(TimerSchedule, CountsWhatOneSignalStandsFor) {
  TimerSchedule t{Signals::yes};
  t.arm(100, 10);
  EXPECT_TRUE(t.expire(100));
  EXPECT_TRUE(t.deliver(135));
  EXPECT_EQ(t.due(), 140u);
  EXPECT_EQ(t.overruns(), 3) << "110, 120, 130";
  EXPECT_TRUE(t.expire(140));
  EXPECT_TRUE(t.deliver(140));
  EXPECT_EQ(t.overruns(), 0) << "of the last signal only";
}

TEST(TimerSchedule, DeliveryExactlyAtAnExpirationCountsIt) {
  TimerSchedule t{Signals::yes};
  t.arm(100, 10);
  EXPECT_TRUE(t.expire(100));
  EXPECT_TRUE(t.deliver(110));
  EXPECT_EQ(t.overruns(), 1);
  EXPECT_EQ(t.due(), 120u);
}

TEST(TimerSchedule, IgnoredSignalGoesOnAndCounts) {
  TimerSchedule t{Signals::yes};
  t.arm(100, 10);
  EXPECT_TRUE(t.expire(100));
  EXPECT_TRUE(t.skip(100));
  EXPECT_EQ(t.due(), 110u);
  EXPECT_TRUE(t.expire(110));
  EXPECT_TRUE(t.deliver(110));
  EXPECT_EQ(t.overruns(), 1) << "the ignored one";
}

TEST(TimerSchedule, ReadingTellsAtLeastOneNanosecondWhileItRuns) {
  TimerSchedule t{Signals::yes};
  t.arm(100, 0);
  EXPECT_EQ(t.read(40).left, 60u);
  EXPECT_EQ(t.read(100).left, 1u) << "late alarm";
}

TEST(TimerSchedule, ReadingWhileTheSignalWaitsLooksAhead) {
  TimerSchedule t{Signals::yes};
  t.arm(100, 10);
  EXPECT_TRUE(t.expire(100));
  EXPECT_EQ(t.read(125).left, 5u);
  EXPECT_EQ(t.read(125).interval, 10u);
  EXPECT_TRUE(t.deliver(128));
  EXPECT_EQ(t.overruns(), 2) << "what reading passed over counts";
}

TEST(TimerSchedule, WithoutSignalsItIsOnlyRead) {
  TimerSchedule t{Signals::no};
  t.arm(100, 0);
  EXPECT_FALSE(t.is_running()) << "needs no alarm";
  EXPECT_FALSE(t.expire(200));
  EXPECT_EQ(t.read(40).left, 60u);
  EXPECT_EQ(t.read(200).left, 0u);
  t.arm(100, 10);
  EXPECT_EQ(t.read(125).left, 5u);
}

TEST(TimerSchedule, ArmingAgainForgetsTheWaitingSignal) {
  TimerSchedule t{Signals::yes};
  t.arm(100, 10);
  EXPECT_TRUE(t.expire(100));
  t.arm(500, 0);
  EXPECT_FALSE(t.deliver(200)) << "the old signal does not move the new setting";
  EXPECT_EQ(t.due(), 500u);
  t.disarm();
  EXPECT_FALSE(t.expire(600));
}

TEST(TimerSchedule, HugeTimesDoNotOverflow) {
  TimerSchedule t{Signals::yes};
  t.arm(UINT64_MAX - 5, 10);
  EXPECT_TRUE(t.expire(UINT64_MAX));
  EXPECT_TRUE(t.deliver(UINT64_MAX));
  EXPECT_EQ(t.due(), UINT64_MAX);
  t.arm(1, 1);
  EXPECT_TRUE(t.expire(1));
  EXPECT_TRUE(t.deliver(std::uint64_t{1} << 40));
  EXPECT_EQ(t.overruns(), INT32_MAX);
}

#include "kernel/sched/rt_bandwidth.h"

using Bandwidth = k::sched::RtBandwidth;

namespace {

constexpr std::uint64_t kStart = 7 * Bandwidth::kPeriodNs, kRest = Bandwidth::kPeriodNs - Bandwidth::kRuntimeNs;

TEST(RtBandwidth, IsExhaustedAfterItsShareOfAPeriodUntilThatEnds) {
  Bandwidth b;
  b.charge(kStart, 0);
  EXPECT_EQ(b.next_change(kStart), kStart + Bandwidth::kRuntimeNs);
  b.charge(kStart + Bandwidth::kRuntimeNs - 1, Bandwidth::kRuntimeNs - 1);
  EXPECT_FALSE(b.exhausted());
  b.charge(kStart + Bandwidth::kRuntimeNs, 1);
  EXPECT_TRUE(b.exhausted());
  EXPECT_EQ(b.next_change(kStart + Bandwidth::kRuntimeNs), b.period_end_ns());
  b.renew(b.period_end_ns() - 1);
  EXPECT_TRUE(b.exhausted());
  b.renew(b.period_end_ns());
  EXPECT_FALSE(b.exhausted());
}
TEST(RtBandwidth, WhatRanTooLongIsForgottenWithThePeriod) {
  Bandwidth b;
  b.charge(kStart, 0);
  b.charge(kStart + Bandwidth::kPeriodNs - kRest / 2, Bandwidth::kPeriodNs);
  EXPECT_TRUE(b.exhausted());
  b.renew(kStart + Bandwidth::kPeriodNs);
  EXPECT_FALSE(b.exhausted());
  EXPECT_EQ(b.period_end_ns(), kStart + 2 * Bandwidth::kPeriodNs);
}
TEST(RtBandwidth, APeriodBeginsAlsoAfterALongPause) {
  Bandwidth b;
  b.charge(kStart, 0);
  b.charge(kStart + 1, Bandwidth::kRuntimeNs);
  b.renew(kStart + 5 * Bandwidth::kPeriodNs + 3);
  EXPECT_FALSE(b.exhausted());
  EXPECT_EQ(b.period_end_ns(), kStart + 6 * Bandwidth::kPeriodNs);
}

}  // namespace

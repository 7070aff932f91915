#include "kernel/sync/spin/lock_order.h"

#include "kernel/sync/guarded.h"
#include "test/unit/support/host_threads.h"

namespace ksync = k::sync;
using k::test::AsThread;
using ksync::Rank;

namespace {

/// Out of sight of the static analysis, which would not let the mistakes compile.
template <class L>
void take(L& lock) HT_NO_ANALYSIS {
  lock.lock();
}

class LockOrderDeathTest : public testing::Test {
 protected:
  LockOrderDeathTest() { testing::GTEST_FLAG(death_test_style) = "threadsafe"; }
  AsThread me_;
};

TEST_F(LockOrderDeathTest, RisingRanksAreFine) {
  ksync::Mutex<Rank::pipe> outer;
  ksync::Spin<Rank::dentry> middle;
  ksync::SpinIrq<Rank::log> inner;
  ksync::LockHeld a{outer};
  ksync::LockHeld b{middle};
  ksync::LockHeld c{inner};
}
TEST_F(LockOrderDeathTest, AFallingRankIsReported) {
  ksync::Spin<Rank::dentry> low;
  ksync::Spin<Rank::inode> high;
  ksync::LockHeld b{high};
  EXPECT_DEATH(take(low), "lock order violated");
}
TEST_F(LockOrderDeathTest, EqualRanksNestOnlyWhereTheRankSaysSo) {
  ksync::Spin<Rank::inode> a, b;
  ksync::LockHeld held{a};
  EXPECT_DEATH(take(b), "lock order violated");
  ksync::Spin<Rank::futex_bucket> c, d;
  ksync::LockHeld first{c};
  ksync::LockHeld second{d};
}
TEST_F(LockOrderDeathTest, TakingALockTwiceIsReported) {
  ksync::Spin<Rank::futex_bucket> a;
  ksync::LockHeld held{a};
  EXPECT_DEATH(take(a), "taken twice");
}
TEST_F(LockOrderDeathTest, SleepingUnderASpinLockIsReported) {
  ksync::Spin<Rank::inode> spin;
  ksync::LockHeld held{spin};
  EXPECT_DEATH(HT_MAY_SLEEP(), "may sleep with a spin lock held");
}
TEST_F(LockOrderDeathTest, SleepingWithPreemptionOffIsReported) {
  EXPECT_DEATH(
      {
        ksync::PreemptOff off;
        HT_MAY_SLEEP();
      },
      "preemption off");
}
TEST_F(LockOrderDeathTest, ReleasingOutOfOrderIsFine) {
  ksync::Mutex<Rank::pipe> a;
  ksync::Mutex<Rank::mmap> b;
  a.lock();
  b.lock();
  a.unlock();
  b.unlock();
  ksync::LockHeld again{a};
}

}  // namespace

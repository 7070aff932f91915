/// Whose priority the owner of a priority-inheritance futex runs at: futex(2), FUTEX_LOCK_PI.
#include "threads/pi_support.h"

using namespace systest;

TEST(PiFutex, OwnerInheritsTheWaitersPriorityUntilItUnlocks) {
  Word w{my_tid()};
  const pid_t me = gettid();
  EXPECT_EQ(priority_of(me), "20");
  Thread waiter([&] {
    be_fifo(30);
    EXPECT_OK(lock_pi(w));
    EXPECT_OK(unlock_pi(w));
  });
  waiter.await_asleep();
  EXPECT_EQ(priority_of(me), "-31");
  EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER) << "its own policy is as before";
  EXPECT_OK(unlock_pi(w));
  EXPECT_EQ(priority_of(me), "20");
}

TEST(PiFutex, InheritanceEndsWhenTheWaiterTimesOut) {
  Word w{my_tid()};
  Thread waiter([&] {
    be_fifo(30);
    const timespec soon = in(CLOCK_REALTIME, 20000000);
    EXPECT_ERRNO(ETIMEDOUT, lock_pi(w, &soon));
  });
  waiter.join();
  EXPECT_EQ(priority_of(gettid()), "20");
  EXPECT_OK(unlock_pi(w));
}

TEST(PiFutex, InheritanceFollowsAChain) {
  Word a{my_tid()}, b{0};
  Thread middle([&] {
    EXPECT_OK(lock_pi(b));
    EXPECT_OK(lock_pi(a));
    EXPECT_OK(unlock_pi(a));
    EXPECT_OK(unlock_pi(b));
    EXPECT_EQ(priority_of((pid_t)my_tid()), "20");
  });
  middle.await_asleep();
  EXPECT_EQ(priority_of(gettid()), "20");
  Thread top([&] {
    be_fifo(40);
    EXPECT_OK(lock_pi(b));
    EXPECT_OK(unlock_pi(b));
  });
  top.await_asleep();
  EXPECT_EQ(priority_of(middle.tid()), "-41");
  EXPECT_EQ(priority_of(gettid()), "-41");
  EXPECT_OK(unlock_pi(a));
  middle.join(), top.join();
  EXPECT_EQ(priority_of(gettid()), "20");
}

TEST(PiFutex, InheritanceIsTheBestOfAllWaiters) {
  Word a{my_tid()}, b{my_tid()};
  const auto waiter_on = [](Word& w, int priority) {
    return std::make_unique<Thread>([&w, priority] {
      be_fifo(priority);
      EXPECT_OK(lock_pi(w));
      EXPECT_OK(unlock_pi(w));
    });
  };
  auto low = waiter_on(a, 10);
  low->await_asleep();
  EXPECT_EQ(priority_of(gettid()), "-11");
  auto high = waiter_on(b, 50);
  high->await_asleep();
  EXPECT_EQ(priority_of(gettid()), "-51");
  EXPECT_OK(unlock_pi(b));
  EXPECT_EQ(priority_of(gettid()), "-11");
  EXPECT_OK(unlock_pi(a));
  EXPECT_EQ(priority_of(gettid()), "20");
}

TEST(PiFutex, AWaitersNewPriorityReachesTheOwner) {
  Word w{my_tid()};
  Thread waiter([&] {
    EXPECT_OK(lock_pi(w));
    EXPECT_OK(unlock_pi(w));
  });
  waiter.await_asleep();
  const sched_param param{25};
  EXPECT_OK(sched_setscheduler(waiter.tid(), SCHED_FIFO, &param));
  EXPECT_EQ(priority_of(gettid()), "-26");
  EXPECT_OK(unlock_pi(w));
  EXPECT_EQ(priority_of(gettid()), "20");
}

TEST(PiFutex, ChildOfABoostedThreadIsNotBoosted) {
  Word w{my_tid()};
  Thread waiter([&] {
    be_fifo(30);
    EXPECT_OK(lock_pi(w));
    EXPECT_OK(unlock_pi(w));
  });
  waiter.await_asleep();
  EXPECT_EQ(priority_of(gettid()), "-31");
  std::string child;
  Thread([&] { child = priority_of((pid_t)my_tid()); }).join();
  EXPECT_EQ(child, "20");
  EXPECT_OK(unlock_pi(w));
}

TEST(PiFutex, CycleOfTwoIsEdeadlk) {
  Word a{my_tid()}, b{0};
  Thread other([&] {
    EXPECT_OK(lock_pi(b));
    EXPECT_OK(lock_pi(a));
    EXPECT_OK(unlock_pi(a));
    EXPECT_OK(unlock_pi(b));
  });
  other.await_asleep();
  EXPECT_ERRNO(EDEADLK, lock_pi(b));
  EXPECT_OK(unlock_pi(a));
  other.join();
  EXPECT_OK(lock_pi(b));
  EXPECT_OK(unlock_pi(b));
}

TEST(PiFutex, CycleOfThreeIsEdeadlk) {
  Word a{my_tid()}, b{0}, c{0};
  const auto hold_and_take = [](Word& own, Word& wanted) {
    return std::make_unique<Thread>([&] {
      EXPECT_OK(lock_pi(own));
      EXPECT_OK(lock_pi(wanted));
      EXPECT_OK(unlock_pi(wanted));
      EXPECT_OK(unlock_pi(own));
    });
  };
  auto second = hold_and_take(b, a);
  second->await_asleep();
  auto third = hold_and_take(c, b);
  third->await_asleep();
  EXPECT_ERRNO(EDEADLK, lock_pi(c));
  EXPECT_OK(unlock_pi(a));
}

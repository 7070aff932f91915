#include "kernel/sync/wait_queue.h"

#include <atomic>
#include <deque>
#include <memory>
#include <vector>

#include "test/unit/support/host_threads.h"

namespace ksync = k::sync;
using k::Errno;
using k::test::AsThread;
using k::test::HostThread;
using k::test::until;

namespace {

TEST(WaitQueue, ATruePredicateDoesNotWait) {
  AsThread me;
  ksync::WaitQueue q;
  EXPECT_TRUE(q.wait_until([] { return true; }).has_value());
}
TEST(WaitQueue, NoWakeUpIsLostUnderContention) {
  // A one-slot mailbox without any lock: lost wake-ups would hang it.
  constexpr int kRounds = 20'000;
  ksync::WaitQueue empty, full;
  std::atomic<int> slot{0};
  long sum = 0;
  HostThread consumer{[&] {
    for (int i = 0; i < kRounds; ++i) {
      (void)full.wait_until([&] { return slot.load() != 0; });
      sum += slot.exchange(0);
      empty.wake_one();
    }
  }};
  HostThread producer{[&] {
    for (int i = 1; i <= kRounds; ++i) {
      (void)empty.wait_until([&] { return slot.load() == 0; });
      slot.store(i);
      full.wake_one();
    }
  }};
  producer.join(), consumer.join();
  EXPECT_EQ(sum, static_cast<long>(kRounds) * (kRounds + 1) / 2);
}
TEST(WaitQueue, WakeOneReachesAsManyAsTheItems) {
  constexpr int kItems = 5'000, kThreads = 4;
  ksync::WaitQueue q;
  std::atomic<int> items{0}, taken{0};
  const auto take = [&] {
    int n = items.load();
    while (n > 0 && !items.compare_exchange_weak(n, n - 1)) {
    }
    return n > 0;
  };
  std::vector<std::unique_ptr<HostThread>> consumers;
  for (int t = 0; t < kThreads; ++t)
    consumers.push_back(std::make_unique<HostThread>([&] {
      for (int i = 0; i < kItems / kThreads; ++i) {
        (void)q.wait_until(take);
        ++taken;
      }
    }));
  HostThread producer{[&] {
    for (int i = 0; i < kItems; ++i) {
      ++items;
      q.wake_one();
    }
  }};
  producer.join();
  consumers.clear();
  EXPECT_EQ(taken, kItems);
}
TEST(WaitQueue, ASignalEndsAnInterruptibleWaitOnly) {
  ksync::WaitQueue q;
  std::atomic<bool> go{false};
  std::atomic<int> how{0};
  HostThread interruptible{[&] {
    const auto r = q.wait_until([&] { return go.load(); });
    how = r.has_value() ? 1 : r.error() == Errno::interrupted ? 2 : 3;
  }};
  HostThread uninterruptible{[&] { q.wait_uninterruptible([&] { return go.load(); }); }};
  until([&] { return uninterruptible.state() == k::sched::ThreadState::uninterruptible; });
  for (HostThread* t : {&interruptible, &uninterruptible}) {
    t->mark_signal_pending();
    k::sched::wake(*t, k::sched::kSignalWakes);
  }
  interruptible.join();
  EXPECT_EQ(how, 2);
  EXPECT_EQ(uninterruptible.state(), k::sched::ThreadState::uninterruptible);
  go = true;
  AsThread me;
  q.wake_all();
}
TEST(WaitQueue, AFatalSignalEndsAKillableWait) {
  ksync::WaitQueue q;
  std::atomic<bool> interrupted{false};
  HostThread t{[&] { interrupted = !q.wait_killable([] { return false; }).has_value(); }};
  until([&] { return t.state() == k::sched::ThreadState::killable; });
  t.mark_kill_pending();
  k::sched::wake(t, k::sched::kKillWakes);
  t.join();
  EXPECT_TRUE(interrupted);
}
TEST(WaitQueue, TheDeadlineEndsAWait) {
  AsThread me;
  ksync::WaitQueue q;
  const auto r = q.wait_until([] { return false; }, k::Deadline::after(2'000'000));
  ASSERT_FALSE(r.has_value());
  EXPECT_EQ(r.error(), Errno::timedout);
  EXPECT_FALSE(q.has_waiters());
  EXPECT_EQ(me.thread().state(), k::sched::ThreadState::running);
}
TEST(WaitQueue, AWakeUpThatRacesWithASignalIsNotSwallowed) {
  // Two sleepers, one item: the interrupted one must leave the wake-up to the other or take the item.
  for (int round = 0; round < 300; ++round) {
    ksync::WaitQueue q;
    std::atomic<int> items{0}, got{0};
    const auto take = [&] {
      int one = 1;
      return items.compare_exchange_strong(one, 0);
    };
    const auto body = [&] {
      if (q.wait_until(take).has_value()) ++got;
    };
    HostThread a{body}, b{body};
    until([&] { return a.state() != k::sched::ThreadState::fresh && b.state() != k::sched::ThreadState::fresh; });
    HostThread signaller{[&] {
      a.mark_signal_pending();
      k::sched::wake(a, k::sched::kSignalWakes);
    }};
    items = 1;
    q.wake_one();
    until([&] { return items == 0; });
    items = 1;
    q.wake_all();
    b.mark_signal_pending();
    k::sched::wake(b, k::sched::kSignalWakes);
    signaller.join(), a.join(), b.join();
    ASSERT_GE(got, 1);
  }
}

struct CountingWaiter : ksync::Waiter {
  explicit CountingWaiter(ksync::PollEvents wanted, Kind kind = Kind::shared) : Waiter(called, wanted, kind) {}
  std::atomic<int> calls{0};
  static bool called(Waiter& self, ksync::PollEvents) {
    ++static_cast<CountingWaiter&>(self).calls;
    return true;
  }
};

TEST(WaitQueue, PollersHearOnlyTheEventsTheyAskedFor) {
  AsThread me;
  ksync::WaitQueue q;
  CountingWaiter reader{ksync::kReadable}, writer{ksync::kWritable};
  q.add(reader), q.add(writer);
  q.wake_all(ksync::kReadable);
  q.wake_one(ksync::kReadable);
  EXPECT_EQ(reader.calls, 2);
  EXPECT_EQ(writer.calls, 0);
  q.wake_all();
  EXPECT_EQ(writer.calls, 1);
  q.remove(reader), q.remove(writer);
  q.wake_all();
  EXPECT_EQ(reader.calls, 3);
}
TEST(WaitQueue, OneOfTheExclusivePollersIsEnough) {
  AsThread me;
  ksync::WaitQueue q;
  using Kind = ksync::Waiter::Kind;
  CountingWaiter a{ksync::kReadable, Kind::exclusive}, b{ksync::kReadable, Kind::exclusive}, shared{ksync::kReadable};
  q.add(a), q.add(b), q.add(shared);
  q.wake_one(ksync::kReadable);
  EXPECT_EQ(a.calls + b.calls, 1);
  EXPECT_EQ(shared.calls, 1);
  q.remove(a), q.remove(b), q.remove(shared);
}

}  // namespace

#include "kernel/sync/futex.h"

#include <atomic>
#include <memory>
#include <vector>

#include "test/unit/support/host_threads.h"

namespace ksync = k::sync;
using k::Deadline;
using k::Errno;
using k::test::AsThread;
using k::test::HostThread;
using k::test::until;

namespace {

/// A futex word as user space has it.
struct Word {
  std::atomic<std::uint32_t> value{0};
  ksync::FutexKey key() const { return {1, reinterpret_cast<std::uint64_t>(&value)}; }
  auto load() const {
    return [this] { return std::optional{value.load()}; };
  }
  k::Result<void> wait(std::uint32_t expected, Deadline deadline = Deadline::never(),
                       std::uint32_t bits = ksync::kFutexAnyBit) {
    return ksync::futex_wait(key(), expected, bits, deadline, load());
  }
};

void until_asleep(HostThread& t) {
  until([&] { return t.state() == k::sched::ThreadState::interruptible; });
}

TEST(Futex, ADifferentValueDoesNotWait) {
  AsThread me;
  Word w;
  EXPECT_EQ(w.wait(1).error(), Errno::again);
}
TEST(Futex, AnUnreadableWordAsksForTheFault) {
  AsThread me;
  Word w;
  const auto r = ksync::futex_wait(w.key(), 0, ksync::kFutexAnyBit, Deadline::never(),
                                   [] { return std::optional<std::uint32_t>{}; });
  EXPECT_EQ(r.error(), Errno::fault);
}
TEST(Futex, TimesOut) {
  AsThread me;
  Word w;
  EXPECT_EQ(w.wait(0, Deadline::after(1'000'000)).error(), Errno::timedout);
  EXPECT_EQ(ksync::futex_wake(w.key(), 1), 0u);
}
TEST(Futex, ASignalInterrupts) {
  Word w;
  std::atomic<bool> interrupted{false};
  HostThread t{[&] { interrupted = w.wait(0).error() == Errno::interrupted; }};
  until_asleep(t);
  t.mark_signal_pending();
  k::sched::wake(t, k::sched::kSignalWakes);
  t.join();
  EXPECT_TRUE(interrupted);
}
TEST(Futex, WakesAsManyAsAskedInOrder) {
  AsThread me;
  Word w;
  std::atomic<int> woken{0};
  std::vector<std::unique_ptr<HostThread>> threads;
  for (int i = 0; i < 4; ++i) {
    threads.push_back(std::make_unique<HostThread>([&] {
      EXPECT_TRUE(w.wait(0).has_value());
      ++woken;
    }));
    until_asleep(*threads.back());
  }
  EXPECT_EQ(ksync::futex_wake(w.key(), 2), 2u);
  threads[0]->join(), threads[1]->join();
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(ksync::futex_wake(w.key(), 100), 2u);
}
TEST(Futex, BitsetsSelectWaiters) {
  AsThread me;
  Word w;
  HostThread a{[&] { EXPECT_TRUE(w.wait(0, Deadline::never(), 1).has_value()); }};
  until_asleep(a);
  HostThread b{[&] { EXPECT_TRUE(w.wait(0, Deadline::never(), 2).has_value()); }};
  until_asleep(b);
  EXPECT_EQ(ksync::futex_wake(w.key(), 10, 2), 1u);
  b.join();
  EXPECT_EQ(ksync::futex_wake(w.key(), 10, 4), 0u);
  EXPECT_EQ(ksync::futex_wake(w.key(), 10, 3), 1u);
}
TEST(Futex, RequeueMovesWhomItDoesNotWake) {
  AsThread me;
  Word condition, mutex;
  std::vector<std::unique_ptr<HostThread>> threads;
  for (int i = 0; i < 5; ++i) {
    threads.push_back(std::make_unique<HostThread>([&] { EXPECT_TRUE(condition.wait(0).has_value()); }));
    until_asleep(*threads.back());
  }
  const auto r = ksync::futex_requeue({condition.key(), mutex.key(), 1, 3}, [] { return std::optional{true}; });
  ASSERT_TRUE(r.has_value());
  EXPECT_EQ(r->woken, 1u);
  EXPECT_EQ(r->moved, 3u);
  EXPECT_EQ(ksync::futex_wake(condition.key(), 10), 1u);
  EXPECT_EQ(ksync::futex_wake(mutex.key(), 10), 3u);
}
TEST(Futex, RequeueRefusesWhenTheCheckFails) {
  AsThread me;
  Word a, b;
  EXPECT_EQ(ksync::futex_requeue({a.key(), b.key(), 1, 1}, [] { return std::optional{false}; }).error(), Errno::again);
  EXPECT_EQ(ksync::futex_requeue({a.key(), b.key(), 1, 1}, [] { return std::optional<bool>{}; }).error(), Errno::fault);
}
TEST(Futex, ARequeuedWaiterCanStillBeInterruptedAndTimeOut) {
  Word a, b;
  std::atomic<int> done{0};
  HostThread interrupted{[&] { done += a.wait(0).error() == Errno::interrupted; }};
  until_asleep(interrupted);
  HostThread late{[&] { done += a.wait(0, Deadline::after(30'000'000)).error() == Errno::timedout; }};
  until_asleep(late);
  {
    AsThread me;
    (void)ksync::futex_requeue({a.key(), b.key(), 0, 2}, [] { return std::optional{true}; });
  }
  interrupted.mark_signal_pending();
  k::sched::wake(interrupted, k::sched::kSignalWakes);
  interrupted.join(), late.join();
  EXPECT_EQ(done, 2);
  AsThread me;
  EXPECT_EQ(ksync::futex_wake(b.key(), 10), 0u);
}
TEST(Futex, WakeOpWakesTheSecondWordsWaitersIfTold) {
  AsThread me;
  Word a, b;
  HostThread first{[&] { (void)a.wait(0); }};
  until_asleep(first);
  HostThread second{[&] { (void)b.wait(0); }};
  until_asleep(second);
  const ksync::FutexWakeOp op{a.key(), b.key(), 1, 1};
  EXPECT_EQ(ksync::futex_wake_op(op, [] { return std::optional{false}; }).value(), 1u);
  EXPECT_EQ(ksync::futex_wake_op(op, [] { return std::optional{true}; }).value(), 1u);
}
TEST(Futex, AMutexBuiltOnItExcludesAndNeverHangs) {
  // Drepper's three-state mutex ("Futexes Are Tricky"): 0 free, 1 locked, 2 locked with waiters.
  Word w;
  long counter = 0;
  std::vector<std::unique_ptr<HostThread>> threads;
  for (int t = 0; t < 4; ++t)
    threads.push_back(std::make_unique<HostThread>([&] {
      for (int i = 0; i < 3'000; ++i) {
        std::uint32_t c = 0;
        if (!w.value.compare_exchange_strong(c, 1)) {
          if (c != 2) c = w.value.exchange(2);
          while (c != 0) {
            (void)w.wait(2);
            c = w.value.exchange(2);
          }
        }
        ++counter;
        if (w.value.fetch_sub(1) != 1) {
          w.value = 0;
          (void)ksync::futex_wake(w.key(), 1);
        }
      }
    }));
  threads.clear();
  EXPECT_EQ(counter, 12'000);
}

TEST(Futex, AConditionVariableThatRequeuesLosesNobody) {
  // Waiters are moved to the mutex's word by each broadcast, and woken there one after another.
  constexpr int kWaiters = 4, kRounds = 300;
  Word mutex, sequence;
  int waiting = 0, round = 0, woken = 0;  // under the mutex
  const auto lock = [&] {
    // Always marked contended: who was moved here does not know who else waits.
    while (mutex.value.exchange(2) != 0) (void)mutex.wait(2);
  };
  const auto unlock = [&] {
    mutex.value = 0;
    (void)ksync::futex_wake(mutex.key(), 1);
  };
  std::vector<std::unique_ptr<HostThread>> waiters;
  for (int t = 0; t < kWaiters; ++t) {
    waiters.push_back(std::make_unique<HostThread>([&] {
      for (int mine = 0; mine < kRounds; ++mine) {
        lock();
        ++waiting;
        while (round == mine) {
          const std::uint32_t seen = sequence.value;
          unlock();
          (void)sequence.wait(seen);
          lock();
        }
        ++woken;
        unlock();
      }
    }));
  }
  HostThread broadcaster{[&] {
    while (round < kRounds) {
      lock();
      if (waiting < kWaiters * (round + 1)) {
        unlock();
        std::this_thread::yield();
        continue;
      }
      ++round;
      const std::uint32_t now = ++sequence.value;
      const auto moved = ksync::futex_requeue({sequence.key(), mutex.key(), 1, kWaiters},
                                              [&] { return std::optional{sequence.value.load() == now}; });
      EXPECT_TRUE(moved.has_value());
      unlock();
    }
  }};
  broadcaster.join();
  waiters.clear();
  EXPECT_EQ(woken, kWaiters * kRounds);
}
TEST(Futex, WakersOnTwoWordsInOppositeOrderDoNotBlockEachOther) {
  Word a, b;
  const auto swap_tokens = [](Word& mine, Word& other) {
    for (std::uint32_t n = 0; n < 2'000; ++n) {
      // Says so on the other's word and wakes both; then waits for as much on its own.
      const ksync::FutexWakeOp op{mine.key(), other.key(), 1, 1};
      EXPECT_TRUE(ksync::futex_wake_op(op, [&] {
                    ++other.value;
                    return std::optional{true};
                  }).has_value());
      for (std::uint32_t seen; (seen = mine.value) <= n;) (void)mine.wait(seen);
    }
  };
  HostThread one{[&] { swap_tokens(a, b); }}, two{[&] { swap_tokens(b, a); }};
  one.join(), two.join();
  EXPECT_EQ(a.value, 2'000u);
  EXPECT_EQ(b.value, 2'000u);
}

}  // namespace

#include "kernel/sync/futex_pi.h"

#include <linux/futex.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "test/unit/support/host_threads.h"

namespace ksync = k::sync;
using k::Deadline;
using k::Errno;
using k::sched::PiStage;
using k::test::AsThread;
using k::test::HostThread;
using k::test::until;

namespace {

/// Which thread has which number.
class Tids {
 public:
  void add(std::uint32_t tid, k::sched::Thread& thread) {
    std::lock_guard hold{mutex_};
    threads_[tid] = &thread;
  }
  void remove(std::uint32_t tid) {
    std::lock_guard hold{mutex_};
    threads_.erase(tid);
  }
  k::sched::Thread* find(std::uint32_t tid) {
    std::lock_guard hold{mutex_};
    const auto found = threads_.find(tid);
    return found == threads_.end() ? nullptr : found->second;
  }

 private:
  std::mutex mutex_;
  std::map<std::uint32_t, k::sched::Thread*> threads_;
};

class HostWord final : public ksync::PiWord {
 public:
  explicit HostWord(Tids& tids) : tids_(tids) {}
  std::optional<std::uint32_t> load() override {
    if (unreachable()) return std::nullopt;
    return value.load();
  }
  std::optional<std::uint32_t> exchange(std::uint32_t expected, std::uint32_t desired) override {
    if (unreachable()) return std::nullopt;
    value.compare_exchange_strong(expected, desired);
    return expected;
  }
  k::Result<void> fault_in() override {
    if (lost.exchange(false)) return k::err(Errno::fault);
    return {};
  }
  k::sched::Thread* owner(std::uint32_t tid) override { return tids_.find(tid); }
  ksync::FutexKey key() const { return {1, reinterpret_cast<std::uint64_t>(&value)}; }

  std::atomic<std::uint32_t> value{0};
  /// Its page is gone for the next one who wants it.
  std::atomic<bool> lost{false};

 private:
  bool unreachable() const { return lost; }
  Tids& tids_;
};

constexpr std::uint32_t kWaiters = FUTEX_WAITERS, kDied = FUTEX_OWNER_DIED;

/// A thread with a number, as kernel/task's are.
struct Numbered {
  Numbered(Tids& t, std::uint32_t n) : tids(t), tid(n) {
    k::sched::current().pi.stage = PiStage::alive;
    tids.add(tid, k::sched::current());
  }
  ~Numbered() {
    ksync::futex_pi_start_leaving(k::sched::current());
    ksync::futex_pi_finish_leaving(k::sched::current(), PiStage::gone);
    tids.remove(tid);
  }
  ksync::PiSelf self() const { return {k::sched::current(), tid}; }
  k::Result<void> lock(HostWord& w, Deadline deadline = Deadline::never()) const {
    for (;;) {
      auto r = ksync::futex_pi_lock(self(), w.key(), w, deadline, ksync::PiAttempt::wait);
      if (r || r.error() != Errno::busy) return r;
      (void)ksync::wait_for_leaver(w);
    }
  }
  k::Result<void> unlock(HostWord& w) const { return ksync::futex_pi_unlock(self(), w.key(), w); }
  Tids& tids;
  std::uint32_t tid;
};

void be_fifo(int priority) {
  auto& run = k::sched::current().run;
  run.own.policy = run.policy = k::sched::Policy::fifo;
  run.own.rt_priority = run.rt_priority = static_cast<std::uint8_t>(priority);
}
void until_asleep(HostThread& t) {
  until([&] { return t.state() == k::sched::ThreadState::interruptible; });
}
std::unique_ptr<HostThread> start(std::function<void()> body) { return std::make_unique<HostThread>(std::move(body)); }

class FutexPi : public testing::Test {
 protected:
  Tids tids;
  HostWord a{tids}, b{tids}, c{tids};
};

}  // namespace

TEST_F(FutexPi, AFreeWordIsTakenAndGivenBack) {
  AsThread me;
  const Numbered i{tids, 1};
  EXPECT_TRUE(i.lock(a));
  EXPECT_EQ(a.value, 1u);
  EXPECT_EQ(i.lock(a).error(), Errno::deadlk);
  EXPECT_TRUE(i.unlock(a));
  EXPECT_EQ(a.value, 0u);
  EXPECT_EQ(i.unlock(a).error(), Errno::perm);
}

TEST_F(FutexPi, AnAbsentPageAsksForTheFault) {
  AsThread me;
  const Numbered i{tids, 1};
  a.lost = true;
  EXPECT_EQ(i.lock(a).error(), Errno::fault);
  EXPECT_EQ(i.unlock(a).error(), Errno::fault);
}

TEST_F(FutexPi, AnUnknownOwnerIsSrch) {
  AsThread me;
  const Numbered i{tids, 1};
  a.value = 77;
  EXPECT_EQ(i.lock(a).error(), Errno::srch);
  EXPECT_EQ(a.value, 77u | kWaiters);
}

TEST_F(FutexPi, ALeavingOwnerIsWaitedFor) {
  AsThread me;
  const Numbered i{tids, 1};
  std::atomic<bool> finish{false};
  std::atomic<bool> left{false};
  auto owner = start([&] {
    tids.add(2, k::sched::current());
    a.value = 2;
    ksync::futex_pi_start_leaving(k::sched::current());
    left = true;
    until([&] { return finish.load(); });
    a.value = kDied;
    ksync::futex_pi_finish_leaving(k::sched::current(), PiStage::gone);
    tids.remove(2);
  });
  until([&] { return left.load(); });
  EXPECT_EQ(ksync::futex_pi_lock(i.self(), a.key(), a, Deadline::never(), ksync::PiAttempt::wait).error(), Errno::busy);
  finish = true;
  EXPECT_TRUE(i.lock(a));
  EXPECT_EQ(a.value, 1u | kDied);
  owner->join();
}

TEST_F(FutexPi, TheOwnerInheritsThroughAChainAndGivesItBack) {
  AsThread me;
  const Numbered i{tids, 1};
  ASSERT_TRUE(i.lock(a));
  auto middle = start([&] {
    const Numbered m{tids, 2};
    EXPECT_TRUE(m.lock(b));
    EXPECT_TRUE(m.lock(a));
    EXPECT_TRUE(m.unlock(a));
    EXPECT_TRUE(m.unlock(b));
    EXPECT_EQ(k::sched::current().priority(), k::sched::kNiceZeroPriority);
  });
  until_asleep(*middle);
  auto top = start([&] {
    be_fifo(40);
    const Numbered t{tids, 3};
    EXPECT_TRUE(t.lock(b));
    EXPECT_TRUE(t.unlock(b));
  });
  until_asleep(*top);
  EXPECT_EQ(me.thread().priority(), 59);
  EXPECT_TRUE(i.unlock(a));
  EXPECT_EQ(me.thread().priority(), k::sched::kNiceZeroPriority);
  middle->join(), top->join();
}

TEST_F(FutexPi, CyclesAreRefused) {
  AsThread me;
  const Numbered i{tids, 1};
  ASSERT_TRUE(i.lock(a));
  const auto hold_and_take = [&](std::uint32_t tid, HostWord& own, HostWord& wanted) {
    return start([&, tid] {
      const Numbered t{tids, tid};
      EXPECT_TRUE(t.lock(own));
      EXPECT_TRUE(t.lock(wanted));
      EXPECT_TRUE(t.unlock(wanted));
      EXPECT_TRUE(t.unlock(own));
    });
  };
  auto second = hold_and_take(2, b, a);
  until_asleep(*second);
  auto third = hold_and_take(3, c, b);
  until_asleep(*third);
  EXPECT_EQ(i.lock(c).error(), Errno::deadlk);
  EXPECT_TRUE(i.unlock(a));
  second->join(), third->join();
}

TEST_F(FutexPi, AWaiterThatGivesUpTakesItsPriorityBack) {
  AsThread me;
  const Numbered i{tids, 1};
  ASSERT_TRUE(i.lock(a));
  start([&] {
    be_fifo(10);
    const Numbered t{tids, 2};
    EXPECT_EQ(t.lock(a, Deadline::after(2'000'000)).error(), Errno::timedout);
  })->join();
  EXPECT_EQ(me.thread().priority(), k::sched::kNiceZeroPriority);
  EXPECT_TRUE(i.unlock(a));
  EXPECT_EQ(a.value, 0u);
}

TEST_F(FutexPi, ADeadOwnersWordGoesToTheBestWaiter) {
  std::atomic<bool> die{false};
  auto owner = start([&] {
    const Numbered o{tids, 1};
    EXPECT_TRUE(o.lock(a));
    until([&] { return die.load(); });
  });
  until([&] { return a.value == 1; });
  std::vector<std::unique_ptr<HostThread>> waiters;
  std::atomic<std::uint32_t> first{0};
  for (std::uint32_t tid = 2; tid <= 4; ++tid) {
    waiters.push_back(start([&, tid] {
      be_fifo(static_cast<int>(tid));
      const Numbered t{tids, tid};
      EXPECT_TRUE(t.lock(a));
      std::uint32_t none = 0;
      if (first.compare_exchange_strong(none, tid)) {
        EXPECT_EQ(a.value, tid | kWaiters | kDied);
      }
      EXPECT_TRUE(t.unlock(a));
    }));
    until_asleep(*waiters.back());
  }
  die = true;
  owner->join();
  for (auto& w : waiters) w->join();
  EXPECT_EQ(first, 4u);
  EXPECT_EQ(a.value, 0u);
}

TEST_F(FutexPi, AnInheritedWordOutOfReachGoesToTheNextWaiter) {
  std::atomic<bool> die{false};
  auto owner = start([&] {
    const Numbered o{tids, 1};
    EXPECT_TRUE(o.lock(a));
    until([&] { return die.load(); });
  });
  until([&] { return a.value == 1; });
  auto first = start([&] {
    be_fifo(9);
    const Numbered t{tids, 2};
    EXPECT_EQ(t.lock(a).error(), Errno::fault);
  });
  until_asleep(*first);
  auto second = start([&] {
    const Numbered t{tids, 3};
    EXPECT_TRUE(t.lock(a));
    EXPECT_TRUE(t.unlock(a));
  });
  until_asleep(*second);
  a.lost = true;
  die = true;
  first->join(), second->join(), owner->join();
  EXPECT_EQ(a.value, 0u);
}

TEST_F(FutexPi, RequeueMakesTheFirstWaiterTheOwnerOfAFreeWord) {
  AsThread me;
  const Numbered i{tids, 1};
  std::atomic<std::uint32_t> condition{0};
  const ksync::PiRequeueKeys keys{{2, 0x1000}, a.key()};
  std::vector<std::unique_ptr<HostThread>> waiters;
  std::atomic<int> owned{0};
  for (std::uint32_t tid = 2; tid <= 4; ++tid) {
    waiters.push_back(start([&, tid] {
      const Numbered t{tids, tid};
      EXPECT_TRUE(ksync::futex_wait_requeue_pi(t.self(), keys, a, 0, ksync::kFutexAnyBit, Deadline::never(),
                                               [&] { return std::optional{condition.load()}; }));
      EXPECT_EQ(a.value & FUTEX_TID_MASK, tid);
      ++owned;
      EXPECT_TRUE(t.unlock(a));
    }));
    until_asleep(*waiters.back());
  }
  const auto moved = ksync::futex_cmp_requeue_pi(keys, a, 100, [] { return std::optional{true}; });
  EXPECT_EQ(moved.value(), 3u);
  for (auto& w : waiters) w->join();
  EXPECT_EQ(owned, 3);
  EXPECT_EQ(a.value, 0u);
}

TEST_F(FutexPi, AMovedWaiterThatASignalInterruptsCannotStartAgain) {
  AsThread me;
  const Numbered i{tids, 1};
  ASSERT_TRUE(i.lock(a));
  const ksync::PiRequeueKeys keys{{2, 0x1000}, a.key()};
  const auto wait = [&](std::uint32_t tid, Errno expected) {
    return start([&, tid, expected] {
      const Numbered t{tids, tid};
      EXPECT_EQ(ksync::futex_wait_requeue_pi(t.self(), keys, a, 0, ksync::kFutexAnyBit, Deadline::never(),
                                             [] { return std::optional{0u}; })
                    .error(),
                expected);
    });
  };
  const auto interrupt = [](HostThread& t) {
    t.mark_signal_pending();
    k::sched::wake(t, k::sched::kSignalWakes);
    t.join();
  };
  auto moved = wait(2, Errno::again);
  until_asleep(*moved);
  EXPECT_EQ(ksync::futex_cmp_requeue_pi(keys, a, 100, [] { return std::optional{true}; }).value(), 1u);
  interrupt(*moved);
  auto stayed = wait(3, Errno::interrupted);
  until_asleep(*stayed);
  interrupt(*stayed);
  EXPECT_TRUE(i.unlock(a));
}

TEST_F(FutexPi, ExcludesUnderContentionWithDyingOwners) {
  constexpr std::uint32_t kThreads = 4, kRounds = 300;
  long counter = 0, deaths = 0;
  std::vector<std::unique_ptr<HostThread>> threads;
  for (std::uint32_t n = 1; n <= kThreads; ++n) {
    threads.push_back(start([&, n] {
      for (std::uint32_t round = 0; round < kRounds; ++round) {
        // A number of its own for each life, as numbers are not given out again so soon.
        const std::uint32_t tid = n * 1'000 + round;
        const Numbered t{tids, tid};
        std::uint32_t free = 0;
        if (!a.value.compare_exchange_strong(free, tid)) ASSERT_TRUE(t.lock(a));
        ++counter;
        if (round % 50 == 49) {
          ++deaths;  // leaves without unlocking, as the robust list marks it
          ksync::futex_pi_start_leaving(k::sched::current());
          for (std::uint32_t seen = a.value; !a.value.compare_exchange_weak(seen, (seen & kWaiters) | kDied);) {
          }
        } else {
          std::uint32_t own = tid;
          if (!a.value.compare_exchange_strong(own, 0)) ASSERT_TRUE(t.unlock(a));
        }
      }
    }));
  }
  threads.clear();
  EXPECT_EQ(counter, long{kThreads} * kRounds);
  EXPECT_EQ(deaths, kThreads * kRounds / 50);
}

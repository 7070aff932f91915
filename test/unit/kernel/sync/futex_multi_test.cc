#include "kernel/sync/futex_multi.h"

#include <array>
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

void set(ksync::FutexWaiter& waiter, const ksync::FutexKey& key) {
  waiter.key = key;
  waiter.thread = &k::sched::current();
}

/// Some futex words, and waiting for any of them as futex_waitv(2) does.
template <std::size_t kWords>
struct Words {
  std::array<std::atomic<std::uint32_t>, kWords> value{};

  ksync::FutexKey key(std::size_t i) const { return {1, reinterpret_cast<std::uint64_t>(&value[i])}; }
  k::Result<std::size_t> wait(const std::array<std::uint32_t, kWords>& expected,
                              Deadline deadline = Deadline::never()) {
    std::array<ksync::FutexWaiter, kWords> waiters;
    for (std::size_t i = 0; i < kWords; ++i) set(waiters[i], key(i));
    return ksync::futex_wait_any(waiters, expected, deadline,
                                 [&](std::size_t i) { return std::optional{value[i].load()}; });
  }
  unsigned wake(std::size_t i, unsigned count = 1) { return ksync::futex_wake(key(i), count).value(); }
  bool nobody_waits() {
    for (std::size_t i = 0; i < kWords; ++i) {
      if (wake(i, 100) != 0) return false;
    }
    return true;
  }
};

void until_asleep(HostThread& t) {
  until([&] { return t.state() == k::sched::ThreadState::interruptible; });
}

TEST(FutexMulti, AnyWordThatDiffersDoesNotWait) {
  AsThread me;
  Words<3> words;
  words.value[2] = 7;
  EXPECT_EQ(words.wait({0, 0, 0}).error(), Errno::again);
  EXPECT_TRUE(words.nobody_waits());
}

TEST(FutexMulti, AnUnreadableWordAsksForTheFaultAndLeavesNoneQueued) {
  AsThread me;
  std::array<std::atomic<std::uint32_t>, 2> words{};
  std::array<ksync::FutexWaiter, 2> waiters;
  for (std::size_t i = 0; i < 2; ++i) set(waiters[i], {1, 16 * i});
  const std::array<std::uint32_t, 2> expected{};
  const auto waited = ksync::futex_wait_any(waiters, expected, Deadline::never(), [&](std::size_t i) {
    return i == 1 ? std::optional<std::uint32_t>{} : std::optional{words[i].load()};
  });
  EXPECT_EQ(waited.error(), Errno::fault);
  EXPECT_EQ(ksync::futex_wake({1, 0}, 10).value(), 0u);
}

TEST(FutexMulti, TellsWhichWordWasWoken) {
  AsThread me;
  Words<4> words;
  for (std::size_t i = 0; i < 4; ++i) {
    std::atomic<std::size_t> woken{99};
    HostThread waiter{[&] { woken = words.wait({}).value_or(98); }};
    until_asleep(waiter);
    EXPECT_EQ(words.wake(i), 1u);
    waiter.join();
    EXPECT_EQ(woken, i);
    EXPECT_TRUE(words.nobody_waits());
  }
}

TEST(FutexMulti, ASignalAndTheTimeoutEndTheWaitForAll) {
  AsThread me;
  Words<3> words;
  EXPECT_EQ(words.wait({}, Deadline::after(1'000'000)).error(), Errno::timedout);
  EXPECT_TRUE(words.nobody_waits());
  std::atomic<bool> interrupted{false};
  HostThread waiter{[&] { interrupted = words.wait({}).error() == Errno::interrupted; }};
  until_asleep(waiter);
  waiter.mark_signal_pending();
  k::sched::wake(waiter, k::sched::kSignalWakes);
  waiter.join();
  EXPECT_TRUE(interrupted);
  EXPECT_TRUE(words.nobody_waits());
}

TEST(FutexMulti, NoChangeOfAnyWordIsLost) {
  // Each producer counts its own word up once the consumer, which waits for any, has acknowledged the last number.
  constexpr std::size_t kWords = 3;
  constexpr std::uint32_t kRounds = 1'000;
  Words<kWords> words;
  std::array<Words<1>, kWords> acknowledged;
  std::vector<std::unique_ptr<HostThread>> producers;
  for (std::size_t i = 0; i < kWords; ++i) {
    producers.push_back(std::make_unique<HostThread>([&, i] {
      Words<1>& mine = acknowledged[i];
      for (std::uint32_t n = 1; n <= kRounds; ++n) {
        words.value[i] = n;
        words.wake(i);
        for (std::uint32_t last; (last = mine.value[0]) != n;) (void)mine.wait({last});
      }
    }));
  }
  HostThread consumer{[&] {
    std::array<std::uint32_t, kWords> last{};
    while (last != std::array{kRounds, kRounds, kRounds}) {
      (void)words.wait(last);
      for (std::size_t i = 0; i < kWords; ++i) {
        last[i] = words.value[i];
        acknowledged[i].value[0] = last[i];
        acknowledged[i].wake(0);
      }
    }
  }};
  consumer.join();
  producers.clear();
  AsThread me;
  EXPECT_TRUE(words.nobody_waits());
}

}  // namespace

#include "kernel/task/signal_queue.h"

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "kernel/sync/guarded.h"
#include "kernel/task/signal_actions.h"
#include "test/unit/support/host_threads.h"

namespace task = k::task;
using task::SignalInfo;
using task::SignalQueue;
using task::SignalSet;

namespace {

constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};

struct Receiver {
  k::Ref<task::User> user = *task::User::find_or_create(1000);
  SignalQueue queue;
  k::Result<void> send(int number, int code = SI_USER, std::uint64_t value = 0, std::uint64_t limit = kNoLimit) {
    SignalInfo info = SignalInfo::from_user(number, code, 42, 7);
    info.fields.sender.value = value;
    return queue.add(info, *user, limit);
  }
};

}  // namespace

TEST(SignalQueue, KeepsOneInstanceOfAStandardSignal) {
  Receiver r;
  ASSERT_TRUE(r.send(SIGTERM));
  EXPECT_TRUE(r.queue.already_waits(SIGTERM));
  EXPECT_FALSE(r.queue.already_waits(40));
}

TEST(SignalQueue, KeepsRealTimeSignalsInOrder) {
  Receiver r;
  for (std::uint64_t v = 1; v <= 3; ++v) ASSERT_TRUE(r.send(40, SI_QUEUE, v));
  for (std::uint64_t v = 1; v <= 3; ++v) EXPECT_EQ(r.queue.take(SignalSet::of(40)).fields.sender.value, v);
  EXPECT_TRUE(r.queue.set().empty());
}

TEST(SignalQueue, TakesTheLowestNumberButFaultsFirst) {
  Receiver r;
  ASSERT_TRUE(r.send(SIGHUP));
  ASSERT_TRUE(r.send(SIGSEGV));
  ASSERT_TRUE(r.send(35));
  const SignalSet all{~std::uint64_t{0}};
  EXPECT_EQ(r.queue.take(all).number, SIGSEGV);
  EXPECT_EQ(r.queue.take(all).number, SIGHUP);
  EXPECT_EQ(r.queue.take(all).number, 35);
}

TEST(SignalQueue, RefusesQueuedRealTimeSignalsBeyondTheLimit) {
  Receiver r;
  ASSERT_TRUE(r.send(40, SI_QUEUE, 1, 1));
  const auto refused = r.send(40, SI_QUEUE, 2, 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), k::Errno::again);
}

TEST(SignalQueue, DeliversAStandardSignalWithoutRecordAtTheLimit) {
  Receiver r;
  ASSERT_TRUE(r.send(SIGTERM, SI_QUEUE, 5, 0));
  const SignalInfo taken = r.queue.take(SignalSet::of(SIGTERM));
  EXPECT_EQ(taken.number, SIGTERM);
  EXPECT_EQ(taken.fields.sender.value, 0u);
}

TEST(SignalQueue, CountsOnTheUserAndGivesBack) {
  Receiver r;
  ASSERT_TRUE(r.send(SIGTERM));
  ASSERT_TRUE(r.send(50, SI_QUEUE));
  EXPECT_EQ(r.user->queued_signals.load(), 2u);
  r.queue.discard(SignalSet::of(SIGTERM, 50));
  EXPECT_EQ(r.user->queued_signals.load(), 0u);
  EXPECT_TRUE(r.queue.set().empty());
}

TEST(SignalInfo, PutsTheKernelsFieldsWhereSiginfoHasThem) {
  const SignalInfo info = SignalInfo::fault(SIGSEGV, SEGV_MAPERR, 0x1234);
  const uapi::siginfo_t user = info.to_user();
  EXPECT_EQ(user.si_signo, SIGSEGV);
  EXPECT_EQ(user.si_code, SEGV_MAPERR);
  EXPECT_EQ(reinterpret_cast<std::uint64_t>(user._sifields._sigfault._addr), 0x1234u);
}

TEST(Actions, IgnoresByDefaultWhatSignalSevenSays) {
  const task::Actions actions;
  EXPECT_TRUE(actions.is_ignored(SIGCHLD));
  EXPECT_TRUE(actions.is_ignored(SIGWINCH));
  EXPECT_FALSE(actions.is_ignored(SIGTERM));
}

TEST(Actions, ExecKeepsIgnoredAndResetsCaught) {
  task::Actions actions;
  actions.set(SIGINT, {.handler = 1, .flags = SA_RESTART});
  actions.set(SIGTERM, {.handler = 0x1000, .mask = 5});
  actions.flush_for_exec();
  EXPECT_TRUE(actions.get(SIGINT).is_ignore());
  EXPECT_EQ(actions.get(SIGINT).flags, 0u);
  EXPECT_TRUE(actions.get(SIGTERM).is_default());
  EXPECT_FALSE(actions.is_caught(SIGTERM));
}

TEST(Actions, CopyTakesOnlyWhatWasSet) {
  task::Actions from;
  from.set(SIGUSR1, {.handler = 0x2000, .flags = SA_SIGINFO});
  task::Actions to;
  to.copy_from(from);
  EXPECT_EQ(to.get(SIGUSR1).handler, 0x2000u);
  EXPECT_TRUE(to.get(SIGUSR2).is_default());
  EXPECT_EQ(to.caught(), SignalSet::of(SIGUSR1));
}

TEST(Actions, ClearSighandKeepsIgnored) {
  task::Actions actions;
  actions.set(SIGINT, {.handler = 1});
  actions.set(SIGTERM, {.handler = 0x1000});
  actions.flush_caught();
  EXPECT_TRUE(actions.is_ignored(SIGINT));
  EXPECT_TRUE(actions.get(SIGTERM).is_default());
}

namespace {

/// As a POSIX timer's: lives outside the queue.
struct OwnedRecord : task::QueuedSignal {
  OwnedRecord(int number, k::Ref<task::User> user) : QueuedSignal(info_of(number), std::move(user), &told) {}
  static SignalInfo info_of(int number) {
    SignalInfo info = SignalInfo::from_kernel(number);
    info.code = SI_TIMER;
    return info;
  }
  static void told(task::QueuedSignal& record, Left how, SignalInfo& info) {
    auto& self = static_cast<OwnedRecord&>(record);
    ++(how == Left::taken ? self.taken : self.discarded);
    info.fields.timer.overrun = 5;
  }
  int taken = 0, discarded = 0;
};

}  // namespace

TEST(SignalQueue, TellsTheOwnerOfARecordThatItWasTaken) {
  Receiver r;
  OwnedRecord record{SIGUSR1, r.user};
  r.queue.add_record(record);
  EXPECT_TRUE(record.queued);
  const SignalInfo taken = r.queue.take(SignalSet::of(SIGUSR1));
  EXPECT_EQ(taken.code, SI_TIMER);
  EXPECT_EQ(taken.fields.timer.overrun, 5) << "the owner completes what the taker gets";
  EXPECT_FALSE(record.queued);
  EXPECT_EQ(record.taken, 1);
  EXPECT_TRUE(r.queue.set().empty());
  r.queue.add_record(record);
  r.queue.discard(SignalSet::of(SIGUSR1));
  EXPECT_EQ(record.discarded, 1);
}

TEST(SignalQueue, StandardSignalWaitsOnceForEachOwnedRecord) {
  Receiver r;
  OwnedRecord one{SIGUSR1, r.user}, two{SIGUSR1, r.user};
  r.queue.add_record(one);
  r.queue.add_record(two);
  (void)r.queue.take(SignalSet::of(SIGUSR1));
  EXPECT_EQ(one.taken, 1);
  EXPECT_TRUE(r.queue.set().has(SIGUSR1));
  (void)r.queue.take(SignalSet::of(SIGUSR1));
  EXPECT_EQ(two.taken, 1);
  EXPECT_TRUE(r.queue.set().empty());
}

TEST(SignalQueue, DiscardingRecordsKeepsWhatOthersSent) {
  Receiver r;
  OwnedRecord usr1{SIGUSR1, r.user}, usr2{SIGUSR2, r.user};
  r.queue.add_record(usr1);
  ASSERT_TRUE(r.send(SIGUSR2));
  r.queue.add_record(usr2);
  r.queue.discard_records();
  EXPECT_FALSE(r.queue.set().has(SIGUSR1));
  EXPECT_TRUE(r.queue.set().has(SIGUSR2));
  EXPECT_EQ(r.queue.queued(), 1u);
  EXPECT_EQ(r.queue.take(SignalSet::of(SIGUSR2)).code, SI_USER);
}

TEST(SignalQueue, RecordsCountOnTheUserUntilTheyAreGone) {
  Receiver r;
  {
    OwnedRecord record{SIGUSR1, r.user};
    EXPECT_EQ(r.user->queued_signals.load(), 1u);
    record.stop_counting();
    EXPECT_EQ(r.user->queued_signals.load(), 0u);
  }
  EXPECT_EQ(r.user->queued_signals.load(), 0u) << "once only";
}

namespace {

using k::test::HostThread;
using GuardedQueue = k::Guarded<SignalQueue, k::sync::Rank::sighand>;

/// A real-time signal that says who sent it and which of that sender's it is.
SignalInfo numbered(unsigned sender, std::uint32_t n) {
  SignalInfo info = SignalInfo::from_user(40 + static_cast<int>(sender), SI_QUEUE, 42, 7);
  info.fields.sender.value = n;
  return info;
}

}  // namespace

TEST(SignalQueue, SendersAndTakersOfOneProcessLoseNothingAndKeepTheOrder) {
  constexpr unsigned kSenders = 3;
  constexpr std::uint32_t kEach = 2'000;
  GuardedQueue queue;
  std::atomic<std::uint32_t> taken{0};
  {
    const auto user = *task::User::find_or_create(1000);
    std::vector<std::unique_ptr<HostThread>> senders;
    for (unsigned sender = 0; sender < kSenders; ++sender) {
      senders.push_back(std::make_unique<HostThread>([&, sender] {
        for (std::uint32_t n = 0; n < kEach;) {
          k::Locked signals{queue};
          // The limit is reached now and then: the sender comes again.
          if (signals->add(numbered(sender, n), *user, 64)) ++n;
        }
      }));
    }
    HostThread taker{[&] {
      std::array<std::uint32_t, kSenders> next{};
      while (taken < kSenders * kEach) {
        k::Locked signals{queue};
        if (signals->set().empty()) continue;
        const SignalInfo info = signals->take(signals->set());
        EXPECT_EQ(info.fields.sender.value, next[static_cast<unsigned>(info.number - 40)]++);
        ++taken;
      }
    }};
    taker.join();
    senders.clear();
    EXPECT_EQ(user->queued_signals, 0u);
  }
  EXPECT_EQ(taken, kSenders * kEach);
}

TEST(SignalQueue, ProcessesOfOneUserCountTogether) {
  // Each has a queue and lock of its own; the user comes and goes with what is queued.
  constexpr int kProcesses = 4, kRounds = 500;
  std::vector<std::unique_ptr<HostThread>> processes;
  std::atomic<std::uint32_t> most{0};
  for (int p = 0; p < kProcesses; ++p) {
    processes.push_back(std::make_unique<HostThread>([&] {
      for (int round = 0; round < kRounds; ++round) {
        const auto user = *task::User::find_or_create(4242);
        EXPECT_EQ(user->uid(), 4242u);
        GuardedQueue queue;
        k::Locked signals{queue};
        for (std::uint32_t n = 0; n < 5; ++n) EXPECT_TRUE(signals->add(numbered(0, n), *user, kNoLimit).has_value());
        const std::uint32_t counted = user->queued_signals;
        EXPECT_GE(counted, 5u);
        EXPECT_LE(counted, 5u * kProcesses);
        most = std::max<std::uint32_t>(most, counted);
      }
    }));
  }
  processes.clear();
  EXPECT_EQ((*task::User::find_or_create(4242))->queued_signals, 0u);
}

TEST(Actions, ProcessesThatShareThemChangeThemOneAtATime) {
  // As CLONE_SIGHAND without CLONE_THREAD: two process locks, one table.
  auto table = k::make_ref<task::SharedActions>().value();
  constexpr int kRounds = 3'000;
  const auto process = [&] {
    const auto mine = table;
    k::sync::SpinIrq<k::sync::Rank::sighand> signals;
    for (int i = 0; i < kRounds; ++i) {
      k::sync::LockHeld held{signals};
      task::Dispositions actions{*mine};
      task::Action action = actions->get(SIGUSR1);
      ++action.mask;
      ++action.restorer;
      actions->set(SIGUSR1, action);
    }
  };
  HostThread one{process}, two{process};
  one.join(), two.join();
  EXPECT_EQ(table->actions.get(SIGUSR1).mask, 2u * kRounds);
  EXPECT_EQ(table->actions.get(SIGUSR1).restorer, 2u * kRounds);
}

#include "fs/event/epoll.h"

#include <vector>

#include "fs/event/epoll_file.h"
#include "fs/event/event_counter.h"
#include "fs/vfs/anonymous.h"
#include "test/unit/support/alloc_failure.h"
#include "test/unit/support/vfs.h"

namespace event = k::fs::event;
using event::EpollFile;
using event::EventCounter;
using k::Ref;
using k::test::HostThread;
using k::test::VfsTest;

namespace {

void start_anonymous_files() {
  static const bool started = k::fs::init_anonymous_files().has_value();
  ASSERT_TRUE(started);
}

struct EpollTest : VfsTest {
  EpollTest() { start_anonymous_files(); }

  static Ref<EpollFile> instance() { return EpollFile::create().value(); }
  static Ref<EventCounter> counter(std::uint64_t n = 0) {
    return EventCounter::create(n, EventCounter::Reads::all, k::lib::Flags{O_NONBLOCK}).value();
  }
  static void bump(EventCounter& c, std::uint64_t n = 1) {
    k::IoBuffer from = k::IoBuffer::kernel(std::as_bytes(std::span{&n, 1}));
    EXPECT_EQ(c.write_next(from, {}).value(), 8u);
  }
  static std::uint64_t drain(EventCounter& c) {
    std::uint64_t n = 0;
    k::IoBuffer to = k::IoBuffer::kernel(std::as_writable_bytes(std::span{&n, 1}));
    return c.read_next(to) ? n : 0;
  }
  static std::vector<std::uint64_t> ready(EpollFile& file, unsigned most = 100) {
    std::vector<std::uint64_t> data;
    EXPECT_TRUE(file.epoll()
                    .take(most,
                          [&](unsigned, std::uint32_t, std::uint64_t d) {
                            data.push_back(d);
                            return k::Result<void>{};
                          })
                    .has_value());
    return data;
  }
  using Data = std::vector<std::uint64_t>;
};

TEST_F(EpollTest, OnlyWhatArrivedIsReady) {
  auto ep = instance();
  std::vector<Ref<EventCounter>> counters;
  for (int i = 0; i < 1000; ++i) {
    counters.push_back(counter());
    EXPECT_OK(ep->epoll().add(*counters.back(), i, {EPOLLIN, static_cast<std::uint64_t>(i)}));
  }
  EXPECT_FALSE(ep->epoll().may_be_ready());
  for (const int i : {700, 3, 999}) bump(*counters[static_cast<std::size_t>(i)]);
  EXPECT_EQ(ready(*ep), (Data{700, 3, 999})) << "in order of arrival";
  EXPECT_EQ(ready(*ep).size(), 3u) << "level-triggered";
  for (auto& c : counters) drain(*c);
  EXPECT_EQ(ready(*ep), Data{});
  EXPECT_FALSE(ep->epoll().may_be_ready());
}

TEST_F(EpollTest, AnEdgeIsToldOnce) {
  auto ep = instance();
  auto c = counter(1);
  EXPECT_OK(ep->epoll().add(*c, 3, {EPOLLIN | EPOLLET, 7}));
  EXPECT_EQ(ready(*ep), Data{7});
  EXPECT_EQ(ready(*ep), Data{});
  bump(*c), bump(*c);
  EXPECT_EQ(ready(*ep), Data{7});
  EXPECT_EQ(ready(*ep), Data{});
}

TEST_F(EpollTest, OneShotSleepsUntilModified) {
  auto ep = instance();
  auto c = counter(1);
  EXPECT_OK(ep->epoll().add(*c, 3, {EPOLLIN | EPOLLONESHOT, 7}));
  EXPECT_EQ(ready(*ep), Data{7});
  bump(*c);
  EXPECT_FALSE(ep->epoll().may_be_ready());
  EXPECT_OK(ep->epoll().modify(*c, 3, {EPOLLIN | EPOLLONESHOT, 8}));
  EXPECT_EQ(ready(*ep), Data{8});
}

TEST_F(EpollTest, ARefusedEntryStaysInFront) {
  auto ep = instance();
  auto a = counter(), b = counter();
  EXPECT_OK(ep->epoll().add(*a, 1, {EPOLLIN | EPOLLET, 1}));
  EXPECT_OK(ep->epoll().add(*b, 2, {EPOLLIN | EPOLLET, 2}));
  bump(*a), bump(*b);
  const auto refuse = [](unsigned, std::uint32_t, std::uint64_t) { return k::Result<void>{k::err(k::Errno::fault)}; };
  EXPECT_ERRNO(ep->epoll().take(4, refuse), fault);
  EXPECT_EQ(ready(*ep), (Data{1, 2}));
}

TEST_F(EpollTest, EntriesAreNamedByNumberAndFile) {
  auto ep = instance();
  auto a = counter(), b = counter();
  EXPECT_OK(ep->epoll().add(*a, 5, {EPOLLIN, 1}));
  EXPECT_ERRNO(ep->epoll().add(*a, 5, {EPOLLIN, 1}), exist);
  EXPECT_OK(ep->epoll().add(*b, 5, {EPOLLIN, 2}));
  EXPECT_OK(ep->epoll().add(*a, 6, {EPOLLIN, 3}));
  EXPECT_ERRNO(ep->epoll().remove(*b, 6), noent);
  EXPECT_OK(ep->epoll().remove(*a, 5));
  bump(*a), bump(*b);
  EXPECT_EQ(ready(*ep), (Data{3, 2}));
}

TEST_F(EpollTest, AFileThatGoesTakesItsEntriesAlong) {
  auto first = instance(), second = instance();
  {
    auto c = counter(1);
    EXPECT_OK(first->epoll().add(*c, 1, {EPOLLIN, 1}));
    EXPECT_OK(first->epoll().add(*c, 2, {EPOLLIN, 2}));
    EXPECT_OK(second->epoll().add(*c, 1, {EPOLLIN, 3}));
    EXPECT_EQ(ready(*first).size(), 2u);
  }
  EXPECT_EQ(ready(*first), Data{});
  EXPECT_EQ(ready(*second), Data{});
}

TEST_F(EpollTest, AnInstanceThatGoesLetsItsFilesBe) {
  auto c = counter(1);
  {
    auto ep = instance();
    EXPECT_OK(ep->epoll().add(*c, 1, {EPOLLIN, 1}));
  }
  bump(*c);
  EXPECT_TRUE(c->watches().empty());
}

TEST_F(EpollTest, LoopsAndLongChainsAreRefused) {
  std::vector<Ref<EpollFile>> chain;
  for (unsigned i = 0; i < event::kMostNesting + 2; ++i) chain.push_back(instance());
  // From the top down, which is the harder direction: what is below is short each time.
  for (unsigned i = 0; i < event::kMostNesting; ++i) EXPECT_OK(chain[i]->epoll().add(*chain[i + 1], 1, {EPOLLIN, i}));
  EXPECT_ERRNO(chain[event::kMostNesting]->epoll().add(*chain[event::kMostNesting + 1], 1, {EPOLLIN, 9}), loop);
  EXPECT_ERRNO(chain[event::kMostNesting]->epoll().add(*chain[0], 1, {EPOLLIN, 9}), loop);
  auto c = counter();
  EXPECT_OK(chain[event::kMostNesting]->epoll().add(*c, 2, {EPOLLIN, 5}));
  bump(*c);
  EXPECT_EQ(ready(*chain[0]), Data{0});
  EXPECT_OK(chain[1]->epoll().remove(*chain[2], 1));
  EXPECT_OK(chain[event::kMostNesting]->epoll().add(*chain[0], 1, {EPOLLIN, 9}));
}

TEST_F(EpollTest, AddingEitherWorksOrLeavesNothing) {
  auto c = counter(1);
  k::test::fail_each_allocation(
      [&] {
        auto ep = EpollFile::create();
        return ep && (*ep)->epoll().add(*c, 1, {EPOLLIN, 1}).has_value();
      },
      [&] { EXPECT_TRUE(c->watches().empty()); });
}

TEST_F(EpollTest, OfExclusiveInstancesOneThatWaitsIsWoken) {
  auto c = counter();
  std::vector<Ref<EpollFile>> instances{instance(), instance(), instance()};
  std::atomic<int> woken{0};
  std::atomic<bool> over{false};
  for (auto& ep : instances) EXPECT_OK(ep->epoll().add(*c, 1, {EPOLLIN | EPOLLEXCLUSIVE, 1}));
  auto stop = counter();
  for (auto& ep : instances) EXPECT_OK(ep->epoll().add(*stop, 2, {EPOLLIN, 2}));
  std::vector<std::unique_ptr<HostThread>> waiters;
  for (auto& ep : instances) {
    waiters.push_back(std::make_unique<HostThread>([&] {
      EXPECT_OK(ep->epoll().wait(k::Deadline::never()));
      if (!over) ++woken;
    }));
  }
  for (auto& w : waiters) k::test::until([&] { return w->state() == k::sched::ThreadState::interruptible; });
  bump(*c);
  k::test::until([&] { return woken == 1; });
  over = true;
  bump(*stop);
  waiters.clear();
  EXPECT_EQ(woken, 1);
}

TEST_F(EpollTest, NoEventIsLostBetweenWritersAndWaiters) {
  constexpr int kCounters = 8, kPerCounter = 2000;
  auto ep = instance();
  std::vector<Ref<EventCounter>> counters;
  for (int i = 0; i < kCounters; ++i) {
    counters.push_back(counter());
    EXPECT_OK(ep->epoll().add(*counters.back(), i, {EPOLLIN | EPOLLET, static_cast<std::uint64_t>(i)}));
  }
  std::atomic<std::uint64_t> taken{0};
  const auto serve = [&] {
    while (taken < kCounters * kPerCounter) {
      (void)ep->epoll().wait(k::Deadline::after(1'000'000));
      for (const std::uint64_t i : ready(*ep, 3)) taken += drain(*counters[i]);
    }
  };
  HostThread a{serve}, b{serve};
  const auto write = [&](int from) {
    for (int n = 0; n < kPerCounter; ++n)
      for (int i = from; i < kCounters; i += 2) bump(*counters[static_cast<std::size_t>(i)]);
  };
  HostThread odd{[&] { write(1); }}, even{[&] { write(0); }};
  odd.join(), even.join(), a.join(), b.join();
  EXPECT_EQ(taken, static_cast<std::uint64_t>(kCounters * kPerCounter));
}

TEST_F(EpollTest, FilesAndInstancesMayGoWhileEventsCome) {
  for (int round = 0; round < 50; ++round) {
    auto c = counter();
    auto ep = instance(), outer = instance();
    EXPECT_OK(outer->epoll().add(*ep, 1, {EPOLLIN, 1}));
    EXPECT_OK(ep->epoll().add(*c, 1, {EPOLLIN, 1}));
    HostThread writer{[c = c] {
      for (int i = 0; i < 50; ++i) bump(*c);
    }};
    HostThread changer{[&, ep = ep] {
      for (int i = 0; i < 20; ++i) {
        (void)ep->epoll().remove(*c, 1);
        (void)ready(*ep);
        (void)ep->epoll().add(*c, 1, {EPOLLIN | EPOLLET, 2});
      }
    }};
    HostThread asker{[outer = outer] {
      for (int i = 0; i < 50; ++i) (void)ready(*outer);
    }};
    changer.join();
    {
      auto gone = std::move(ep);
    }
    {
      auto gone = std::move(outer);
    }
    writer.join(), asker.join();
  }
}

}  // namespace

#include <atomic>
#include <memory>
#include <vector>

#include "test/unit/mm/vm/space_fixture.h"
#include "test/unit/support/host_threads.h"

namespace mm = k::mm;
using k::test::kPage;
using k::test::kRead;
using k::test::kReadWrite;

namespace {

constexpr std::uint64_t kBase = 0x10'0000'0000;
constexpr unsigned kThreads = 4;
constexpr std::size_t kPages = 600;

/// However the thread that changes things ends, the others end with it.
struct Stop {
  std::atomic<bool>& flag;
  ~Stop() { flag = true; }
};

class ConcurrentFault : public k::test::SpaceTest {
 protected:
  /// Runs `body` on several host threads, each a CPU of its own.
  template <class Body>
  static void on_threads(Body body) {
    std::vector<std::unique_ptr<k::test::HostThread>> threads;
    for (unsigned id = 1; id <= kThreads; ++id)
      threads.push_back(std::make_unique<k::test::HostThread>([id, &body] { body(id); }));
  }
};

TEST_F(ConcurrentFault, ThreadsThatTouchTheSamePagesGetOneFrameEach) {
  map(kPages, kReadWrite, kBase);
  on_threads([&](unsigned) {
    for (std::size_t i = 0; i < kPages; ++i) {
      ASSERT_EQ(space().fault(k::UserAddr{kBase + i * kPage},
                              k::arch::FaultAccess{k::arch::FaultAccess::kWrite | k::arch::FaultAccess::kUser}),
                k::arch::FaultResult::resolved);
    }
  });
  EXPECT_EQ(in_use(), kPages);
  EXPECT_EQ(space().usage().anonymous_pages, kPages);
}

TEST_F(ConcurrentFault, ThreadsThatWriteAfterForkCopyEachPageOnce) {
  map(kPages, kReadWrite, kBase);
  for (std::size_t i = 0; i < kPages; ++i) poke(kBase + i * kPage, 1);
  auto child = space().fork().value();
  on_threads([&](unsigned cpu) {
    mm::AddressSpace& s = cpu % 2 == 0 ? *child : space();
    for (std::size_t i = 0; i < kPages; ++i) {
      ASSERT_EQ(s.fault(k::UserAddr{kBase + i * kPage},
                        k::arch::FaultAccess{k::arch::FaultAccess::kPresent | k::arch::FaultAccess::kWrite |
                                             k::arch::FaultAccess::kUser}),
                k::arch::FaultResult::resolved);
    }
  });
  EXPECT_LE(in_use(), 2 * kPages);
  for (std::size_t i = 0; i < kPages; ++i) {
    ASSERT_TRUE(poke(*child, kBase + i * kPage, 2));
    ASSERT_EQ(peek(kBase + i * kPage), 1);
  }
  EXPECT_EQ(in_use(), 2 * kPages);
}

/// Faults of three threads on areas of their own, beside one that changes what lies between them: each keeps what it wrote.
TEST_F(ConcurrentFault, ChangesOfOtherAreasLoseNoPage) {
  constexpr std::size_t kOwn = 40;
  const auto own = [](unsigned cpu) { return kBase + cpu * 4 * kOwn * kPage; };
  for (unsigned cpu = 1; cpu <= 3; ++cpu) map(kOwn, kReadWrite, own(cpu));
  std::atomic<bool> stop{false};
  on_threads([&](unsigned cpu) {
    if (cpu == kThreads) {
      const Stop at_end{stop};
      // The neighbours are joined to the areas, split from them, protected and moved, in the same leaf tables.
      for (int round = 0; round < 60; ++round) {
        for (unsigned other = 1; other <= 3; ++other) {
          const std::uint64_t next = own(other) + kOwn * kPage;
          map(kOwn, kReadWrite, next);
          ASSERT_TRUE(poke(next, 1));
          ASSERT_TRUE(space().protect(k::UserAddr{next + kPage}, kPage, mm::AreaFlag::read));
          ASSERT_TRUE(space().remap({.address = k::UserAddr{next + 8 * kPage},
                                     .old_bytes = 2 * kPage,
                                     .new_bytes = 3 * kPage,
                                     .flags = 1,
                                     .new_address = {}},
                                    {}));
          ASSERT_TRUE(space().unmap(k::UserAddr{next}, kOwn * kPage));
        }
      }
      return;
    }
    for (char value = 1; !stop; value = static_cast<char>(value % 100 + 1)) {
      for (std::size_t i = 0; i < kOwn; ++i) ASSERT_TRUE(poke(own(cpu) + i * kPage, value));
      for (std::size_t i = 0; i < kOwn; ++i) ASSERT_EQ(peek(own(cpu) + i * kPage), value);
      ASSERT_TRUE(space().advise(k::UserAddr{own(cpu)}, kOwn * kPage, 4));
      ASSERT_EQ(peek(own(cpu)), 0);
    }
  });
}

/// A thread in an area that another one takes away and puts back, protects and forks: it sees its page, zeros, or a fault that is due.
TEST_F(ConcurrentFault, AnAreaThatGoesAwayUnderItsFaultsIsThereOrNot) {
  map(kPages, kReadWrite, kBase);
  std::atomic<bool> stop{false};
  on_threads([&](unsigned cpu) {
    if (cpu == 1) {
      const Stop at_end{stop};
      for (int round = 0; round < 200; ++round) {
        map(kPages, round % 2 == 0 ? kReadWrite : kRead, kBase);
        ASSERT_TRUE(space().protect(k::UserAddr{kBase}, kPages * kPage / 2, mm::AreaFlag::read | mm::AreaFlag::write));
        if (round % 20 == 0) ASSERT_TRUE(space().fork());
        ASSERT_TRUE(space().unmap(k::UserAddr{kBase + kPage}, kPages / 2 * kPage));
      }
      return;
    }
    for (std::size_t i = cpu; !stop; i = (i + 7) % kPages) {
      const std::uint64_t at = kBase + i * kPage;
      const k::arch::FaultResult result = fault(at, i % 2 == 0 ? mm::Access::write : mm::Access::read);
      ASSERT_TRUE(result == k::arch::FaultResult::resolved || result == k::arch::FaultResult::not_mapped ||
                  result == k::arch::FaultResult::not_permitted);
    }
  });
}

}  // namespace

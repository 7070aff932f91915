#include <thread>

#include "arch/include/arch/percpu.h"
#include "test/unit/mm/vm/space_fixture.h"

namespace mm = k::mm;
using k::test::kPage;
using k::test::kReadWrite;

namespace {

constexpr std::uint64_t kBase = 0x10'0000'0000;
constexpr unsigned kThreads = 4;
constexpr std::size_t kPages = 600;

class ConcurrentFault : public k::test::SpaceTest {
 protected:
  /// Runs `body` on several host threads, each a CPU of its own.
  template <class Body>
  static void on_threads(Body body) {
    std::vector<std::thread> threads;
    for (unsigned cpu = 1; cpu <= kThreads; ++cpu) {
      threads.emplace_back([cpu, &body] {
        k::arch::host_bind_cpu(cpu);
        body(cpu);
      });
    }
    for (std::thread& t : threads) t.join();
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

}  // namespace

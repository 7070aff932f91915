#include "kernel/sync/seq_lock.h"

#include <atomic>

#include "test/unit/support/host_threads.h"

namespace ksync = k::sync;
using k::test::HostThread;

namespace {

struct Pair {
  std::uint64_t a, b;
};

TEST(SeqLocked, ReadersNeverSeeHalfAWrite) {
  ksync::SeqLocked<Pair, ksync::Rank::timer_queue> shared;
  std::atomic<bool> stop{false};
  HostThread writer{[&] {
    for (std::uint64_t i = 0; i < 50'000; ++i) shared.write({i, ~i});
    stop = true;
  }};
  shared.write({0, ~std::uint64_t{0}});
  HostThread reader{[&] {
    while (!stop) {
      const Pair p = shared.read();
      ASSERT_EQ(p.a, ~p.b);
    }
  }};
}

}  // namespace

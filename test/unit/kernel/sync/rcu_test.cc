#include "kernel/sync/rcu.h"

#include <atomic>
#include <memory>
#include <vector>

#include "test/unit/support/host_threads.h"

namespace rcu = k::sync::rcu;
using k::test::AsThread;
using k::test::HostThread;

namespace {

struct Node {
  std::atomic<int> value{1};
  rcu::Head rcu_head;
  static inline std::atomic<int> live{0};
  Node() { ++live; }
  ~Node() {
    value = 0;
    --live;
  }
};

TEST(Rcu, ReadersNeverSeeWhatWasFreed) {
  AsThread me;
  ASSERT_TRUE(k::test::start_rcu());
  std::atomic<Node*> shared{new Node};
  std::atomic<bool> stop{false};
  std::vector<std::unique_ptr<HostThread>> readers;
  for (int i = 0; i < 3; ++i)
    readers.push_back(std::make_unique<HostThread>([&] {
      while (!stop) {
        {
          rcu::ReadGuard reading;
          ASSERT_EQ(rcu::load(shared)->value, 1);
        }
        rcu::quiescent();
      }
    }));
  for (int i = 0; i < 2'000; ++i) {
    rcu::free_later(shared.exchange(new Node));
    rcu::quiescent();
  }
  stop = true;
  readers.clear();
  rcu::free_later(shared.exchange(nullptr));
  for (int spin = 0; Node::live != 0 && spin < 100; ++spin) rcu::barrier();
  EXPECT_EQ(Node::live, 0);
}

}  // namespace

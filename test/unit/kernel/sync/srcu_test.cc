#include "kernel/sync/srcu.h"

#include <atomic>
#include <memory>
#include <vector>

#include "test/unit/support/host_threads.h"

namespace ksync = k::sync;
using k::test::AsThread;
using k::test::HostThread;
using k::test::until;

namespace {

using Srcu = ksync::Srcu<ksync::Rank::mmap>;

TEST(Srcu, SynchronizeWaitsForWhoIsInside) {
  AsThread me;
  Srcu srcu;
  std::atomic<bool> through{false};
  ksync::SrcuCore::Counter& inside = srcu.read_lock();
  HostThread writer{[&] {
    srcu.synchronize();
    through = true;
  }};
  until([&] { return writer.state() == k::sched::ThreadState::uninterruptible; });
  EXPECT_FALSE(through);
  srcu.read_unlock(inside);
  writer.join();
  EXPECT_TRUE(through);
}

TEST(Srcu, WhoComesLaterHoldsNobodyUp) {
  AsThread me;
  Srcu srcu;
  std::atomic<bool> late_inside{false}, leave{false};
  ksync::SrcuCore::Counter& early = srcu.read_lock();
  HostThread writer{[&] { srcu.synchronize(); }};
  until([&] { return writer.state() == k::sched::ThreadState::uninterruptible; });
  HostThread late{[&] {
    const ksync::SrcuHeld held{srcu};
    late_inside = true;
    until([&] { return leave.load(); });
  }};
  until([&] { return late_inside.load(); });
  srcu.read_unlock(early);
  writer.join();  // though `late` is inside
  leave = true;
  late.join();
  srcu.synchronize();
}

struct Thing {
  std::atomic<int> value{1};
  ~Thing() { value = 0; }
};

TEST(Srcu, ReadersNeverSeeWhatWasFreedThoughTheyMoveBetweenCpus) {
  AsThread me;
  ksync::SrcuCore srcu;
  std::atomic<Thing*> shared{new Thing};
  std::atomic<bool> stop{false};
  std::atomic<int> rounds{0};
  std::vector<std::unique_ptr<HostThread>> readers;
  for (int i = 0; i < 4; ++i)
    readers.push_back(std::make_unique<HostThread>([&] {
      while (!stop) {
        ksync::SrcuCore::Counter& inside = srcu.read_lock();
        EXPECT_EQ(shared.load()->value, 1);
        k::test::on_another_cpu([&] {
          EXPECT_EQ(shared.load()->value, 1);
          srcu.read_unlock(inside);
        });
        ++rounds;
      }
    }));
  while (rounds < 5'000) {
    Thing* const old = shared.exchange(new Thing);
    srcu.synchronize();
    delete old;
  }
  stop = true;
  readers.clear();
  delete shared.load();
}

}  // namespace

#include "kernel/sync/mutex.h"

#include <atomic>
#include <memory>
#include <vector>

#include "kernel/sync/guarded.h"
#include "test/unit/support/host_threads.h"

namespace ksync = k::sync;
using k::test::AsThread;
using k::test::HostThread;
using k::test::until;

namespace {

template <class Body>
void run_threads(int n, Body body) {
  std::vector<std::unique_ptr<HostThread>> threads;
  for (int i = 0; i < n; ++i) threads.push_back(std::make_unique<HostThread>([=] { body(i); }));
  // All end before any is freed: a spinning waiter may look at the owner's Thread, which RCU would keep.
  for (auto& thread : threads) thread->join();
}

TEST(Mutex, ExcludesUnderContention) {
  ksync::Guarded<long, ksync::Rank::pipe> counter{0L};
  run_threads(6, [&](int) {
    for (int i = 0; i < 5'000; ++i) {
      ksync::Locked c{counter};
      *c = *c + 1;
    }
  });
  EXPECT_EQ(counter.unguarded(), 30'000);
  EXPECT_FALSE(counter.lock().is_locked());
}
TEST(Mutex, ASleepingWaiterIsNotStarvedByNewcomers) {
  ksync::Mutex<ksync::Rank::pipe> mutex;
  std::atomic<bool> stop{false}, got{false};
  HostThread greedy{[&] {
    while (!stop) {
      mutex.lock();
      mutex.unlock();
    }
  }};
  HostThread patient{[&] {
    for (int i = 0; i < 200; ++i) {
      mutex.lock();
      mutex.unlock();
    }
    got = true;
  }};
  patient.join();
  stop = true;
  greedy.join();
  EXPECT_TRUE(got);
}
TEST(Mutex, TryLockFailsWhenHeld) {
  AsThread me;
  ksync::Mutex<ksync::Rank::pipe> mutex;
  if (!mutex.try_lock()) FAIL();
  EXPECT_TRUE(mutex.held_by_me());
  HostThread other{[&] { EXPECT_FALSE(mutex.try_lock()); }};
  other.join();
  mutex.unlock();
  EXPECT_FALSE(mutex.is_locked());
}

TEST(RwLock, WritersExcludeEverybodyReadersShare) {
  ksync::RwLock<ksync::Rank::mmap> lock;
  long value = 0;
  std::atomic<int> readers{0}, most{0};
  run_threads(6, [&](int id) {
    for (int i = 0; i < 3'000; ++i) {
      if (id < 2) {
        ksync::LockHeld write{lock};
        EXPECT_EQ(readers, 0);
        ++value;
      } else {
        ksync::ReadHeld read{lock};
        most = std::max<int>(most, ++readers);
        --readers;
      }
    }
  });
  EXPECT_EQ(value, 6'000);
  EXPECT_FALSE(lock.is_locked());
}

TEST(RwLock, ReadersMayLeaveOnAnotherCpuThanTheyCameOn) {
  ksync::RwLockCore lock;
  long value = 0;
  std::atomic<int> readers{0};
  run_threads(6, [&](int id) {
    for (unsigned i = 0; i < 5'000; ++i) {
      if (id < 2) {
        lock.lock();
        EXPECT_EQ(readers, 0);
        ++value;
        lock.unlock();
        continue;
      }
      if (i % 3 != 0 || !lock.try_lock_shared()) lock.lock_shared();
      ++readers;  // the writers look
      --readers;
      k::test::on_another_cpu([&] { lock.unlock_shared(); });
    }
  });
  EXPECT_EQ(value, 10'000);
  EXPECT_FALSE(lock.is_locked());
}
TEST(RwLock, AWaitingWriterGoesBeforeLaterReaders) {
  AsThread me;
  ksync::RwLock<ksync::Rank::mmap> lock;
  std::atomic<int> order{0}, writer_at{0}, reader_at{0};
  lock.lock_shared();
  HostThread writer{[&] {
    ksync::LockHeld write{lock};
    writer_at = ++order;
  }};
  until([&] { return writer.state() == k::sched::ThreadState::uninterruptible; });
  EXPECT_FALSE(lock.try_lock_shared());
  HostThread reader{[&] {
    ksync::ReadHeld read{lock};
    reader_at = ++order;
  }};
  until([&] { return reader.state() == k::sched::ThreadState::uninterruptible; });
  lock.unlock_shared();
  writer.join(), reader.join();
  EXPECT_EQ(writer_at, 1);
  EXPECT_EQ(reader_at, 2);
}
void downgrade(ksync::RwLock<ksync::Rank::mmap>& lock) HT_NO_ANALYSIS { lock.downgrade(); }
void unlock_shared(ksync::RwLock<ksync::Rank::mmap>& lock) HT_NO_ANALYSIS { lock.unlock_shared(); }
void lock_exclusive(ksync::RwLock<ksync::Rank::mmap>& lock) HT_NO_ANALYSIS { lock.lock(); }

TEST(RwLock, DowngradeLetsReadersInAndKeepsWritersOut) {
  AsThread me;
  ksync::RwLock<ksync::Rank::mmap> lock;
  lock_exclusive(lock);
  std::atomic<bool> read{false}, wrote{false};
  HostThread reader{[&] {
    ksync::ReadHeld held{lock};
    read = true;
  }};
  until([&] { return reader.state() == k::sched::ThreadState::uninterruptible; });
  downgrade(lock);
  reader.join();
  HostThread writer{[&] {
    ksync::LockHeld held{lock};
    wrote = true;
  }};
  until([&] { return writer.state() == k::sched::ThreadState::uninterruptible; });
  EXPECT_FALSE(wrote);
  unlock_shared(lock);
  writer.join();
  EXPECT_TRUE(wrote);
}

}  // namespace

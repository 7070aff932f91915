#include "fs/vfs/file_lock.h"

#include <random>

#include "test/unit/support/host_threads.h"
#include "test/unit/support/vfs.h"

using k::fs::FileLocks;
using k::fs::LockType;
using k::fs::LockWait;
using k::fs::RecordLock;

namespace {

struct FileLockTest : testing::Test {
  k::Result<void> set(int owner, LockType type, std::uint64_t first, std::uint64_t last, LockWait wait = LockWait::no) {
    return locks.set_record(of(owner, type, first, last), wait);
  }
  RecordLock of(int owner, LockType type, std::uint64_t first, std::uint64_t last) {
    return {.owner = &owners[owner], .pid = owner + 1, .type = type, .first = first, .last = last};
  }
  int owners[4] = {};
  FileLocks locks;
  k::test::AsThread me;
};

TEST_F(FileLockTest, BehavesLikeAnArrayOfBytes) {
  std::mt19937 random{5};
  LockType bytes[3][40];
  for (auto& owner : bytes) std::fill(std::begin(owner), std::end(owner), LockType::unlock);
  for (int i = 0; i < 20'000; ++i) {
    const int owner = static_cast<int>(random() % 3);
    const auto type = static_cast<LockType>(random() % 3);
    const std::uint64_t first = random() % 40, last = first + random() % (40 - first);
    bool conflict = false;
    for (int other = 0; other < 3 && type != LockType::unlock; ++other) {
      for (std::uint64_t b = first; b <= last && other != owner; ++b) {
        conflict |=
            bytes[other][b] == LockType::write || (type == LockType::write && bytes[other][b] == LockType::read);
      }
    }
    ASSERT_EQ(set(owner, type, first, last).has_value(), !conflict);
    if (!conflict) std::fill(bytes[owner] + first, bytes[owner] + last + 1, type);
  }
}

TEST_F(FileLockTest, TestingTellsWhoIsInTheWay) {
  EXPECT_OK(set(0, LockType::write, 10, 19));
  const RecordLock found = locks.test_record(of(1, LockType::read, 0, 100));
  EXPECT_EQ(found.type, LockType::write);
  EXPECT_EQ(found.first, 10u);
  EXPECT_EQ(found.last, 19u);
  EXPECT_EQ(found.pid, 1);
  EXPECT_EQ(locks.test_record(of(0, LockType::write, 0, 100)).type, LockType::unlock);
}

TEST_F(FileLockTest, AWaiterGetsTheLockWhenItIsReleased) {
  EXPECT_OK(set(0, LockType::write, 0, 9));
  k::test::HostThread waiter{[&] { EXPECT_OK(set(1, LockType::write, 0, 9, LockWait::yes)); }};
  locks.drop_records_of(&owners[0]);
  waiter.join();
  EXPECT_ERRNO(set(0, LockType::read, 5, 5), again);
}

TEST_F(FileLockTest, ACircleOfWaitersIsRefused) {
  EXPECT_OK(set(0, LockType::write, 0, 0));
  EXPECT_OK(set(1, LockType::write, 1, 1));
  std::atomic<bool> done{false};
  k::test::HostThread waiter{[&] {
    EXPECT_OK(set(1, LockType::write, 0, 0, LockWait::yes));
    done = true;
  }};
  k::Result<void> outcome;
  do {
    outcome = set(0, LockType::write, 1, 1, LockWait::no);
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    outcome = set(0, LockType::write, 1, 1, LockWait::yes);
  } while (outcome.has_value());
  EXPECT_EQ(outcome.error(), k::Errno::deadlk);
  locks.drop_records_of(&owners[0]);
  waiter.join();
  EXPECT_TRUE(done);
}

TEST_F(FileLockTest, WholeFileLocksConvert) {
  EXPECT_OK(locks.set_whole(&owners[0], LockType::read, LockWait::no));
  EXPECT_OK(locks.set_whole(&owners[1], LockType::read, LockWait::no));
  EXPECT_ERRNO(locks.set_whole(&owners[0], LockType::write, LockWait::no), again);
  locks.drop_whole_of(&owners[1]);
  EXPECT_OK(locks.set_whole(&owners[0], LockType::write, LockWait::no));
  EXPECT_ERRNO(locks.set_whole(&owners[1], LockType::read, LockWait::no), again);
  EXPECT_OK(set(1, LockType::write, 0, 9));  // the two families do not see each other
}

}  // namespace

#include "fs/vfs/fd_table.h"

#include <random>
#include <set>

#include "test/unit/support/vfs.h"

namespace fs = k::fs;
using fs::FdFlag;
using fs::FdTable;
using k::test::VfsTest;

namespace {

constexpr std::uint64_t kLimit = 4096;

struct FdTableTest : VfsTest {
  FdTableTest() { EXPECT_OK(write_file("f", "x")); }
  k::Ref<fs::File> any_file() { return open("f", O_RDONLY).value(); }
  int install(std::uint64_t limit = kLimit) { return table->install(any_file(), FdFlag::none, limit).value(); }
  k::Ref<FdTable> table = FdTable::create().value();
  template <class T>
  using Ref = k::Ref<T>;
};

TEST_F(FdTableTest, TheLowestFreeNumberIsGiven) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(install(), i);
  EXPECT_OK(table->close(1));
  EXPECT_OK(table->close(3));
  EXPECT_EQ(install(), 1);
  EXPECT_EQ(install(), 3);
  EXPECT_EQ(install(), 5);
  EXPECT_EQ(table->reserve(kLimit, 100)->number(), 100);
}

TEST_F(FdTableTest, BehavesLikeASetOfNumbers) {
  std::mt19937 random{4};
  std::set<int> open_numbers;
  const auto file = any_file();
  for (int i = 0; i < 5'000; ++i) {
    if (random() % 5 < 3) {
      int lowest = 0;
      while (open_numbers.contains(lowest)) ++lowest;
      ASSERT_EQ(table->install(file, FdFlag::none, kLimit).value(), lowest);
      open_numbers.insert(lowest);
    } else {
      const int fd = static_cast<int>(random() % 200);
      ASSERT_EQ(table->close(fd).has_value(), open_numbers.erase(fd) == 1);
    }
  }
  for (int fd = 0; fd < 300; ++fd) ASSERT_EQ(table->get(fd).has_value(), open_numbers.contains(fd));
}

TEST_F(FdTableTest, AReservedNumberIsNotOpenAndComesBackWhenDropped) {
  {
    auto slot = table->reserve(kLimit).value();
    EXPECT_EQ(slot.number(), 0);
    EXPECT_ERRNO(table->get(0), badf);
    EXPECT_ERRNO(table->close(0), badf);
    EXPECT_EQ(install(), 1);
    EXPECT_OK(table->close(1));
  }
  EXPECT_EQ(install(), 0);
}

TEST_F(FdTableTest, TheLimitHolds) {
  EXPECT_EQ(install(2), 0);
  EXPECT_EQ(install(2), 1);
  EXPECT_ERRNO(table->install(any_file(), FdFlag::none, 2), mfile);
  EXPECT_ERRNO(table->duplicate_to(0, 2, FdFlag::none, 2), badf);
  EXPECT_OK(table->duplicate_to(0, 1, FdFlag::none, 2));
}

TEST_F(FdTableTest, DuplicatingOntoAnOpenNumberClosesIt) {
  const int a = install(), b = install();
  const auto old = k::Ref<fs::File>::share(**table->get(b));
  EXPECT_EQ(table->duplicate_to(a, b, FdFlag::cloexec, kLimit).value(), b);
  EXPECT_EQ(&**table->get(a), &**table->get(b));
  EXPECT_EQ(old->ref_count(), 1u);
  EXPECT_EQ(table->flag(b).value(), FdFlag::cloexec);
  EXPECT_EQ(table->duplicate_to(a, 700, FdFlag::none, kLimit).value(), 700);
  EXPECT_EQ(&**table->get(700), &**table->get(a));
}

TEST_F(FdTableTest, ExecClosesWhatIsMarked) {
  for (int i = 0; i < 130; ++i) install();
  for (const int fd : {0, 63, 64, 129}) EXPECT_OK(table->set_flag(fd, FdFlag::cloexec));
  table->close_on_exec();
  for (int fd = 0; fd < 130; ++fd) {
    const bool marked = fd == 0 || fd == 63 || fd == 64 || fd == 129;
    EXPECT_EQ(table->get(fd).has_value(), !marked) << fd;
  }
  EXPECT_EQ(install(), 0);
  EXPECT_EQ(table->flag(0).value(), FdFlag::none);
}

TEST_F(FdTableTest, ACopyHasTheSameFilesUnderTheSameNumbers) {
  for (int i = 0; i < 100; ++i) install();
  EXPECT_OK(table->close(50));
  EXPECT_OK(table->set_flag(70, FdFlag::cloexec));
  auto reserved = table->reserve(kLimit).value();
  auto twin = table->copy().value();
  EXPECT_ERRNO(twin->get(50), badf);
  EXPECT_EQ(&**twin->get(99), &**table->get(99));
  EXPECT_EQ(twin->flag(70).value(), FdFlag::cloexec);
  EXPECT_OK(table->close(99));
  EXPECT_OK(twin->get(99));
  EXPECT_EQ(twin->reserve(kLimit)->number(), 50);
}

TEST_F(FdTableTest, ASharedTableHandsOutCountedFiles) {
  const int fd = install();
  const k::Ref<FdTable> other_owner = table;
  auto handle = table->get(fd).value();
  EXPECT_EQ(handle->ref_count(), 2u);
  EXPECT_OK(other_owner->close(fd));
  EXPECT_EQ(handle->ref_count(), 1u);
  std::array<char, 1> byte;
  k::IoBuffer to = k::IoBuffer::kernel(std::as_writable_bytes(std::span<char>{byte}));
  EXPECT_EQ(handle->read_next(to).value(), 1u);
}

TEST_F(FdTableTest, APathDescriptorIsNoFileToReadFrom) {
  const int fd = table->install(open("f", O_PATH).value(), FdFlag::none, kLimit).value();
  EXPECT_ERRNO(table->get(fd), badf);
  EXPECT_OK(table->get_any(fd));
}

TEST_F(FdTableTest, CloseRangeClosesWhatIsOpenWithin) {
  for (int i = 0; i < 70; ++i) install();
  table->close_range(10, 66);
  EXPECT_EQ(table->next_open(10), 67);
  EXPECT_EQ(table->next_open(0), 0);
  EXPECT_EQ(install(), 10);
  table->close_range(0, ~0u);
  EXPECT_EQ(table->next_open(0), -1);
}

}  // namespace

/// mremap(2).
#include <sys/mman.h>

#include "support/check.h"
#include "support/files.h"
#include "support/memory.h"

using namespace systest;

namespace {

char* fresh(std::size_t pages) {
  void* p = mmap(nullptr, pages * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  EXPECT_OK(p);
  return static_cast<char*>(p);
}

}  // namespace

TEST(Mremap, ShrinksInPlace) {
  char* p = fresh(3);
  p[0] = 's';
  EXPECT_EQ(mremap(p, 3 * kPage, kPage, 0), p);
  EXPECT_EQ(p[0], 's');
  EXPECT_TRUE(fault_of([&] { peek(p + kPage); }));
  munmap(p, kPage);
}

TEST(Mremap, GrowsInPlaceWhereThereIsRoom) {
  char* p = fresh(4);
  ASSERT_OK(munmap(p + kPage, 3 * kPage));
  p[0] = 'g';
  EXPECT_EQ(mremap(p, kPage, 3 * kPage, 0), p);
  EXPECT_EQ(p[0], 'g');
  EXPECT_EQ(p[2 * kPage], 0);
  munmap(p, 3 * kPage);
}

TEST(Mremap, WithoutRoomNeedsMayMove) {
  char* p = fresh(3);
  p[0] = 'm';
  EXPECT_ERRNO(ENOMEM, mremap(p, kPage, 2 * kPage, 0));
  auto* moved = static_cast<char*>(mremap(p, kPage, 8 * kPage, MREMAP_MAYMOVE));
  ASSERT_OK(moved);
  EXPECT_NE(moved, p);
  EXPECT_EQ(moved[0], 'm');
  EXPECT_EQ(moved[7 * kPage], 0);
  EXPECT_TRUE(fault_of([&] { peek(p); })) << "the old place is gone";
  munmap(moved, 8 * kPage);
  munmap(p + kPage, 2 * kPage);
}

TEST(Mremap, FixedMovesOntoAMapping) {
  char* from = fresh(1);
  char* to = fresh(1);
  from[0] = 'f';
  to[0] = 't';
  EXPECT_EQ(mremap(from, kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED, to), to);
  EXPECT_EQ(to[0], 'f');
  EXPECT_TRUE(fault_of([&] { peek(from); }));
  munmap(to, kPage);
}

TEST(Mremap, RefusesBadArguments) {
  char* p = fresh(2);
  EXPECT_ERRNO(EINVAL, mremap(p + 1, kPage, kPage, 0));
  EXPECT_ERRNO(EINVAL, mremap(p, kPage, 0, 0));
  EXPECT_ERRNO(EINVAL, mremap(p, kPage, kPage, 0x80));
  EXPECT_ERRNO(EINVAL, mremap(p, kPage, kPage, MREMAP_FIXED, p + kPage)) << "fixed needs may-move";
  EXPECT_ERRNO(EINVAL, mremap(p, 2 * kPage, 2 * kPage, MREMAP_MAYMOVE | MREMAP_FIXED, p + kPage)) << "overlap";
  ASSERT_OK(munmap(p, 2 * kPage));
  EXPECT_ERRNO(EFAULT, mremap(p, kPage, 2 * kPage, MREMAP_MAYMOVE));
}

TEST(Mremap, SharedMappingStaysTheSameMemory) {
  put("file", std::string(2 * kPage, 'a'));
  Fd fd{open("file", O_RDWR)};
  void* first = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ASSERT_OK(first);
  auto* p = static_cast<char*>(mremap(first, kPage, 2 * kPage, MREMAP_MAYMOVE));
  ASSERT_OK(p);
  p[kPage] = 'X';
  EXPECT_EQ(slurp("file")[kPage], 'X');
  munmap(p, 2 * kPage);
}

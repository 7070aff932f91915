/// pkey_alloc(2), pkey_free(2), pkey_mprotect(2): what holds on a CPU with protection keys and on one without.
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/check.h"
#include "support/memory.h"

using namespace systest;

namespace {

constexpr int kNeverAllocated = 9, kNoSuchKey = 16;

long pkey_alloc_call(unsigned long flags, unsigned long rights) { return syscall(SYS_pkey_alloc, flags, rights); }
long pkey_free_call(int key) { return syscall(SYS_pkey_free, key); }
long protect(void* start, unsigned long length, unsigned long protection, int key) {
  return syscall(SYS_pkey_mprotect, start, length, protection, key);
}

}  // namespace

TEST(Pkey, AllocRefusesFlagsAndUnknownRights) {
  EXPECT_ERRNO(EINVAL, pkey_alloc_call(1, 0));
  EXPECT_ERRNO(EINVAL, pkey_alloc_call(0, 4));
  EXPECT_ERRNO(EINVAL, pkey_alloc_call(0, 1UL << 40));
}

TEST(Pkey, AllocGivesKeysUntilThereIsNoSpace) {
  int got = 0;
  long key;
  while ((key = pkey_alloc_call(0, 0)) > 0 && got < 16) ++got;
  EXPECT_ERRNO(ENOSPC, key);
  EXPECT_TRUE(got == 0 || got == 15) << got << " keys";
}

TEST(Pkey, FreeRefusesKeysThatAreNotAllocated) {
  for (int key : {kNeverAllocated, kNoSuchKey, -1}) EXPECT_ERRNO(EINVAL, pkey_free_call(key)) << key;
}

TEST(Pkey, MprotectWithoutAKeyIsMprotect) {
  Pages pages{2};
  EXPECT_OK(protect(pages.at(), kPage, PROT_READ, -1));
  EXPECT_TRUE(fault_of([&] { poke(pages.at(), 1); }));
  EXPECT_OK(protect(pages.at(), kPage, PROT_READ | PROT_WRITE, -1));
  EXPECT_FALSE(fault_of([&] { poke(pages.at(), 1); }));
  EXPECT_ERRNO(EINVAL, protect(pages.at() + 1, kPage, PROT_READ, -1));
  ASSERT_OK(munmap(pages.at(1), kPage));
  EXPECT_ERRNO(ENOMEM, protect(pages.at(), 2 * kPage, PROT_READ, -1));
}

TEST(Pkey, MprotectRefusesKeysThatAreNotAllocated) {
  Pages pages{1};
  for (int key : {kNeverAllocated, kNoSuchKey, -2}) EXPECT_ERRNO(EINVAL, protect(pages.at(), kPage, PROT_NONE, key));
  EXPECT_FALSE(fault_of([&] { poke(pages.at(), 1); })) << "nothing is changed";
  EXPECT_OK(protect(pages.at(), 0, PROT_NONE, kNeverAllocated)) << "an empty range needs no key";
  EXPECT_ERRNO(EINVAL, protect(pages.at() + 1, 0, PROT_NONE, kNeverAllocated));
  EXPECT_ERRNO(ENOMEM, protect(pages.at(), -2 * kPage, PROT_NONE, kNeverAllocated));
}

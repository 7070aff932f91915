/// mprotect(2) and the faults that protection raises: signal, si_code and si_addr.
#include <sys/mman.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"

using namespace systest;

namespace {

void expect_segv(const std::function<void()>& body, int code, void* address) {
  const auto fault = fault_of(body);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->signal, SIGSEGV);
  EXPECT_EQ(fault->code, code);
  EXPECT_EQ(fault->address, address);
}

}  // namespace

TEST(Fault, NullPointerIsUnmapped) {
  expect_segv([] { peek((void*)8); }, SEGV_MAPERR, (void*)8);
}

TEST(Fault, KernelHalfIsUnmapped) {
  expect_segv([] { peek((void*)0xffffffff81000010); }, SEGV_MAPERR, (void*)0xffffffff81000010);
}

TEST(Fault, NonCanonicalAddressHasNoAddress) {
  const auto fault = fault_of([] { peek((void*)0x8000000000000000); });
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->signal, SIGSEGV);
  EXPECT_EQ(fault->code, SI_KERNEL);
  EXPECT_EQ(fault->address, nullptr);
}

TEST(Fault, WriteToReadOnlyPage) {
  Pages pages{1, PROT_READ};
  EXPECT_EQ(peek(pages.at()), 0);
  expect_segv([&] { poke(pages.at() + 7, 1); }, SEGV_ACCERR, pages.at() + 7);
}

TEST(Fault, ReadOfNonePage) {
  Pages pages{1, PROT_NONE};
  expect_segv([&] { peek(pages.at()); }, SEGV_ACCERR, pages.at());
}

TEST(Fault, ExecutionOfData) {
  Pages pages{1};
  *pages.at() = '\xc3';
  expect_segv([&] { reinterpret_cast<void (*)()>(pages.at())(); }, SEGV_ACCERR, pages.at());
}

TEST(Fault, ExecutionOfTheStack) {
  char code[] = {'\xc3'};
  expect_segv([&] { reinterpret_cast<void (*)()>(code)(); }, SEGV_ACCERR, code);
}

TEST(Fault, WriteToProgramText) {
  void* text = reinterpret_cast<void*>(&expect_segv);
  expect_segv([&] { poke(text, 0); }, SEGV_ACCERR, text);
}

TEST(Fault, UncaughtFaultKills) {
  EXPECT_EQ(in_child([] { peek(nullptr); }), 128 + SIGSEGV);
}

TEST(Fault, BlockedOrIgnoredFaultKillsToo) {
  EXPECT_EQ(in_child([] {
              signal(SIGSEGV, SIG_IGN);
              peek(nullptr);
            }),
            128 + SIGSEGV);
  EXPECT_EQ(in_child([] {
              sigset_t all;
              sigfillset(&all);
              sigprocmask(SIG_BLOCK, &all, nullptr);
              peek(nullptr);
            }),
            128 + SIGSEGV);
}

TEST(Mprotect, TakesAndGivesWritePermission) {
  Pages pages{1};
  *pages.at() = 'x';
  ASSERT_OK(mprotect(pages.at(), kPage, PROT_READ));
  expect_segv([&] { poke(pages.at(), 'y'); }, SEGV_ACCERR, pages.at());
  ASSERT_OK(mprotect(pages.at(), kPage, PROT_READ | PROT_WRITE));
  EXPECT_EQ(*pages.at(), 'x');
  *pages.at() = 'z';
}

TEST(Mprotect, ContentsSurviveNone) {
  Pages pages{2};
  *pages.at(1) = 'k';
  ASSERT_OK(mprotect(pages.at(), pages.size(), PROT_NONE));
  ASSERT_OK(mprotect(pages.at(), pages.size(), PROT_READ));
  EXPECT_EQ(*pages.at(1), 'k');
}

TEST(Mprotect, MakesCodeRunnable) {
  Pages pages{1};
  *pages.at() = '\xc3';
  ASSERT_OK(mprotect(pages.at(), kPage, PROT_READ | PROT_EXEC));
  EXPECT_FALSE(fault_of([&] { reinterpret_cast<void (*)()>(pages.at())(); }));
}

TEST(Mprotect, SplitsOnlyThePagesNamed) {
  Pages pages{5};
  ASSERT_OK(mprotect(pages.at(2), kPage, PROT_READ));
  for (int i : {0, 1, 3, 4}) EXPECT_FALSE(fault_of([&] { poke(pages.at(i), 1); })) << "page " << i;
  EXPECT_TRUE(fault_of([&] { poke(pages.at(2), 1); }));
}

TEST(Mprotect, RefusesBadArguments) {
  Pages pages{3};
  EXPECT_ERRNO(EINVAL, mprotect(pages.at() + 1, kPage, PROT_READ));
  EXPECT_ERRNO(EINVAL, mprotect(pages.at(), kPage, 0x40));
  EXPECT_OK(mprotect(pages.at(), 0, PROT_READ));
  ASSERT_OK(munmap(pages.at(1), kPage));
  EXPECT_ERRNO(ENOMEM, mprotect(pages.at(), 3 * kPage, PROT_READ)) << "a hole in the range";
  EXPECT_ERRNO(EINVAL, mprotect(pages.at(), kPage, 1 << 20));
  EXPECT_OK(mprotect(pages.at(), 0, 1 << 20)) << "nothing to protect";
  EXPECT_ERRNO(EINVAL, mprotect(pages.at(), 0, PROT_GROWSDOWN | PROT_GROWSUP));
}

TEST(Mprotect, SharedMappingOfAReadOnlyFileStaysReadOnly) {
  put("file", "content");
  Fd fd{open("file", O_RDONLY)};
  void* p = mmap(nullptr, kPage, PROT_READ, MAP_SHARED, fd, 0);
  ASSERT_OK(p);
  EXPECT_ERRNO(EACCES, mprotect(p, kPage, PROT_READ | PROT_WRITE));
  munmap(p, kPage);
}

TEST(Mprotect, ReadOnlyAfterForkStillCopiesOnWrite) {
  Pages pages{1};
  *pages.at() = 'p';
  EXPECT_EQ(in_child([&] {
              ASSERT_OK(mprotect(pages.at(), kPage, PROT_READ));
              ASSERT_OK(mprotect(pages.at(), kPage, PROT_READ | PROT_WRITE));
              *pages.at() = 'c';
            }),
            0);
  EXPECT_EQ(*pages.at(), 'p');
}

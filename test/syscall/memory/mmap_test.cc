/// mmap(2), munmap(2) and brk(2).
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"

using namespace systest;

namespace {

constexpr int kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS;
constexpr int kReadWrite = PROT_READ | PROT_WRITE;

void* map(void* hint, std::size_t length, int protection, int flags, int fd = -1, off_t offset = 0) {
  return mmap(hint, length, protection, flags, fd, offset);
}

/// Two pages of a file: 'a' then 'b', the second cut to ten bytes.
Fd two_page_file() {
  put("file", std::string(kPage, 'a') + std::string(10, 'b'));
  return Fd{open("file", O_RDWR)};
}

}  // namespace

TEST(Mmap, AnonymousMemoryIsZeroAndPageAligned) {
  Pages pages{16};
  EXPECT_EQ(reinterpret_cast<unsigned long>(pages.at()) % kPage, 0u);
  for (std::size_t i = 0; i < pages.size(); i++) ASSERT_EQ(pages.at()[i], 0);
}

TEST(Mmap, LengthIsRoundedUpToPages) {
  void* page = map(nullptr, 1, kReadWrite, kAnonymous);
  ASSERT_OK(page);
  static_cast<char*>(page)[kPage - 1] = 'x';
  EXPECT_OK(munmap(page, 1));
  EXPECT_TRUE(fault_of([&] { peek(page); }));
}

TEST(Mmap, RefusesBadArguments) {
  EXPECT_ERRNO(EINVAL, map(nullptr, 0, PROT_READ, kAnonymous));
  EXPECT_ERRNO(EINVAL, map(nullptr, kPage, PROT_READ, MAP_ANONYMOUS)) << "neither shared nor private";
  EXPECT_ERRNO(EBADF, map(nullptr, kPage, PROT_READ, MAP_PRIVATE, -1));
  EXPECT_ERRNO(EINVAL, map(nullptr, kPage, PROT_READ, MAP_PRIVATE, 0, 1)) << "offset within a page";
  EXPECT_ERRNO(ENOMEM, map(nullptr, ~0ul - 2 * kPage, PROT_READ, kAnonymous));
  EXPECT_ERRNO(EINVAL, map((void*)0x10001, kPage, PROT_READ, kAnonymous | MAP_FIXED));
  EXPECT_ERRNO(ENOMEM, map((void*)0xffff800000000000, kPage, PROT_READ, kAnonymous | MAP_FIXED));
}

TEST(Mmap, HintIsTakenWhenFreeAndIgnoredWhenNot) {
  Pages pages{1};
  void* free_spot = map(nullptr, 4 * kPage, kReadWrite, kAnonymous);
  ASSERT_OK(munmap(free_spot, 4 * kPage));
  void* at_hint = map(free_spot, kPage, kReadWrite, kAnonymous);
  EXPECT_EQ(at_hint, free_spot);
  void* elsewhere = map(pages.at(), kPage, kReadWrite, kAnonymous);
  EXPECT_NE(elsewhere, pages.at());
  munmap(at_hint, kPage);
  munmap(elsewhere, kPage);
}

TEST(Mmap, FixedReplacesWhatWasThere) {
  Pages pages{3};
  memset(pages.at(), 'x', pages.size());
  EXPECT_EQ(map(pages.at(1), kPage, kReadWrite, kAnonymous | MAP_FIXED), pages.at(1));
  EXPECT_EQ(*pages.at(0), 'x');
  EXPECT_EQ(*pages.at(1), 0);
  EXPECT_EQ(*pages.at(2), 'x');
}

TEST(Mmap, FixedNoreplaceRefusesWhatIsTaken) {
  Pages pages{2};
  EXPECT_ERRNO(EEXIST, map(pages.at(1), kPage, kReadWrite, kAnonymous | MAP_FIXED_NOREPLACE));
  EXPECT_ERRNO(EEXIST, map(pages.at(0) - kPage, 2 * kPage, kReadWrite, kAnonymous | MAP_FIXED_NOREPLACE));
  ASSERT_OK(munmap(pages.at(1), kPage));
  EXPECT_EQ(map(pages.at(1), kPage, kReadWrite, kAnonymous | MAP_FIXED_NOREPLACE), pages.at(1));
}

TEST(Mmap, LowestPageIsForRootOnly) {
  EXPECT_EQ(as_user([] { EXPECT_ERRNO(EPERM, map(nullptr, kPage, PROT_READ, kAnonymous | MAP_FIXED)); }), 0);
}

TEST(Mmap, PrivateFileMappingKeepsWritesToItself) {
  Fd fd = two_page_file();
  auto* p = static_cast<char*>(map(nullptr, 2 * kPage, kReadWrite, MAP_PRIVATE, fd));
  ASSERT_OK(p);
  EXPECT_EQ(p[0], 'a');
  EXPECT_EQ(p[kPage + 9], 'b');
  EXPECT_EQ(p[kPage + 10], 0) << "zero behind the end of the file";
  p[0] = 'X';
  EXPECT_EQ(slurp("file")[0], 'a');
  munmap(p, 2 * kPage);
}

TEST(Mmap, PrivateMappingOfAReadOnlyFileMayBeWritten) {
  put("file", "content");
  Fd fd{open("file", O_RDONLY)};
  auto* p = static_cast<char*>(map(nullptr, kPage, kReadWrite, MAP_PRIVATE, fd));
  ASSERT_OK(p);
  p[0] = 'X';
  EXPECT_EQ(p[1], 'o');
  munmap(p, kPage);
}

TEST(Mmap, SharedFileMappingWritesTheFile) {
  Fd fd = two_page_file();
  auto* p = static_cast<char*>(map(nullptr, 2 * kPage, kReadWrite, MAP_SHARED, fd));
  ASSERT_OK(p);
  p[1] = 'X';
  EXPECT_EQ(slurp("file").substr(0, 3), "aXa");
  EXPECT_EQ(pwrite(fd, "Y", 1, 2), 1);
  EXPECT_EQ(p[2], 'Y') << "and the file's writes show in the mapping";
  EXPECT_OK(msync(p, 2 * kPage, MS_SYNC));
  munmap(p, 2 * kPage);
}

TEST(Mmap, MappingOutlivesItsDescriptorAndItsName) {
  Fd fd = two_page_file();
  auto* p = static_cast<char*>(map(nullptr, kPage, PROT_READ, MAP_SHARED, fd));
  ASSERT_OK(p);
  fd.reset();
  ASSERT_OK(unlink("file"));
  EXPECT_EQ(p[100], 'a');
  munmap(p, kPage);
}

TEST(Mmap, NeedsTheDescriptorsAccessMode) {
  put("file", "content");
  Fd reader{open("file", O_RDONLY)}, writer{open("file", O_WRONLY)};
  EXPECT_ERRNO(EACCES, map(nullptr, kPage, kReadWrite, MAP_SHARED, reader));
  EXPECT_ERRNO(EACCES, map(nullptr, kPage, PROT_READ, MAP_PRIVATE, writer));
  EXPECT_ERRNO(EACCES, map(nullptr, kPage, PROT_WRITE, MAP_SHARED, writer));
}

TEST(Mmap, WhatIsNotMappableIsEnodev) {
  Fd directory{open(".", O_RDONLY)};
  auto pipe = make_pipe();
  EXPECT_ERRNO(ENODEV, map(nullptr, kPage, PROT_READ, MAP_PRIVATE, directory));
  EXPECT_ERRNO(ENODEV, map(nullptr, kPage, PROT_READ, MAP_PRIVATE, pipe.read));
}

TEST(Mmap, PagesBehindTheEndOfTheFileAreBusErrors) {
  Fd fd = two_page_file();
  auto* p = static_cast<char*>(map(nullptr, 4 * kPage, PROT_READ, MAP_SHARED, fd));
  ASSERT_OK(p);
  const auto fault = fault_of([&] { peek(p + 2 * kPage); });
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->signal, SIGBUS);
  EXPECT_EQ(fault->code, BUS_ADRERR);
  EXPECT_EQ(fault->address, p + 2 * kPage);
  ASSERT_OK(ftruncate(fd, 3 * kPage));
  EXPECT_FALSE(fault_of([&] { peek(p + 2 * kPage); })) << "a grown file backs its mapping";
  ASSERT_OK(ftruncate(fd, 0));
  EXPECT_TRUE(fault_of([&] { peek(p); })) << "a truncated file takes its pages back";
  munmap(p, 4 * kPage);
}

TEST(Mmap, OffsetChoosesThePage) {
  Fd fd = two_page_file();
  auto* p = static_cast<char*>(map(nullptr, kPage, PROT_READ, MAP_PRIVATE, fd, kPage));
  ASSERT_OK(p);
  EXPECT_EQ(p[0], 'b');
  munmap(p, kPage);
}

TEST(Mmap, DevZeroGivesFreshMemory) {
  Fd fd{open("/dev/zero", O_RDWR)};
  auto* p = static_cast<char*>(map(nullptr, kPage, kReadWrite, MAP_PRIVATE, fd));
  ASSERT_OK(p);
  EXPECT_EQ(p[5], 0);
  p[5] = 1;
  munmap(p, kPage);
}

TEST(Mmap, AddressSpaceLimitIsEnomem) {
  const rlimit limit{256 << 20, 256 << 20};
  ASSERT_OK(setrlimit(RLIMIT_AS, &limit));
  EXPECT_ERRNO(ENOMEM, map(nullptr, 512 << 20, PROT_READ, kAnonymous));
}

TEST(Mmap, GrowsDownStackTouchesPagesBelow) {
  const rlimit limit{8 << 20, 8 << 20};
  ASSERT_OK(setrlimit(RLIMIT_STACK, &limit));
  EXPECT_EQ(in_child([] {
              volatile char big[2 << 20];
              for (std::size_t i = 0; i < sizeof big; i += kPage) big[i] = 1;
            }),
            0);
}

TEST(Mmap, StackOverflowIsASegmentationFault) {
  const rlimit limit{1 << 20, 1 << 20};
  ASSERT_OK(setrlimit(RLIMIT_STACK, &limit));
  EXPECT_EQ(in_child([] {
              volatile char big[4 << 20];
              for (std::size_t i = sizeof big; i > 0; i -= kPage) big[i - 1] = 1;
            }),
            128 + SIGSEGV);
}

TEST(Munmap, TakesAHoleOutOfTheMiddle) {
  Pages pages{3};
  memset(pages.at(), 'x', pages.size());
  ASSERT_OK(munmap(pages.at(1), kPage));
  EXPECT_EQ(*pages.at(0), 'x');
  EXPECT_EQ(*pages.at(2), 'x');
  const auto fault = fault_of([&] { peek(pages.at(1)); });
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->signal, SIGSEGV);
  EXPECT_EQ(fault->code, SEGV_MAPERR);
  EXPECT_EQ(fault->address, pages.at(1));
}

TEST(Munmap, OfNothingSucceedsAndOfNonsenseFails) {
  Pages pages{1};
  ASSERT_OK(munmap(pages.at(), kPage));
  EXPECT_OK(munmap(pages.at(), kPage));
  EXPECT_ERRNO(EINVAL, munmap(pages.at() + 1, kPage));
  EXPECT_ERRNO(EINVAL, munmap(pages.at(), 0));
  EXPECT_ERRNO(EINVAL, munmap((void*)0xffff800000000000, kPage));
}

TEST(Munmap, SpansSeveralMappings) {
  Pages pages{6};
  ASSERT_OK(mprotect(pages.at(2), kPage, PROT_READ));
  ASSERT_OK(munmap(pages.at(4), kPage));
  ASSERT_OK(munmap(pages.at(1), 5 * kPage));
  EXPECT_FALSE(fault_of([&] { peek(pages.at(0)); }));
  for (int i = 1; i < 6; i++) EXPECT_TRUE(fault_of([&] { peek(pages.at(i)); })) << "page " << i;
}

TEST(Brk, GrowsZeroedAndShrinks) {
  char* start = static_cast<char*>(sbrk(0));
  ASSERT_NE(sbrk(3 * kPage), (void*)-1);
  EXPECT_EQ(start[2 * kPage], 0);
  start[2 * kPage] = 'h';
  ASSERT_OK(brk(start + kPage));
  ASSERT_OK(brk(start + 3 * kPage));
  EXPECT_EQ(start[2 * kPage], 0) << "given back and taken again: zero";
}

TEST(Brk, RawCallAnswersTheCurrentBreakWhenItCannot) {
  const long now = syscall(SYS_brk, 0);
  EXPECT_EQ(syscall(SYS_brk, 1), now);
  EXPECT_EQ(syscall(SYS_brk, -1L), now);
  EXPECT_EQ(syscall(SYS_brk, 0), now);
}

TEST(Brk, DataLimitIsEnomem) {
  const rlimit limit{32 << 20, 32 << 20};
  ASSERT_OK(setrlimit(RLIMIT_DATA, &limit));
  EXPECT_ERRNO(ENOMEM, sbrk(64 << 20));
}

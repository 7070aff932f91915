/// memfd_create(2) and file sealing, fcntl(2).
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"
#include "support/signals.h"

using namespace systest;

namespace {

constexpr int kReadWrite = PROT_READ | PROT_WRITE;

Fd memory_file(unsigned flags = MFD_ALLOW_SEALING) { return Fd{memfd_create("x", flags)}; }

/// A sealable file of `pages` pages.
Fd file_of_pages(std::size_t pages) {
  Fd fd = memory_file();
  EXPECT_OK(ftruncate(fd, static_cast<off_t>(pages * kPage)));
  return fd;
}

std::string link_of(int fd) {
  char text[256] = {};
  EXPECT_GT(readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), text, sizeof text - 1), 0);
  return text;
}

Fd reopened(int fd, int flags) { return Fd{open(("/proc/self/fd/" + std::to_string(fd)).c_str(), flags)}; }

void* map_shared(int fd, int protection = kReadWrite, std::size_t length = kPage) {
  return mmap(nullptr, length, protection, MAP_SHARED, fd, 0);
}

}  // namespace

TEST(Memfd, IsAnEmptyUnlinkedRegularFile) {
  Fd fd = memory_file();
  ASSERT_OK((int)fd);
  struct stat s;
  ASSERT_OK(fstat(fd, &s));
  EXPECT_EQ(s.st_mode, S_IFREG | 0777u);
  EXPECT_EQ(s.st_nlink, 0u);
  EXPECT_EQ(s.st_size, 0);
  EXPECT_EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
}

TEST(Memfd, ReadsBackWhatWasWritten) {
  Fd fd = memory_file();
  EXPECT_EQ(write(fd, "hello", 5), 5);
  char text[8];
  EXPECT_EQ(pread(fd, text, sizeof text, 0), 5);
  EXPECT_EQ(std::string(text, 5), "hello");
}

TEST(Memfd, NameShowsInProc) {
  Fd fd{memfd_create("some name", 0)};
  EXPECT_EQ(link_of(fd), "/memfd:some name (deleted)");
  Fd nameless{memfd_create("", 0)};
  EXPECT_EQ(link_of(nameless), "/memfd: (deleted)");
}

TEST(Memfd, NameShowsInMaps) {
  Fd fd = file_of_pages(1);
  void* p = map_shared(fd);
  ASSERT_OK(p);
  EXPECT_NE(slurp("/proc/self/maps").find("/memfd:x (deleted)"), std::string::npos);
  munmap(p, kPage);
}

TEST(Memfd, NameIsLimited) {
  EXPECT_OK((int)Fd{memfd_create(std::string(249, 'n').c_str(), 0)});
  EXPECT_ERRNO(EINVAL, memfd_create(std::string(250, 'n').c_str(), 0));
  EXPECT_ERRNO(EFAULT, syscall(SYS_memfd_create, 8, 0));
}

TEST(Memfd, RefusesUnknownFlags) {
  EXPECT_ERRNO(EINVAL, memfd_create("x", 0x80));
  EXPECT_ERRNO(EINVAL, memfd_create("x", 21u << 26)) << "a huge page size without MFD_HUGETLB";
}

TEST(Memfd, CloexecIsAskedFor) {
  EXPECT_EQ(fcntl(memory_file(0), F_GETFD), 0);
  EXPECT_EQ(fcntl(memory_file(MFD_CLOEXEC), F_GETFD), FD_CLOEXEC);
}

TEST(Memfd, MappingAndFileAreTheSame) {
  Fd fd = file_of_pages(2);
  auto* p = static_cast<char*>(map_shared(fd, kReadWrite, 2 * kPage));
  ASSERT_OK(p);
  p[kPage] = 'm';
  char c = 0;
  EXPECT_EQ(pread(fd, &c, 1, kPage), 1);
  EXPECT_EQ(c, 'm');
  EXPECT_EQ(pwrite(fd, "w", 1, 5), 1);
  EXPECT_EQ(p[5], 'w');
  munmap(p, 2 * kPage);
}

TEST(Memfd, CanBeReopenedThroughProc) {
  Fd fd = memory_file();
  EXPECT_EQ(write(fd, "abc", 3), 3);
  Fd again = reopened(fd, O_RDONLY);
  ASSERT_OK((int)again);
  EXPECT_EQ(read_some(again), "abc");
  EXPECT_EQ(link_of(again), "/memfd:x (deleted)");
}

TEST(Memfd, TruncationEndsMappedPages) {
  Fd fd = file_of_pages(2);
  auto* p = static_cast<char*>(map_shared(fd, kReadWrite, 2 * kPage));
  p[kPage] = 'x';
  ASSERT_OK(ftruncate(fd, kPage));
  const auto fault = fault_of([&] { peek(p + kPage); });
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->signal, SIGBUS);
  EXPECT_EQ(fault->code, BUS_ADRERR);
  EXPECT_EQ(fault->address, p + kPage);
  ASSERT_OK(ftruncate(fd, 2 * kPage));
  EXPECT_EQ(p[kPage], 0) << "what comes back is empty";
  munmap(p, 2 * kPage);
}

TEST(Memfd, SeekFindsHolesAndData) {
  Fd fd = file_of_pages(8);
  ASSERT_EQ(pwrite(fd, "x", 1, 2 * kPage + 10), 1);
  ASSERT_EQ(pwrite(fd, "y", 1, 3 * kPage), 1);
  const off_t page = kPage;
  EXPECT_EQ(lseek(fd, 0, SEEK_DATA), 2 * page);
  EXPECT_EQ(lseek(fd, 2 * page + 50, SEEK_DATA), 2 * page + 50);
  EXPECT_EQ(lseek(fd, 0, SEEK_HOLE), 0);
  EXPECT_EQ(lseek(fd, 2 * page, SEEK_HOLE), 4 * page);
  EXPECT_ERRNO(ENXIO, lseek(fd, 4 * page, SEEK_DATA));
  EXPECT_ERRNO(ENXIO, lseek(fd, 8 * page, SEEK_HOLE));
  ASSERT_EQ(pwrite(fd, "z", 1, 8 * page - 1), 1);
  EXPECT_EQ(lseek(fd, 7 * page + 1, SEEK_HOLE), 8 * page) << "the end of the file is a hole";
}

// -- fallocate(2) on memory files

TEST(MemfdFallocate, PunchedHoleReadsAsZerosAndFreesBlocks) {
  Fd fd = file_of_pages(4);
  auto* p = static_cast<char*>(map_shared(fd, kReadWrite, 4 * kPage));
  memset(p, 'x', 4 * kPage);
  const auto blocks = [&] {
    struct stat s;
    fstat(fd, &s);
    return s.st_blocks;
  };
  EXPECT_EQ(blocks(), 32);
  ASSERT_OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, kPage, 2 * kPage));
  EXPECT_EQ(blocks(), 16);
  EXPECT_EQ(p[kPage], 0) << "the mapping shows the hole";
  EXPECT_EQ(p[3 * kPage - 1], 0);
  EXPECT_EQ(p[kPage - 1], 'x');
  EXPECT_EQ(p[3 * kPage], 'x');
  p[kPage] = 'n';
  char c = 0;
  EXPECT_EQ(pread(fd, &c, 1, kPage), 1);
  EXPECT_EQ(c, 'n') << "a page that came back is the file's own";
  munmap(p, 4 * kPage);
}

TEST(MemfdFallocate, HoleInsideAPageZeroesBytes) {
  Fd fd = file_of_pages(1);
  auto* p = static_cast<char*>(map_shared(fd));
  memset(p, 'x', kPage);
  ASSERT_OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 10, 20));
  EXPECT_EQ(p[9], 'x');
  EXPECT_EQ(p[10], 0);
  EXPECT_EQ(p[29], 0);
  EXPECT_EQ(p[30], 'x');
  munmap(p, kPage);
}

TEST(MemfdFallocate, PrivateCopiesSurviveAHole) {
  Fd fd = file_of_pages(1);
  auto* p = static_cast<char*>(mmap(nullptr, kPage, kReadWrite, MAP_PRIVATE, fd, 0));
  p[0] = 'p';
  ASSERT_OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, kPage));
  EXPECT_EQ(p[0], 'p');
  munmap(p, kPage);
}

TEST(MemfdFallocate, ReservesAndGrows) {
  Fd fd = memory_file();
  ASSERT_OK(fallocate(fd, 0, 0, 3 * kPage));
  struct stat s;
  fstat(fd, &s);
  EXPECT_EQ(s.st_size, static_cast<off_t>(3 * kPage));
  EXPECT_EQ(s.st_blocks, 24);
  ASSERT_OK(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 5 * kPage));
  fstat(fd, &s);
  EXPECT_EQ(s.st_size, static_cast<off_t>(3 * kPage));
}

TEST(MemfdFallocate, EndsWithASignalAndKeepsNothing) {
  Fd fd = memory_file();
  count_signal(SIGALRM, SA_RESTART);
  const itimerval every{{0, 10'000}, {0, 10'000}};
  ASSERT_OK(setitimer(ITIMER_REAL, &every, nullptr));
  EXPECT_ERRNO(EINTR, fallocate(fd, 0, 0, 1L << 42)) << "more than there is memory; not restarted";
  EXPECT_GT(seen.count, 0);
  struct stat s;
  fstat(fd, &s);
  EXPECT_EQ(s.st_size, 0);
  EXPECT_EQ(s.st_blocks, 0);
}

TEST(MemfdFallocate, OtherModesAreNotSupported) {
  Fd fd = file_of_pages(4);
  EXPECT_ERRNO(EOPNOTSUPP, fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, kPage));
  EXPECT_ERRNO(EOPNOTSUPP, fallocate(fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 0, kPage));
  EXPECT_ERRNO(EOPNOTSUPP, fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, kPage));
  EXPECT_ERRNO(EOPNOTSUPP, fallocate(fd, FALLOC_FL_INSERT_RANGE, 0, kPage));
  EXPECT_ERRNO(EOPNOTSUPP, fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, kPage)) << "without KEEP_SIZE";
  EXPECT_ERRNO(EINVAL, fallocate(fd, 0, 0, 0));
}

// -- Seals

TEST(Seals, NeedAllowSealing) {
  Fd plain = memory_file(0);
  EXPECT_EQ(fcntl(plain, F_GET_SEALS), F_SEAL_SEAL);
  EXPECT_ERRNO(EPERM, fcntl(plain, F_ADD_SEALS, F_SEAL_GROW));
  Fd fd = memory_file();
  EXPECT_EQ(fcntl(fd, F_GET_SEALS), 0);
}

TEST(Seals, AreForMemoryFilesOnly) {
  auto pipe = make_pipe();
  EXPECT_ERRNO(EINVAL, fcntl(pipe.write, F_ADD_SEALS, F_SEAL_GROW));
  EXPECT_ERRNO(EINVAL, fcntl(pipe.write, F_GET_SEALS));
  put("file", "on a mounted tmpfs");
  Fd file{open("file", O_RDWR)};
  EXPECT_EQ(fcntl(file, F_GET_SEALS), F_SEAL_SEAL);
  EXPECT_ERRNO(EPERM, fcntl(file, F_ADD_SEALS, F_SEAL_GROW));
  EXPECT_ERRNO(EBADF, fcntl(-1, F_GET_SEALS));
}

TEST(Seals, AddUp) {
  Fd fd = memory_file();
  ASSERT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
  ASSERT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
  EXPECT_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_GROW | F_SEAL_SHRINK);
  EXPECT_EQ(fcntl(reopened(fd, O_RDONLY), F_GET_SEALS), F_SEAL_GROW | F_SEAL_SHRINK) << "they are the inode's";
}

TEST(Seals, RefuseUnknownOnes) {
  Fd fd = memory_file();
  EXPECT_ERRNO(EINVAL, fcntl(fd, F_ADD_SEALS, 0x1000));
  EXPECT_ERRNO(EINVAL, syscall(SYS_fcntl, static_cast<int>(fd), F_ADD_SEALS, 0x1'0000'0000));
}

TEST(Seals, NeedADescriptorOpenForWriting) {
  Fd fd = memory_file();
  Fd reader = reopened(fd, O_RDONLY);
  EXPECT_ERRNO(EPERM, fcntl(reader, F_ADD_SEALS, F_SEAL_GROW));
  EXPECT_EQ(fcntl(reader, F_GET_SEALS), 0);
}

TEST(Seals, SealEndsSealing) {
  Fd fd = memory_file();
  ASSERT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
  EXPECT_ERRNO(EPERM, fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
  EXPECT_ERRNO(EPERM, fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
  EXPECT_EQ(write(fd, "x", 1), 1);
}

TEST(Seals, ShrinkRefusesTruncationOnly) {
  Fd fd = file_of_pages(2);
  ASSERT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
  EXPECT_ERRNO(EPERM, ftruncate(fd, kPage));
  EXPECT_OK(ftruncate(fd, 2 * kPage));
  EXPECT_OK(ftruncate(fd, 3 * kPage));
  EXPECT_OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, kPage));
}

TEST(Seals, GrowRefusesWritesBeyondTheEnd) {
  Fd fd = file_of_pages(2);
  ASSERT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
  EXPECT_ERRNO(EPERM, ftruncate(fd, 3 * kPage));
  EXPECT_ERRNO(EPERM, fallocate(fd, 0, 0, 3 * kPage));
  EXPECT_ERRNO(EPERM, pwrite(fd, "x", 1, 2 * kPage));
  EXPECT_EQ(pwrite(fd, "x", 1, 2 * kPage - 1), 1);
  const std::string two(kPage + 10, 'y');
  EXPECT_EQ(pwrite(fd, two.data(), two.size(), kPage), static_cast<ssize_t>(kPage)) << "what fits is written";
  EXPECT_OK(ftruncate(fd, kPage));
}

TEST(Seals, GrowRefusesThePageThatPassesAnUnalignedEnd) {
  Fd fd = memory_file();
  ASSERT_OK(ftruncate(fd, kPage + 100));
  ASSERT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
  const std::string data(200, 'x');
  EXPECT_ERRNO(EPERM, pwrite(fd, data.data(), 200, kPage));
  EXPECT_EQ(pwrite(fd, data.data(), 200, kPage - 50), 50);
  EXPECT_EQ(pwrite(fd, data.data(), 100, kPage), 100);
}

TEST(Seals, WriteRefusesEveryChange) {
  Fd fd = file_of_pages(2);
  ASSERT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  EXPECT_ERRNO(EPERM, write(fd, "x", 1));
  EXPECT_ERRNO(EPERM, fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, kPage));
  EXPECT_ERRNO(EPERM, map_shared(fd));
  EXPECT_OK(ftruncate(fd, kPage)) << "but for its size";
  void* copy = mmap(nullptr, kPage, kReadWrite, MAP_PRIVATE, fd, 0);
  ASSERT_OK(copy);
  poke(copy, 'x');
  munmap(copy, kPage);
}

TEST(Seals, WriteAllowsReadOnlySharedMappingsOfAReader) {
  Fd fd = file_of_pages(1);
  ASSERT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  Fd reader = reopened(fd, O_RDONLY);
  void* p = map_shared(reader, PROT_READ);
  ASSERT_OK(p);
  EXPECT_ERRNO(EACCES, mprotect(p, kPage, kReadWrite));
  munmap(p, kPage);
}

TEST(Seals, WriteIsBusyWhileMappedWritable) {
  Fd fd = file_of_pages(1);
  void* p = map_shared(fd);
  EXPECT_ERRNO(EBUSY, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  EXPECT_ERRNO(EBUSY, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW));
  EXPECT_EQ(fcntl(fd, F_GET_SEALS), 0) << "all or nothing";
  ASSERT_OK(munmap(p, kPage));
  EXPECT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
}

TEST(Seals, WriteIsBusyWhileAMappingCouldBecomeWritable) {
  Fd fd = file_of_pages(1);
  void* p = map_shared(fd, PROT_READ);
  EXPECT_ERRNO(EBUSY, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  munmap(p, kPage);
}

TEST(Seals, WriteIgnoresPrivateMappings) {
  Fd fd = file_of_pages(1);
  void* p = mmap(nullptr, kPage, kReadWrite, MAP_PRIVATE, fd, 0);
  poke(p, 'x');
  EXPECT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  munmap(p, kPage);
}

TEST(Seals, AMappingSplitInTwoCountsUntilBothAreGone) {
  Fd fd = file_of_pages(3);
  auto* p = static_cast<char*>(map_shared(fd, kReadWrite, 3 * kPage));
  ASSERT_OK(munmap(p + kPage, kPage));
  EXPECT_ERRNO(EBUSY, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  ASSERT_OK(munmap(p, kPage));
  EXPECT_ERRNO(EBUSY, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  ASSERT_OK(munmap(p + 2 * kPage, kPage));
  EXPECT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
}

TEST(Seals, FutureWriteSparesWhatIsMapped) {
  Fd fd = file_of_pages(1);
  void* p = map_shared(fd);
  ASSERT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
  poke(p, 'x');
  EXPECT_ERRNO(EPERM, pwrite(fd, "y", 1, 0));
  EXPECT_ERRNO(EPERM, map_shared(fd));
  void* reader = map_shared(fd, PROT_READ);
  ASSERT_OK(reader);
  EXPECT_EQ(peek(reader), 'x');
  EXPECT_ERRNO(EACCES, mprotect(reader, kPage, kReadWrite));
  munmap(reader, kPage);
  munmap(p, kPage);
}

TEST(Seals, FutureWriteRefusesHolesToo) {
  Fd fd = file_of_pages(1);
  ASSERT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
  EXPECT_ERRNO(EPERM, fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, kPage));
  EXPECT_OK(ftruncate(fd, 0));
}

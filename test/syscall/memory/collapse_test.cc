/// MADV_COLLAPSE: small pages that become a huge one at once.
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include "support/check.h"
#include "support/child.h"
#include "support/memory.h"

using namespace systest;

namespace {

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

constexpr std::size_t kHuge = 2 << 20, kPerHuge = kHuge / kPage;

/// Blocks of 2 MiB, aligned, in a mapping with a hole on either side. Small pages only, until `collapse`.
class Blocks {
 public:
  explicit Blocks(std::size_t count, int flags = MAP_PRIVATE | MAP_ANONYMOUS) : bytes_(count * kHuge) {
    room_ = (char*)mmap(nullptr, bytes_ + 2 * kHuge, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    base_ = (char*)(((unsigned long)room_ + kHuge) & ~(kHuge - 1));
    munmap(room_, bytes_ + 2 * kHuge);
    mmap(base_, bytes_, PROT_READ | PROT_WRITE, flags | MAP_FIXED, -1, 0);
    madvise(base_, bytes_, MADV_NOHUGEPAGE);
  }
  ~Blocks() { munmap(base_, bytes_); }
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;
  char* at(std::size_t page = 0) const { return base_ + page * kPage; }
  void allow() const { ASSERT_OK(madvise(base_, bytes_, MADV_HUGEPAGE)); }
  void write(std::size_t from, std::size_t to) const {
    for (std::size_t i = from; i < to; ++i) poke(at(i) + i % kPage, (char)(i + 1));
  }
  /// How many pages of [from, to) do not hold what write() left.
  int wrong(std::size_t from, std::size_t to) const {
    int count = 0;
    for (std::size_t i = from; i < to; ++i) count += peek(at(i) + i % kPage) == (char)(i + 1) ? 0 : 1;
    return count;
  }

 private:
  std::size_t bytes_;
  char *room_, *base_;
};

/// AnonHugePages of the mapping that starts at `address`, in KiB; -1 when there is no such mapping.
long huge_kib(const void* address) {
  FILE* const smaps = fopen("/proc/self/smaps", "r");
  char line[512];
  bool inside = false;
  long kib = -1;
  while (fgets(line, sizeof line, smaps) != nullptr) {
    unsigned long start = 0, end = 0;
    if (sscanf(line, "%lx-%lx ", &start, &end) == 2) inside = start == (unsigned long)address;
    if (inside && kib < 0) sscanf(line, "AnonHugePages: %ld", &kib);
  }
  fclose(smaps);
  return kib;
}

}  // namespace

TEST(Collapse, MakesAHugePageOfSmallOnesThatKeepTheirContents) {
  Blocks blocks{2};
  blocks.write(0, 2 * kPerHuge);
  blocks.allow();
  EXPECT_EQ(huge_kib(blocks.at()), 0);
  ASSERT_OK(madvise(blocks.at(), kHuge, MADV_COLLAPSE));
  EXPECT_EQ(huge_kib(blocks.at()), (long)kHuge / 1024);
  EXPECT_EQ(blocks.wrong(0, 2 * kPerHuge), 0);
  ASSERT_OK(madvise(blocks.at(), 2 * kHuge, MADV_COLLAPSE));  // the first is one already
  EXPECT_EQ(huge_kib(blocks.at()), 2 * (long)kHuge / 1024);
  EXPECT_EQ(blocks.wrong(0, 2 * kPerHuge), 0);
}

TEST(Collapse, FillsWhatWasNotThereWithZeros) {
  Blocks blocks{1};
  blocks.write(7, 9);
  EXPECT_EQ(peek(blocks.at(100)), 0);  // the zero page
  blocks.allow();
  ASSERT_OK(madvise(blocks.at(), kHuge, MADV_COLLAPSE));
  EXPECT_EQ(huge_kib(blocks.at()), (long)kHuge / 1024);
  EXPECT_EQ(blocks.wrong(7, 9), 0);
  EXPECT_EQ(peek(blocks.at(0)) + peek(blocks.at(100)) + peek(blocks.at(511) + kPage - 1), 0);
}

TEST(Collapse, TakesWholeBlocksOfTheRangeOnly) {
  Blocks blocks{3};
  blocks.write(0, 3 * kPerHuge);
  blocks.allow();
  ASSERT_OK(madvise(blocks.at(1), 2 * kHuge, MADV_COLLAPSE));
  EXPECT_EQ(huge_kib(blocks.at()), (long)kHuge / 1024);
  ASSERT_OK(madvise(blocks.at(2 * kPerHuge), kHuge - kPage, MADV_COLLAPSE));  // no whole one: nothing to do
  EXPECT_EQ(huge_kib(blocks.at()), (long)kHuge / 1024);
  EXPECT_EQ(blocks.wrong(0, 3 * kPerHuge), 0);
}

TEST(Collapse, RefusesWhereHugePagesAreForbidden) {
  Blocks blocks{1};
  blocks.write(0, 4);
  EXPECT_ERRNO(EINVAL, madvise(blocks.at(), kHuge, MADV_COLLAPSE));
  EXPECT_EQ(huge_kib(blocks.at()), 0);
}

TEST(Collapse, RefusesAMappingWithoutRoomForABlock) {
  Pages pages{3};
  poke(pages.at(), 1);
  EXPECT_ERRNO(EINVAL, madvise(pages.at(), pages.size(), MADV_COLLAPSE));
}

TEST(Collapse, RefusesABlockWithoutAWritablePage) {
  Blocks blocks{1};
  blocks.allow();
  EXPECT_ERRNO(EINVAL, madvise(blocks.at(), kHuge, MADV_COLLAPSE));
  Blocks read{1};
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(peek(read.at(i)), 0);
  read.allow();
  EXPECT_ERRNO(EINVAL, madvise(read.at(), kHuge, MADV_COLLAPSE));
  Blocks fixed{1};
  fixed.write(0, 8);
  fixed.allow();
  ASSERT_OK(mprotect(fixed.at(), kHuge, PROT_READ));
  EXPECT_ERRNO(EINVAL, madvise(fixed.at(), kHuge, MADV_COLLAPSE));
  EXPECT_EQ(fixed.wrong(0, 8), 0);
}

TEST(Collapse, GoesOnBehindABlockThatIsOnlyRead) {
  Blocks blocks{2};
  EXPECT_EQ(peek(blocks.at()), 0);
  blocks.write(kPerHuge, 2 * kPerHuge);
  blocks.allow();
  EXPECT_ERRNO(EINVAL, madvise(blocks.at(), 2 * kHuge, MADV_COLLAPSE));
  EXPECT_EQ(huge_kib(blocks.at()), (long)kHuge / 1024);
  EXPECT_EQ(blocks.wrong(kPerHuge, 2 * kPerHuge), 0);
}

TEST(Collapse, StopsAtABlockWithoutATable) {
  Blocks blocks{2};
  blocks.write(kPerHuge, 2 * kPerHuge);
  blocks.allow();
  EXPECT_ERRNO(EINVAL, madvise(blocks.at(), 2 * kHuge, MADV_COLLAPSE));
  EXPECT_EQ(huge_kib(blocks.at()), 0);
  EXPECT_EQ(blocks.wrong(kPerHuge, 2 * kPerHuge), 0);
}

TEST(Collapse, TellsOfAHole) {
  Blocks blocks{1};
  blocks.write(0, kPerHuge);
  blocks.allow();
  EXPECT_ERRNO(ENOMEM, madvise(blocks.at(), 2 * kHuge, MADV_COLLAPSE));
  EXPECT_EQ(huge_kib(blocks.at()), (long)kHuge / 1024);
}

TEST(Collapse, LeavesAForkedChildItsPages) {
  Blocks blocks{1};
  blocks.write(0, kPerHuge);
  blocks.allow();
  int go[2];
  ASSERT_OK(pipe(go));
  const pid_t child = fork();
  if (child == 0) {
    char byte = 0;
    const bool asked = read(go[0], &byte, 1) == 1;
    _exit(asked && blocks.wrong(0, kPerHuge) == 0 ? 0 : 1);
  }
  for (std::size_t i = 0; i < kPerHuge; ++i) poke(blocks.at(i) + i % kPage, 'p');
  ASSERT_OK(madvise(blocks.at(), kHuge, MADV_COLLAPSE));
  EXPECT_EQ(huge_kib(blocks.at()), (long)kHuge / 1024);
  for (std::size_t i = 0; i < kPerHuge; ++i) ASSERT_EQ(peek(blocks.at(i) + i % kPage), 'p');
  ASSERT_EQ(write(go[1], "g", 1), 1);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  close(go[0]), close(go[1]);
}

TEST(Collapse, IsDoneForAnotherProcessToo) {
  Blocks blocks{1};
  blocks.write(0, kPerHuge);
  blocks.allow();
  const int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
  ASSERT_OK(self);
  const iovec range{blocks.at(), kHuge};
  EXPECT_EQ(syscall(SYS_process_madvise, self, &range, 1, MADV_COLLAPSE, 0), (long)kHuge);
  EXPECT_EQ(huge_kib(blocks.at()), (long)kHuge / 1024);
  close(self);
}

TEST(Collapse, LosesNoWriteOfAnotherThread) {
  Blocks blocks{1};
  blocks.write(0, kPerHuge);
  blocks.allow();
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  std::atomic<int> lost{0};
  for (int id = 0; id < 2; ++id)
    writers.emplace_back([&, id] {
      // Each counts in a word of its own in every page.
      for (unsigned round = 1; !stop; ++round) {
        for (std::size_t i = 0; i < kPerHuge; i += 8) {
          volatile unsigned* const word = (volatile unsigned*)(blocks.at(i) + 2048) + id;
          if (round > 1 && *word != round - 1) ++lost;
          *word = round;
        }
      }
    });
  for (int round = 0; round < 40; ++round) {
    ASSERT_OK(madvise(blocks.at(), kHuge, MADV_COLLAPSE));
    ASSERT_OK(mprotect(blocks.at(3), kPage, PROT_READ));  // small pages again
    ASSERT_OK(mprotect(blocks.at(3), kPage, PROT_READ | PROT_WRITE));
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(lost, 0);
}

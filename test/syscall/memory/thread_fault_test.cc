/// Faults of several threads while others change the address space: each sees its own pages, whole.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "support/check.h"
#include "support/child.h"
#include "support/memory.h"

using namespace systest;

namespace {

constexpr std::size_t kPagesEach = 96;
constexpr int kFaulters = 3, kRounds = 15;

/// Fills an area with a pattern that only this thread writes, looks at it, and drops it; false when a page was not as left.
bool fault_and_check(const Pages& pages, unsigned char pattern) {
  for (std::size_t i = 0; i < kPagesEach; ++i) {
    if (peek(pages.at(i)) != 0) return false;
    poke(pages.at(i) + i, (char)(pattern + i));
  }
  for (std::size_t i = 0; i < kPagesEach; ++i) {
    if (peek(pages.at(i) + i) != (char)(pattern + i)) return false;
  }
  return madvise(pages.at(), pages.size(), MADV_DONTNEED) == 0;
}

/// Runs `change` over and over while the faulters work.
void fault_while(const std::function<void()>& change) {
  std::vector<std::thread> faulters;
  std::atomic<int> left{kFaulters}, wrong{0};
  for (int id = 0; id < kFaulters; ++id) {
    faulters.emplace_back([&, id] {
      const Pages pages{kPagesEach};
      for (int round = 0; round < kRounds; ++round)
        wrong += fault_and_check(pages, (unsigned char)(17 * id + round)) ? 0 : 1;
      --left;
    });
  }
  while (left > 0) change();
  for (std::thread& t : faulters) t.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace

TEST(ThreadFaults, GoOnWhileAnotherMapsAndUnmaps) {
  fault_while([] {
    const Pages other{8};
    for (int i = 0; i < 8; ++i) poke(other.at(i), 'o');
    for (int i = 0; i < 8; ++i) EXPECT_EQ(peek(other.at(i)), 'o');
  });
}

TEST(ThreadFaults, GoOnWhileAnotherSplitsAndJoinsItsMapping) {
  const Pages other{16};
  fault_while([&] {
    ASSERT_OK(mprotect(other.at(4), 4 * kPage, PROT_READ));
    ASSERT_OK(munmap(other.at(10), 2 * kPage));
    ASSERT_OK(mmap(other.at(10), 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    ASSERT_OK(mprotect(other.at(4), 4 * kPage, PROT_READ | PROT_WRITE));
    poke(other.at(5), 'o');
  });
}

TEST(ThreadFaults, GoOnWhileAnotherMovesItsMapping) {
  char* at = (char*)mmap(nullptr, 4 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::size_t pages = 4;
  poke(at, 'm');
  fault_while([&] {
    const std::size_t wanted = pages == 4 ? 40 : 4;
    at = (char*)mremap(at, pages * kPage, wanted * kPage, MREMAP_MAYMOVE);
    ASSERT_OK(at);
    pages = wanted;
    EXPECT_EQ(peek(at), 'm');
  });
  munmap(at, pages * kPage);
}

TEST(ThreadFaults, GoOnWhileAnotherForks) {
  const Pages other{200};
  fault_while([&] {
    for (int i = 0; i < 200; ++i) poke(other.at(i), 'p');
    const pid_t child = fork();
    if (child == 0) {
      for (int i = 0; i < 200; i += 7) poke(other.at(i), 'c');
      _exit(peek(other.at(1)) == 'p' ? 0 : 1);
    }
    ASSERT_OK(child);
    EXPECT_EQ(reap(child), 0);
    for (int i = 0; i < 200; ++i) EXPECT_EQ(peek(other.at(i)), 'p');
  });
}

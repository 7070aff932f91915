/// poll(2) and select(2) on many descriptors at once.
#include <poll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

namespace {

constexpr unsigned kMany = 10'000;

/// A pipe whose read end has kMany numbers more, the last of which is of another pipe.
struct Crowd {
  PipeEnds same = make_pipe(), other = make_pipe();
  std::vector<int> numbers;
};

void gather(Crowd& crowd) {
  const rlimit limit{kMany + 64, kMany + 64};
  ASSERT_OK(setrlimit(RLIMIT_NOFILE, &limit));
  while (crowd.numbers.size() < kMany) {
    const int number = dup(crowd.numbers.size() + 1 < kMany ? crowd.same.read : crowd.other.read);
    ASSERT_NE(number, -1);
    crowd.numbers.push_back(number);
  }
}

std::vector<pollfd> entries_of(const Crowd& crowd) {
  std::vector<pollfd> entries;
  for (const int number : crowd.numbers) entries.push_back({number, POLLIN, 0});
  return entries;
}

/// A set of descriptors as the kernel takes it, of any size.
class BitSet {
 public:
  explicit BitSet(unsigned bits) : words_((bits + 63) / 64) {}
  void add(int number) { words_[number / 64] |= 1ul << (number % 64); }
  bool has(int number) const { return (words_[number / 64] >> (number % 64) & 1) != 0; }
  unsigned long* data() { return words_.data(); }

 private:
  std::vector<unsigned long> words_;
};

long select_readable(int count, BitSet& set, timeval* timeout) {
  return syscall(SYS_select, count, set.data(), nullptr, nullptr, timeout);
}

}  // namespace

TEST(PollMany, FindsEachReadyDescriptor) {
  Crowd crowd;
  gather(crowd);
  auto entries = entries_of(crowd);
  EXPECT_EQ(poll(entries.data(), kMany, 0), 0);
  ASSERT_EQ(write(crowd.same.write, "x", 1), 1);
  EXPECT_EQ(poll(entries.data(), kMany, -1), (int)kMany - 1);
  EXPECT_EQ(entries.front().revents, POLLIN);
  EXPECT_EQ(entries[kMany - 2].revents, POLLIN);
  EXPECT_EQ(entries.back().revents, 0);
}

TEST(PollMany, SleepsUntilTheLastOneIsReady) {
  Crowd crowd;
  gather(crowd);
  auto entries = entries_of(crowd);
  const pid_t parent = getpid();
  const pid_t pid = spawn([&] {
    await_state(parent, 'S');
    EXPECT_EQ(write(crowd.other.write, "x", 1), 1);
  });
  EXPECT_EQ(poll(entries.data(), kMany, -1), 1);
  EXPECT_EQ(entries.back().revents, POLLIN);
  EXPECT_EQ(reap(pid), 0);
}

TEST(SelectMany, FindsEachReadyDescriptor) {
  Crowd crowd;
  gather(crowd);
  const int last = crowd.numbers.back();
  BitSet set(last + 1);
  for (const int number : crowd.numbers) set.add(number);
  ASSERT_EQ(write(crowd.same.write, "x", 1), 1);
  EXPECT_EQ(select_readable(last + 1, set, nullptr), kMany - 1);
  EXPECT_TRUE(set.has(crowd.numbers.front()));
  EXPECT_FALSE(set.has(last));
  timeval none{};
  BitSet only(last + 1);
  only.add(last);
  EXPECT_EQ(select_readable(last + 1, only, &none), 0);
}

TEST(SelectMany, LooksAtNoNumberThatTheTableHasNoRoomFor) {
  timeval none{};
  BitSet set(4096);
  set.add(3000);
  EXPECT_EQ(select_readable(3001, set, &none), 0) << "not EBADF";
  const rlimit limit{4096, 4096};
  ASSERT_OK(setrlimit(RLIMIT_NOFILE, &limit));
  ASSERT_EQ(dup2(0, 4000), 4000);
  set.add(3000);
  EXPECT_ERRNO(EBADF, select_readable(3001, set, &none));
}

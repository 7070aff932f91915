/// futex_waitv(2).
#include <sys/mman.h>

#include <vector>

#include "support/child.h"
#include "support/memory.h"
#include "support/signals.h"
#include "threads/futex_call.h"

using namespace systest;

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

namespace {

constexpr unsigned kPrivate32 = FUTEX_32 | FUTEX_PRIVATE_FLAG;

futex_waitv on(Word& w, unsigned expected, unsigned flags = kPrivate32) { return {expected, (__u64)&w, flags, 0}; }

long waitv(const std::vector<futex_waitv>& all, const timespec* timeout = nullptr, clockid_t clock = CLOCK_MONOTONIC,
           unsigned flags = 0) {
  return syscall(SYS_futex_waitv, all.data(), (unsigned)all.size(), flags, timeout, clock);
}

}  // namespace

TEST(FutexWaitv, AnswersWhichWordWasWoken) {
  Word words[3] = {};
  long woken = -1;
  Thread waiter([&] { woken = waitv({on(words[0], 0), on(words[1], 0), on(words[2], 0)}); });
  waiter.await_asleep();
  EXPECT_EQ(futex(&words[1], FUTEX_WAKE_PRIVATE, 1), 1);
  waiter.join();
  EXPECT_EQ(woken, 1);
  for (Word& w : words) EXPECT_EQ(futex(&w, FUTEX_WAKE_PRIVATE, 1), 0) << "nobody is left behind";
}

TEST(FutexWaitv, AnotherValueIsEagain) {
  Word words[2] = {};
  EXPECT_ERRNO(EAGAIN, waitv({on(words[0], 0), on(words[1], 1)}));
  EXPECT_EQ(futex(&words[0], FUTEX_WAKE_PRIVATE, 1), 0);
}

TEST(FutexWaitv, TimesOutOnBothClocks) {
  Word w{0};
  timespec soon = in(CLOCK_MONOTONIC, 2000000);
  EXPECT_ERRNO(ETIMEDOUT, waitv({on(w, 0)}, &soon));
  soon = in(CLOCK_REALTIME, 2000000);
  EXPECT_ERRNO(ETIMEDOUT, waitv({on(w, 0)}, &soon, CLOCK_REALTIME));
}

TEST(FutexWaitv, RefusesBadArguments) {
  Word w{0};
  const timespec later = in(CLOCK_MONOTONIC, 1000000000), bad{0, 1000000000};
  EXPECT_ERRNO(EINVAL, waitv({on(w, 0)}, nullptr, CLOCK_MONOTONIC, 1));
  EXPECT_ERRNO(EINVAL, waitv({}));
  EXPECT_ERRNO(EINVAL, waitv(std::vector<futex_waitv>(FUTEX_WAITV_MAX + 1, on(w, 0))));
  EXPECT_ERRNO(EINVAL, waitv({on(w, 0, FUTEX_PRIVATE_FLAG)})) << "no size";
  EXPECT_ERRNO(EINVAL, waitv({on(w, 0, kPrivate32 | 1)})) << "unknown flag";
  EXPECT_ERRNO(EINVAL, waitv({on(w, 0)}, &later, CLOCK_BOOTTIME));
  EXPECT_ERRNO(EINVAL, waitv({on(w, 0)}, &bad));
  futex_waitv reserved = on(w, 0);
  reserved.__reserved = 1;
  EXPECT_ERRNO(EINVAL, waitv({reserved}));
  futex_waitv misaligned = on(w, 0);
  misaligned.uaddr += 1;
  EXPECT_ERRNO(EINVAL, waitv({misaligned}));
  EXPECT_ERRNO(EFAULT, syscall(SYS_futex_waitv, 16, 1, 0, nullptr, CLOCK_MONOTONIC));
  EXPECT_ERRNO(EFAULT, waitv({{0, 16, kPrivate32, 0}}));
}

TEST(FutexWaitv, TakesTheMostWordsThereMayBe) {
  std::vector<Word> words(FUTEX_WAITV_MAX);
  std::vector<futex_waitv> all;
  for (Word& w : words) all.push_back(on(w, 0));
  long woken = -1;
  Thread waiter([&] { woken = waitv(all); });
  waiter.await_asleep();
  EXPECT_EQ(futex(&words.back(), FUTEX_WAKE_PRIVATE, 1), 1);
  waiter.join();
  EXPECT_EQ(woken, FUTEX_WAITV_MAX - 1);
}

TEST(FutexWaitv, SharedWordWakesAnotherProcess) {
  auto* words = static_cast<Word*>(mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  const pid_t pid = spawn([&] { EXPECT_EQ(waitv({on(words[0], 0, FUTEX_32), on(words[1], 0, FUTEX_32)}), 0); });
  await_state(pid, 'S');
  EXPECT_EQ(futex(&words[0], FUTEX_WAKE, 1), 1);
  EXPECT_EQ(reap(pid), 0);
  munmap(words, kPage);
}

TEST(FutexWaitv, SignalInterrupts) {
  count_signal(SIGUSR1);
  Word w{0};
  const pid_t self = getpid();
  const pid_t pid = spawn([=] {
    await_state(self, 'S');
    kill(self, SIGUSR1);
  });
  EXPECT_ERRNO(EINTR, waitv({on(w, 0)}));
  EXPECT_EQ(reap(pid), 0);
}

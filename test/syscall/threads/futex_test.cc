/// futex(2) and threads, pthreads(7).
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "support/check.h"
#include "support/child.h"
#include "support/memory.h"
#include "support/signals.h"

using namespace systest;

namespace {

long futex(void* word, int operation, unsigned value, const timespec* timeout = nullptr, void* word2 = nullptr,
           unsigned value3 = 0) {
  return syscall(SYS_futex, word, operation, value, timeout, word2, value3);
}

}  // namespace

TEST(Futex, WaitOnAnotherValueIsEagain) {
  int word = 1;
  EXPECT_ERRNO(EAGAIN, futex(&word, FUTEX_WAIT, 2));
  EXPECT_ERRNO(EAGAIN, futex(&word, FUTEX_WAIT_PRIVATE, 2));
}

TEST(Futex, WakeWithoutWaitersIsZero) {
  int word = 0;
  EXPECT_EQ(futex(&word, FUTEX_WAKE, 1), 0);
}

TEST(Futex, WaitTimesOut) {
  int word = 0;
  const timespec soon{0, 1000000};
  EXPECT_ERRNO(ETIMEDOUT, futex(&word, FUTEX_WAIT, 0, &soon));
  const timespec past{1, 0};
  EXPECT_ERRNO(ETIMEDOUT, futex(&word, FUTEX_WAIT_BITSET, 0, &past, nullptr, FUTEX_BITSET_MATCH_ANY));
}

TEST(Futex, RefusesBadArguments) {
  int words[2] = {};
  char* misaligned = reinterpret_cast<char*>(words) + 1;
  const timespec bad{0, 1000000000};
  EXPECT_ERRNO(EINVAL, futex(misaligned, FUTEX_WAIT, 0));
  EXPECT_ERRNO(EINVAL, futex(words, FUTEX_WAIT, 0, &bad));
  EXPECT_ERRNO(EFAULT, futex((void*)16, FUTEX_WAIT, 0));
  EXPECT_ERRNO(EINVAL, futex(words, FUTEX_WAIT_BITSET, 0, nullptr, nullptr, 0));
  EXPECT_ERRNO(ENOSYS, futex(words, 99, 0));
}

TEST(Futex, SharedWordWakesAnotherProcess) {
  auto* word =
      static_cast<std::atomic<int>*>(mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_OK((void*)word);
  const pid_t pid = spawn([&] {
    while (word->load() == 0) futex(word, FUTEX_WAIT, 0);
  });
  await_state(pid, 'S');
  word->store(1);
  EXPECT_EQ(futex(word, FUTEX_WAKE, 10), 1);
  EXPECT_EQ(reap(pid), 0);
  munmap(word, kPage);
}

TEST(Futex, PrivateWordDoesNotWakeACopyInAnotherProcess) {
  Pages pages{1};
  const pid_t pid = spawn([&] { futex(pages.at(), FUTEX_WAIT, 0); });
  await_state(pid, 'S');
  EXPECT_EQ(futex(pages.at(), FUTEX_WAKE, 1), 0);
  kill(pid, SIGKILL);
  EXPECT_EQ(reap(pid), 128 + SIGKILL);
}

TEST(Futex, SignalInterruptsWait) {
  count_signal(SIGUSR1);
  int word = 0;
  const pid_t self = getpid();
  const pid_t pid = spawn([=] {
    await_state(self, 'S');
    kill(self, SIGUSR1);
  });
  EXPECT_ERRNO(EINTR, futex(&word, FUTEX_WAIT, 0));
  EXPECT_EQ(reap(pid), 0);
}

TEST(Futex, RequeueMovesWaiters) {
  auto* words =
      static_cast<std::atomic<int>*>(mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  pid_t waiters[3];
  for (pid_t& waiter : waiters) {
    waiter = spawn([&] { futex(&words[0], FUTEX_WAIT, 0); });
    await_state(waiter, 'S');
  }
  EXPECT_EQ(syscall(SYS_futex, &words[0], FUTEX_CMP_REQUEUE, 1, 10, &words[1], 0), 3) << "one woken and two moved";
  EXPECT_EQ(futex(&words[0], FUTEX_WAKE, 10), 0);
  EXPECT_EQ(futex(&words[1], FUTEX_WAKE, 10), 2);
  for (pid_t waiter : waiters) EXPECT_EQ(reap(waiter), 0);
  munmap(words, kPage);
}

TEST(Threads, CreateJoinAndReturnValues) {
  std::vector<std::thread> threads;
  std::atomic<int> sum{0};
  for (int i = 1; i <= 8; i++) threads.emplace_back([&sum, i] { sum += i; });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(sum, 36);
}

TEST(Threads, ShareMemoryDescriptorsAndPidButNotTid) {
  pid_t pid = 0, tid = 0;
  int fd = -1;
  std::thread([&] {
    pid = getpid();
    tid = gettid();
    fd = dup(0);
  }).join();
  EXPECT_EQ(pid, getpid());
  EXPECT_NE(tid, gettid());
  EXPECT_OK(close(fd));
}

TEST(Threads, MutexExcludes) {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  long counter = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++)
    threads.emplace_back([&] {
      for (int n = 0; n < 2000; n++) {
        pthread_mutex_lock(&mutex);
        counter = counter + 1;
        if (n % 100 == 0) sched_yield();
        pthread_mutex_unlock(&mutex);
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(counter, 8000);
}

TEST(Threads, ConditionVariablePingPong) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
  int turn = 0, rounds = 0;
  const auto play = [&](int me) {
    for (int i = 0; i < 200; i++) {
      pthread_mutex_lock(&mutex);
      while (turn != me) pthread_cond_wait(&turned, &mutex);
      turn = 1 - me;
      rounds++;
      pthread_cond_broadcast(&turned);
      pthread_mutex_unlock(&mutex);
    }
  };
  std::thread other([&] { play(1); });
  play(0);
  other.join();
  EXPECT_EQ(rounds, 400);
}

TEST(Threads, EachHasItsOwnThreadLocals) {
  static thread_local int local = 7;
  int other = 0;
  local = 8;
  std::thread([&] { other = local; }).join();
  EXPECT_EQ(other, 7);
  EXPECT_EQ(local, 8);
}

TEST(Threads, EachHasItsOwnSignalMask) {
  block({SIGUSR1});
  bool inherited = false;
  std::thread([&] {
    sigset_t now;
    pthread_sigmask(SIG_BLOCK, nullptr, &now);
    inherited = sigismember(&now, SIGUSR1) == 1;
    unblock({SIGUSR1});
  }).join();
  EXPECT_TRUE(inherited);
  sigset_t now;
  sigprocmask(SIG_BLOCK, nullptr, &now);
  EXPECT_EQ(sigismember(&now, SIGUSR1), 1);
}

TEST(Threads, ForkCopiesOnlyTheCaller) {
  std::atomic<bool> stop{false};
  std::thread other([&] {
    while (!stop) usleep(1000);
  });
  EXPECT_EQ(in_child([] { EXPECT_EQ(syscall(SYS_gettid), getpid()); }), 0);
  stop = true;
  other.join();
}

TEST(Threads, FaultInParallelOnOneMapping) {
  Pages pages{512};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++)
    threads.emplace_back([&pages, t] {
      for (std::size_t i = t; i < 512; i += 4) *pages.at(i) = (char)(i + 1);
    });
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < 512; i++) ASSERT_EQ(*pages.at(i), (char)(i + 1));
}

TEST(SetTidAddress, AnswersTheTidAndIsClearedAtExit) {
  static int word;
  EXPECT_EQ(in_child([] { EXPECT_EQ(syscall(SYS_set_tid_address, &word), gettid()); }), 0);
  auto* shared =
      static_cast<std::atomic<int>*>(mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  shared->store(5);
  const long flags = CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD;
  Pages stack{4};
  const int pid = clone([](void*) { return 0; }, stack.at(3) + kPage - 64, flags, nullptr, nullptr, nullptr, shared);
  ASSERT_GT(pid, 0);
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(shared->load(), 0);
  munmap(shared, kPage);
}

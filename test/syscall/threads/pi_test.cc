/// Priority-inheritance futexes: futex(2), FUTEX_LOCK_PI and friends. Inheritance itself is in pi_inherit_test.cc.
#include "threads/pi_support.h"

using namespace systest;

TEST(PiFutex, LockOfAFreeWordWritesTheTid) {
  Word w{0};
  EXPECT_OK(lock_pi(w));
  EXPECT_EQ(w, my_tid());
  EXPECT_OK(unlock_pi(w));
  EXPECT_EQ(w, 0u);
}

TEST(PiFutex, LockOfOnesOwnWordIsEdeadlk) {
  Word w{my_tid()};
  EXPECT_ERRNO(EDEADLK, lock_pi(w));
  EXPECT_ERRNO(EDEADLK, trylock_pi(w));
  EXPECT_EQ(w, my_tid());
}

TEST(PiFutex, UnlockOfAnothersWordIsEperm) {
  Word w{0};
  EXPECT_ERRNO(EPERM, unlock_pi(w));
  w = 1;
  EXPECT_ERRNO(EPERM, unlock_pi(w));
}

TEST(PiFutex, OwnerThatDoesNotExistIsEsrch) {
  const std::uint32_t gone = dead_tid();
  Word w{gone};
  EXPECT_ERRNO(ESRCH, lock_pi(w));
  EXPECT_EQ(w, gone | kWaiters);
  EXPECT_ERRNO(ESRCH, trylock_pi(w));
}

TEST(PiFutex, DiedWordWithoutOwnerIsTakenAndKeepsTheBit) {
  Word w{kDied};
  EXPECT_OK(lock_pi(w));
  EXPECT_EQ(w, my_tid() | kDied);
  w = kDied;
  EXPECT_OK(trylock_pi(w));
  EXPECT_EQ(w, my_tid() | kDied);
}

TEST(PiFutex, UnlockClearsAllBitsWithoutWaiters) {
  Word w{my_tid() | kWaiters | kDied};
  EXPECT_OK(unlock_pi(w));
  EXPECT_EQ(w, 0u);
}

TEST(PiFutex, TrylockOfAnothersWordIsEagain) {
  Word w{0};
  std::atomic<bool> stop{false};
  Thread owner([&] {
    EXPECT_OK(lock_pi(w));
    while (!stop) usleep(500);
    EXPECT_OK(unlock_pi(w));
  });
  while (w == 0) usleep(500);
  EXPECT_ERRNO(EAGAIN, trylock_pi(w));
  EXPECT_EQ(w & kTid, (std::uint32_t)owner.tid());
  stop = true;
  owner.join();
  EXPECT_OK(trylock_pi(w));
  EXPECT_OK(unlock_pi(w));
}

TEST(PiFutex, BadAddressesAndTimeouts) {
  Word words[2] = {};
  const timespec bad{0, 1000000000};
  EXPECT_ERRNO(EINVAL, futex((char*)words + 1, FUTEX_LOCK_PI, 0));
  EXPECT_ERRNO(EFAULT, futex((void*)16, FUTEX_LOCK_PI_PRIVATE, 0));
  EXPECT_ERRNO(EFAULT, futex((void*)16, FUTEX_UNLOCK_PI_PRIVATE, 0));
  EXPECT_ERRNO(EINVAL, lock_pi(words[0], &bad));
  EXPECT_ERRNO(EFAULT, futex(words, FUTEX_LOCK_PI_PRIVATE, 0, (timespec*)16));
  Pages readable{1, PROT_READ};
  EXPECT_ERRNO(EFAULT, futex(readable.at(), FUTEX_LOCK_PI_PRIVATE, 0));
  EXPECT_ERRNO(EFAULT, futex(readable.at(), FUTEX_LOCK_PI, 0));
}

TEST(PiFutex, ClockFlagIsForLockPi2Only) {
  Word w{0};
  const timespec later = in(CLOCK_REALTIME, 1000000000);
  EXPECT_ERRNO(ENOSYS, futex(&w, FUTEX_LOCK_PI | FUTEX_CLOCK_REALTIME, 0, &later));
  EXPECT_OK(futex(&w, FUTEX_LOCK_PI2 | FUTEX_CLOCK_REALTIME, 0, &later));
  EXPECT_OK(futex(&w, FUTEX_UNLOCK_PI, 0));
}

TEST(PiFutex, TimesOutOnBothClocks) {
  Word w{0};
  std::atomic<bool> stop{false};
  Thread owner([&] {
    lock_pi(w);
    while (!stop) usleep(500);
    unlock_pi(w);
  });
  while (w == 0) usleep(500);
  timespec soon = in(CLOCK_REALTIME, 2000000);
  EXPECT_ERRNO(ETIMEDOUT, lock_pi(w, &soon));
  soon = in(CLOCK_MONOTONIC, 2000000);
  EXPECT_ERRNO(ETIMEDOUT, futex(&w, FUTEX_LOCK_PI2_PRIVATE, 0, &soon));
  soon = in(CLOCK_REALTIME, 2000000);
  EXPECT_ERRNO(ETIMEDOUT, futex(&w, FUTEX_LOCK_PI2_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &soon));
  const timespec past{1, 0};
  EXPECT_ERRNO(ETIMEDOUT, lock_pi(w, &past));
  EXPECT_EQ(w, (std::uint32_t)owner.tid() | kWaiters);
  stop = true;
  owner.join();
  EXPECT_EQ(w, 0u);
}

TEST(PiFutex, UnlockHandsOverToTheFirstWaiter) {
  Word w{my_tid()};
  std::atomic<int> order{0};
  int first = 0, second = 0;
  Thread a([&] {
    EXPECT_OK(lock_pi(w));
    EXPECT_EQ(w, my_tid() | kWaiters);
    first = ++order;
    EXPECT_OK(unlock_pi(w));
  });
  a.await_asleep();
  Thread b([&] {
    EXPECT_OK(lock_pi(w));
    EXPECT_EQ(w & kTid, my_tid());
    second = ++order;
    EXPECT_OK(unlock_pi(w));
  });
  b.await_asleep();
  EXPECT_EQ(w, my_tid() | kWaiters);
  EXPECT_OK(unlock_pi(w));
  a.join(), b.join();
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 2);
  EXPECT_EQ(w, 0u);
}

TEST(PiFutex, WaiterOfHigherPriorityComesFirst) {
  Word w{my_tid()};
  std::atomic<int> order{0};
  int low = 0, high = 0;
  Thread a([&] {
    be_fifo(10);
    EXPECT_OK(lock_pi(w));
    low = ++order;
    EXPECT_OK(unlock_pi(w));
  });
  a.await_asleep();
  Thread b([&] {
    be_fifo(20);
    EXPECT_OK(lock_pi(w));
    high = ++order;
    EXPECT_OK(unlock_pi(w));
  });
  b.await_asleep();
  EXPECT_OK(unlock_pi(w));
  a.join(), b.join();
  EXPECT_EQ(high, 1);
  EXPECT_EQ(low, 2);
}

TEST(PiFutex, WaiterOfADeadOwnerGetsTheWordWithOwnerDied) {
  Word w{0};
  std::atomic<bool> die{false};
  auto owner = std::make_unique<Thread>([&] {
    EXPECT_OK(lock_pi(w));
    while (!die) usleep(500);
  });
  while (w == 0) usleep(500);
  Thread waiter([&] {
    EXPECT_OK(lock_pi(w));
    EXPECT_EQ(w, my_tid() | kWaiters | kDied);
    EXPECT_OK(unlock_pi(w));
  });
  waiter.await_asleep();
  die = true;
  owner->join();
  waiter.join();
  EXPECT_EQ(w, 0u);
}

TEST(PiFutex, RobustOwnersDeathIsSeenByTheNextLocker) {
  pthread_mutex_t mutex;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  ASSERT_EQ(pthread_mutex_init(&mutex, &attributes), 0);
  std::thread([&] { pthread_mutex_lock(&mutex); }).join();
  EXPECT_EQ(pthread_mutex_lock(&mutex), EOWNERDEAD);
  EXPECT_EQ(pthread_mutex_consistent(&mutex), 0);
  EXPECT_EQ(pthread_mutex_unlock(&mutex), 0);
  EXPECT_EQ(pthread_mutex_lock(&mutex), 0);
  EXPECT_EQ(pthread_mutex_unlock(&mutex), 0);
}

TEST(PiFutex, RobustOwnersDeathWakesAWaiter) {
  pthread_mutex_t mutex;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  ASSERT_EQ(pthread_mutex_init(&mutex, &attributes), 0);
  std::atomic<bool> locked{false}, die{false};
  Thread owner([&] {
    pthread_mutex_lock(&mutex);
    locked = true;
    while (!die) usleep(500);
  });
  while (!locked) usleep(500);
  int got = 0;
  Thread waiter([&] {
    got = pthread_mutex_lock(&mutex);
    pthread_mutex_consistent(&mutex);
    pthread_mutex_unlock(&mutex);
  });
  waiter.await_asleep();
  die = true;
  waiter.join();
  EXPECT_EQ(got, EOWNERDEAD);
}

TEST(PiFutex, KilledProcessHandsASharedWordOver) {
  Word* w = shared_words();
  const pid_t owner = spawn([&] {
    EXPECT_OK(futex(w, FUTEX_LOCK_PI, 0));
    pause();
  });
  while (*w == 0) usleep(500);
  std::uint32_t seen = 0;
  Thread waiter([&] {
    EXPECT_OK(futex(w, FUTEX_LOCK_PI, 0));
    seen = *w;
    EXPECT_OK(futex(w, FUTEX_UNLOCK_PI, 0));
  });
  waiter.await_asleep();
  kill(owner, SIGKILL);
  EXPECT_EQ(reap(owner), 128 + SIGKILL);
  waiter.join();
  EXPECT_EQ(seen, (std::uint32_t)waiter.tid() | kWaiters | kDied);
  munmap(w, kPage);
}

TEST(PiFutex, SharedWordCrossesProcesses) {
  Word* w = shared_words();
  *w = my_tid();
  const pid_t pid = spawn([&] {
    EXPECT_OK(futex(w, FUTEX_LOCK_PI, 0));
    EXPECT_EQ(*w & kTid, my_tid());
    EXPECT_OK(futex(w, FUTEX_UNLOCK_PI, 0));
  });
  await_state(pid, 'S');
  EXPECT_OK(futex(w, FUTEX_UNLOCK_PI, 0));
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(*w, 0u);
  munmap(w, kPage);
}

TEST(PiFutex, SignalHandlerRunsAndTheLockGoesOn) {
  count_signal(SIGUSR1);
  Word w{my_tid()};
  pthread_t self{};
  std::atomic<bool> ready{false};
  Thread waiter([&] {
    self = pthread_self();
    ready = true;
    EXPECT_OK(lock_pi(w));
    EXPECT_EQ(seen.count, 1);
    EXPECT_OK(unlock_pi(w));
  });
  while (!ready) usleep(500);
  waiter.await_asleep();
  pthread_kill(self, SIGUSR1);
  while (seen.count == 0) usleep(500);
  waiter.await_asleep();
  EXPECT_OK(unlock_pi(w));
}

TEST(PiFutex, PlainWakeOfAPiWaiterIsEinval) {
  Word w{my_tid()};
  Thread waiter([&] {
    EXPECT_OK(lock_pi(w));
    EXPECT_OK(unlock_pi(w));
  });
  waiter.await_asleep();
  EXPECT_ERRNO(EINVAL, futex(&w, FUTEX_WAKE_PRIVATE, 1));
  EXPECT_OK(unlock_pi(w));
}

TEST(PiFutex, LockOnAWordWithAPlainWaiterIsEinval) {
  Word w{my_tid()};
  Thread waiter([&] { futex(&w, FUTEX_WAIT_PRIVATE, w); });
  waiter.await_asleep();
  Thread locker([&] { EXPECT_ERRNO(EINVAL, lock_pi(w)); });
  locker.join();
  EXPECT_ERRNO(EINVAL, unlock_pi(w));
  EXPECT_EQ(futex(&w, FUTEX_WAKE_PRIVATE, 1), 1);
}

TEST(PiFutex, WordThatDisagreesWithTheWaitersIsEinval) {
  Word w{my_tid()};
  Thread waiter([&] {
    EXPECT_OK(lock_pi(w));
    EXPECT_OK(unlock_pi(w));
  });
  waiter.await_asleep();
  Thread liar([&] {
    const std::uint32_t truth = w;
    w = my_tid() | kWaiters;
    EXPECT_ERRNO(EINVAL, unlock_pi(w));
    w = truth;
  });
  liar.join();
  EXPECT_OK(unlock_pi(w));
}

TEST(PiFutex, MutexExcludesUnderContention) {
  pthread_mutex_t mutex;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
  ASSERT_EQ(pthread_mutex_init(&mutex, &attributes), 0);
  long counter = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++)
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; n++) {
        pthread_mutex_lock(&mutex);
        counter = counter + 1;
        if (n % 50 == 0) sched_yield();
        pthread_mutex_unlock(&mutex);
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(counter, 4000);
}

TEST(PiFutex, ExecHandsOverWhatTheThreadOwned) {
  Word* w = shared_words();
  const pid_t owner = spawn([&] {
    EXPECT_OK(futex(w, FUTEX_LOCK_PI, 0));
    while ((w->load() & kWaiters) == 0) usleep(500);
    usleep(2000);
    execl("/bin/busybox", "sleep", "100", nullptr);
  });
  while (*w == 0) usleep(500);
  std::uint32_t seen = 0;
  Thread waiter([&] {
    EXPECT_OK(futex(w, FUTEX_LOCK_PI, 0));
    seen = *w;
    EXPECT_OK(futex(w, FUTEX_UNLOCK_PI, 0));
  });
  waiter.join();
  EXPECT_EQ(seen, (std::uint32_t)waiter.tid() | kWaiters | kDied);
  kill(owner, SIGKILL);
  EXPECT_EQ(reap(owner), 128 + SIGKILL);
  munmap(w, kPage);
}

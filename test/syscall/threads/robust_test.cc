/// get_robust_list(2): what becomes of the locks that a thread dies with.
#include <linux/futex.h>
#include <stddef.h>

#include "support/files.h"
#include "support/memory.h"
#include "threads/pi_support.h"

using namespace systest;

namespace {

/// A lock as a C library lays it out: its place in the list, then the word.
struct Lock {
  robust_list link{};
  Word word{0};
};

/// A list of locks; the kernel finds each word at one distance from the link.
struct List {
  robust_list_head head{{&head.list}, offsetof(Lock, word), nullptr};
  void add(Lock& lock) {
    lock.link.next = head.list.next;
    head.list.next = &lock.link;
  }
  void hold() { ASSERT_OK(syscall(SYS_set_robust_list, &head, sizeof head)); }
};

/// Lists and locks that children share with the test.
struct Shared {
  List list;
  Lock lock, second;
};

Shared& shared() {
  void* page = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  EXPECT_NE(page, MAP_FAILED);
  return *new (page) Shared;
}

}  // namespace

TEST(Robust, LocksOfADeadThreadSayThatTheirOwnerDied) {
  List list;
  Lock mine, waited, theirs;
  Thread thread{[&] {
    list.add(mine);
    list.add(waited);
    list.add(theirs);
    list.hold();
    mine.word = my_tid();
    waited.word = my_tid() | kWaiters;
    theirs.word = 1;
  }};
  thread.join();
  EXPECT_EQ(mine.word.load(), kDied);
  EXPECT_EQ(waited.word.load(), kDied | kWaiters);
  EXPECT_EQ(theirs.word.load(), 1u) << "somebody else's";
}

TEST(Robust, OneWaiterIsWoken) {
  auto& s = shared();
  const pid_t owner = spawn([&] {
    s.list.add(s.lock);
    s.list.hold();
    s.lock.word = my_tid() | kWaiters;
    pause();
  });
  await_state(owner, 'S');
  const std::uint32_t locked = (std::uint32_t)owner | kWaiters;
  Thread waiter{[&] { EXPECT_OK(futex(&s.lock.word, FUTEX_WAIT, locked)); }};
  waiter.await_asleep();
  kill(owner, SIGKILL);
  waiter.join();
  EXPECT_EQ(s.lock.word.load(), kDied | kWaiters);
  EXPECT_EQ(reap(owner), 128 + SIGKILL);
}

TEST(Robust, TheLockBeingTakenCountsThoughItIsNotInTheListYet) {
  auto& s = shared();
  EXPECT_EQ(in_child([&] {
              s.list.head.list_op_pending = &s.lock.link;
              s.list.hold();
              s.lock.word = my_tid();
            }),
            0);
  EXPECT_EQ(s.lock.word.load(), kDied);
}

TEST(Robust, ExecLetsGoOfTheLocks) {
  auto& s = shared();
  const pid_t pid = spawn([&] {
    s.list.add(s.lock);
    s.list.hold();
    s.lock.word = my_tid();
    execl(own_path(), own_path(), "@exit", "3", nullptr);
  });
  EXPECT_EQ(reap(pid), 3);
  EXPECT_EQ(s.lock.word.load(), kDied);
}

TEST(Robust, ARingOrAWildListEndsTheThreadAllTheSame) {
  auto& s = shared();
  EXPECT_EQ(in_child([&] {
              s.list.add(s.lock);
              s.list.add(s.second);
              s.lock.link.next = &s.second.link;
              s.list.hold();
              s.second.word = my_tid();
            }),
            0);
  EXPECT_EQ(s.second.word.load(), kDied);
  EXPECT_EQ(in_child([] {
              auto wild = (robust_list*)0xffff'8000'0000'0000;
              robust_list_head head{{wild}, 16, wild};
              EXPECT_OK(syscall(SYS_set_robust_list, &head, sizeof head));
            }),
            0);
}

TEST(Robust, TheListCanBeAskedFor) {
  List list;
  list.hold();
  robust_list_head* head = nullptr;
  std::size_t length = 0;
  ASSERT_OK(syscall(SYS_get_robust_list, 0, &head, &length));
  EXPECT_EQ(head, &list.head);
  EXPECT_EQ(length, sizeof list.head);
  head = nullptr;
  ASSERT_OK(syscall(SYS_get_robust_list, gettid(), &head, &length));
  EXPECT_EQ(head, &list.head);
  EXPECT_ERRNO(ESRCH, syscall(SYS_get_robust_list, dead_tid(), &head, &length));
  EXPECT_ERRNO(EINVAL, syscall(SYS_set_robust_list, &list.head, sizeof list.head - 1));
  const pid_t self = getpid();
  EXPECT_EQ(as_user([&] { EXPECT_ERRNO(EPERM, syscall(SYS_get_robust_list, self, &head, &length)); }), 0);
  EXPECT_OK(syscall(SYS_set_robust_list, nullptr, sizeof list.head));
}

/// mq_timedsend(2), mq_timedreceive(2), mq_getsetattr(2).
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>

#include "ipc/mqueue.h"
#include "support/signals.h"

using namespace systest;

namespace {

constexpr timespec kLongAgo{1, 0};

timespec in_a_moment() {
  timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  t.tv_nsec += 20'000'000;
  if (t.tv_nsec >= 1'000'000'000) t.tv_sec++, t.tv_nsec -= 1'000'000'000;
  return t;
}

short ready(int fd, short wanted = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM) {
  pollfd p{fd, wanted, 0};
  EXPECT_GE(poll(&p, 1, 0), 0);
  return p.revents;
}

struct Mqueue : MqueueTest {};

}  // namespace

TEST_F(Mqueue, GivesTheHighestPriorityFirstAndTheOldestWithinOne) {
  EXPECT_OK(send("low", 1));
  EXPECT_OK(send("high", 32767));
  EXPECT_OK(send("middle one", 5));
  EXPECT_OK(send("middle two", 5));
  EXPECT_EQ(take(), "high");
  EXPECT_EQ(got, 32767u);
  EXPECT_EQ(take(), "middle one");
  EXPECT_EQ(take(), "middle two");
  EXPECT_EQ(got, 5u);
  EXPECT_EQ(take(), "low");
  EXPECT_EQ(got, 1u);
}

TEST_F(Mqueue, AMessageMayBeEmpty) {
  EXPECT_OK(send(""));
  EXPECT_EQ(attributes().mq_curmsgs, 1);
  EXPECT_EQ(take(), "");
  EXPECT_EQ(attributes().mq_curmsgs, 0);
}

TEST_F(Mqueue, PriorityIsNotWrittenWithoutAPlaceForIt) {
  EXPECT_OK(send("x", 3));
  char text[16];
  EXPECT_EQ(mq_receive(queue, text, sizeof text, nullptr), 1);
}

TEST_F(Mqueue, RefusesBadArguments) {
  char text[16] = {};
  EXPECT_ERRNO(EINVAL, send("x", 32768));
  EXPECT_ERRNO(EINVAL, send("x", ~0u));
  EXPECT_ERRNO(EMSGSIZE, send(std::string(17, 'x')));
  EXPECT_OK(send(std::string(16, 'x')));
  EXPECT_ERRNO(EMSGSIZE, mq_receive(queue, text, 15, nullptr));
  EXPECT_ERRNO(EBADF, mq_send(-1, text, 1, 0));
  EXPECT_ERRNO(EINVAL, mq_send(-1, text, 1, 32768)) << "the priority is looked at first";
  EXPECT_ERRNO(EBADF, mq_receive(-1, text, 16, nullptr));
  const auto [out, in] = make_pipe();
  EXPECT_ERRNO(EBADF, mq_send(in, text, 1, 0));
  EXPECT_ERRNO(EBADF, mq_receive(out, text, 16, nullptr));
  mq_attr a{};
  EXPECT_ERRNO(EBADF, mq_getattr(out, &a));
  EXPECT_ERRNO(EFAULT, mq_send(queue, (char*)8, 1, 0));
  EXPECT_EQ(take(), std::string(16, 'x'));
}

TEST_F(Mqueue, ABadBufferLosesTheMessage) {
  EXPECT_OK(send("lost"));
  EXPECT_OK(send("kept"));
  EXPECT_ERRNO(EFAULT, mq_receive(queue, (char*)8, 16, nullptr));
  EXPECT_EQ(take(), "kept");
}

TEST_F(Mqueue, AccessModeIsOfTheDescription) {
  const int reader = mq_open_raw(name.c_str(), O_RDONLY), writer = mq_open_raw(name.c_str(), O_WRONLY);
  char text[16] = {};
  EXPECT_ERRNO(EBADF, mq_send(reader, "x", 1, 0));
  EXPECT_OK(mq_send(writer, "x", 1, 0));
  EXPECT_ERRNO(EBADF, mq_receive(writer, text, 16, nullptr));
  EXPECT_EQ(mq_receive(reader, text, 16, nullptr), 1);
}

TEST_F(Mqueue, NonBlockingCallsSayAgain) {
  set_nonblocking();
  EXPECT_EQ(take(), "!EAGAIN");
  for (int i = 0; i < 4; i++) EXPECT_OK(send("x"));
  EXPECT_ERRNO(EAGAIN, send("x"));
  EXPECT_EQ(take(&kLongAgo), "x");
}

TEST_F(Mqueue, NonBlockingIsOfTheDescription) {
  const int copy = dup(queue), other = mq_open_raw(name.c_str(), O_RDWR | O_NONBLOCK);
  mq_attr a{};
  EXPECT_OK(mq_getattr(other, &a));
  EXPECT_EQ(a.mq_flags, O_NONBLOCK);
  EXPECT_EQ(attributes().mq_flags, 0);
  set_nonblocking();
  EXPECT_OK(mq_getattr(copy, &a));
  EXPECT_EQ(a.mq_flags, O_NONBLOCK);
  EXPECT_TRUE(fcntl(copy, F_GETFL) & O_NONBLOCK);
  EXPECT_OK(fcntl(copy, F_SETFL, 0));
  EXPECT_EQ(attributes().mq_flags, 0);
}

TEST_F(Mqueue, AttributesAreThoseOfItsMaking) {
  EXPECT_OK(send("abc"));
  mq_attr a = attributes();
  EXPECT_EQ(a.mq_maxmsg, 4);
  EXPECT_EQ(a.mq_msgsize, 16);
  EXPECT_EQ(a.mq_curmsgs, 1);
  mq_attr changed = sized(100, 100), former{};
  changed.mq_flags = O_NONBLOCK;
  EXPECT_OK(mq_setattr(queue, &changed, &former));
  EXPECT_EQ(former.mq_flags, 0);
  EXPECT_EQ(former.mq_curmsgs, 1);
  a = attributes();
  EXPECT_EQ(a.mq_flags, O_NONBLOCK);
  EXPECT_EQ(a.mq_maxmsg, 4) << "only the flag changes";
  EXPECT_EQ(a.mq_msgsize, 16);
  changed.mq_flags = O_NONBLOCK | O_APPEND;
  EXPECT_ERRNO(EINVAL, mq_setattr(queue, &changed, nullptr));
  EXPECT_ERRNO(EINVAL, mq_setattr(-1, &changed, nullptr));
  EXPECT_ERRNO(EBADF, syscall(SYS_mq_getsetattr, -1, nullptr, nullptr));
  EXPECT_OK(syscall(SYS_mq_getsetattr, queue, nullptr, nullptr));
}

TEST_F(Mqueue, AFullQueueHoldsTheSender) {
  for (int i = 0; i < 4; i++) EXPECT_OK(send(std::to_string(i)));
  const pid_t child = spawn([&] { EXPECT_OK(send("urgent", 9)); });
  await_state(child, 'S');
  EXPECT_EQ(attributes().mq_curmsgs, 4);
  EXPECT_EQ(take(), "0");
  EXPECT_EQ(attributes().mq_curmsgs, 4) << "the sender's message came in at once";
  EXPECT_EQ(reap(child), 0);
  EXPECT_EQ(take(), "urgent");
  EXPECT_EQ(take(), "1");
}

TEST_F(Mqueue, AnEmptyQueueHoldsTheReceiver) {
  const pid_t child = spawn([&] {
    EXPECT_EQ(take(), "hello");
    EXPECT_EQ(got, 7u);
  });
  await_state(child, 'S');
  EXPECT_OK(send("hello", 7));
  EXPECT_EQ(attributes().mq_curmsgs, 0) << "it went to the receiver";
  EXPECT_EQ(reap(child), 0);
}

TEST_F(Mqueue, ReceiversAreServedInOrder) {
  const pid_t first = spawn([&] { EXPECT_EQ(take(), "1"); });
  await_state(first, 'S');
  const pid_t second = spawn([&] { EXPECT_EQ(take(), "2"); });
  await_state(second, 'S');
  EXPECT_OK(send("1"));
  EXPECT_OK(send("2"));
  EXPECT_EQ(reap(first), 0);
  EXPECT_EQ(reap(second), 0);
}

TEST_F(Mqueue, TheReceiverOfTheHighestPriorityIsServedFirst) {
  const auto receiver = [&](int priority, const char* expected) {
    const pid_t child = spawn([=, this] {
      const sched_param p{priority};
      if (priority > 0) EXPECT_OK(sched_setscheduler(0, SCHED_FIFO, &p));
      EXPECT_EQ(take(), expected);
    });
    await_state(child, 'S');
    return child;
  };
  const pid_t plain = receiver(0, "third"), urgent = receiver(20, "first"), late = receiver(20, "second");
  EXPECT_OK(send("first"));
  EXPECT_OK(send("second"));
  EXPECT_OK(send("third"));
  EXPECT_EQ(reap(urgent), 0);
  EXPECT_EQ(reap(late), 0);
  EXPECT_EQ(reap(plain), 0);
}

TEST_F(Mqueue, TimeoutsAreAbsolute) {
  EXPECT_EQ(take(&kLongAgo), "!ETIMEDOUT");
  const timespec soon = in_a_moment();
  EXPECT_EQ(take(&soon), "!ETIMEDOUT");
  for (int i = 0; i < 4; i++) EXPECT_OK(mq_timedsend(queue, "x", 1, 0, &kLongAgo)) << "there is room";
  EXPECT_ERRNO(ETIMEDOUT, mq_timedsend(queue, "x", 1, 0, &kLongAgo));
  const timespec later = in_a_moment();
  EXPECT_ERRNO(ETIMEDOUT, mq_timedsend(queue, "x", 1, 0, &later));
  EXPECT_EQ(attributes().mq_curmsgs, 4);
}

TEST_F(Mqueue, TimeoutsFollowTheClockWhenItIsSet) {
  constexpr time_t kHour = 3600;
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  const timespec in_an_hour{now.tv_sec + kHour, 0};
  const pid_t child = spawn([&] { EXPECT_EQ(take(&in_an_hour), "!ETIMEDOUT"); });
  await_state(child, 'S');
  now.tv_sec += 2 * kHour;
  EXPECT_OK(clock_settime(CLOCK_REALTIME, &now));
  EXPECT_EQ(reap(child), 0);
  clock_gettime(CLOCK_REALTIME, &now);
  now.tv_sec -= 2 * kHour;
  EXPECT_OK(clock_settime(CLOCK_REALTIME, &now));
}

TEST_F(Mqueue, ABadTimeoutIsRefusedEvenWhereNobodyWaits) {
  const timespec negative{-1, 0}, much{1, 1'000'000'000}, below{1, -1};
  for (const timespec& t : {negative, much, below}) {
    EXPECT_EQ(take(&t), "!EINVAL");
    EXPECT_ERRNO(EINVAL, mq_timedsend(queue, "x", 1, 0, &t));
  }
  EXPECT_ERRNO(EFAULT, syscall(SYS_mq_timedsend, queue, "x", 1, 0, 8));
  EXPECT_ERRNO(EFAULT, syscall(SYS_mq_timedreceive, -1, "x", 1, 0, 8));
  EXPECT_EQ(attributes().mq_curmsgs, 0);
}

TEST_F(Mqueue, AHandlerEndsWaiting) {
  const pid_t child = spawn([&] {
    count_signal(SIGUSR1);
    EXPECT_EQ(take(), "!EINTR");
    EXPECT_EQ(seen.count, 1);
  });
  await_state(child, 'S');
  kill(child, SIGUSR1);
  EXPECT_EQ(reap(child), 0);
}

TEST_F(Mqueue, WaitingGoesOnBehindAHandlerWithRestart) {
  const pid_t child = spawn([&] {
    count_signal(SIGUSR1, SA_RESTART);
    EXPECT_EQ(take(), "late");
    EXPECT_EQ(seen.count, 1);
  });
  await_state(child, 'S');
  kill(child, SIGUSR1);
  kill(child, SIGSTOP);
  await_state(child, 'T');
  kill(child, SIGCONT);
  await_state(child, 'S');
  EXPECT_OK(send("late"));
  EXPECT_EQ(reap(child), 0);
}

TEST_F(Mqueue, AnInterruptedSendersMessageIsNotSent) {
  for (int i = 0; i < 4; i++) EXPECT_OK(send("x"));
  const pid_t child = spawn([&] {
    count_signal(SIGUSR1);
    EXPECT_ERRNO(EINTR, send("y", 1));
  });
  await_state(child, 'S');
  kill(child, SIGUSR1);
  EXPECT_EQ(reap(child), 0);
  EXPECT_EQ(take(), "x");
  EXPECT_EQ(attributes().mq_curmsgs, 3);
}

TEST_F(Mqueue, PollTellsWhatWouldNotBlock) {
  EXPECT_EQ(ready(queue), POLLOUT | POLLWRNORM);
  EXPECT_OK(send("x"));
  EXPECT_EQ(ready(queue), POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM);
  for (int i = 0; i < 3; i++) EXPECT_OK(send("x"));
  EXPECT_EQ(ready(queue), POLLIN | POLLRDNORM);
  EXPECT_EQ(ready(mq_open_raw(name.c_str(), O_WRONLY)), POLLIN | POLLRDNORM) << "whatever the access mode";
}

TEST_F(Mqueue, PollWaitsForAMessageAndForRoom) {
  pid_t child = spawn([&] {
    pollfd p{queue, POLLIN, 0};
    EXPECT_EQ(poll(&p, 1, -1), 1);
    EXPECT_EQ(p.revents, POLLIN);
  });
  await_state(child, 'S');
  EXPECT_OK(send("x"));
  EXPECT_EQ(reap(child), 0);
  for (int i = 0; i < 3; i++) EXPECT_OK(send("x"));
  child = spawn([&] {
    pollfd p{queue, POLLOUT, 0};
    EXPECT_EQ(poll(&p, 1, -1), 1);
    EXPECT_EQ(p.revents, POLLOUT);
  });
  await_state(child, 'S');
  EXPECT_EQ(take(), "x");
  EXPECT_EQ(reap(child), 0);
}

TEST_F(Mqueue, EpollReportsEdges) {
  const Fd set{epoll_create1(0)};
  epoll_event e{EPOLLIN | EPOLLET, {.fd = queue}};
  ASSERT_OK(epoll_ctl(set, EPOLL_CTL_ADD, queue, &e));
  EXPECT_EQ(epoll_wait(set, &e, 1, 0), 0);
  EXPECT_OK(send("x"));
  EXPECT_EQ(epoll_wait(set, &e, 1, -1), 1);
  EXPECT_EQ(e.events, (unsigned)EPOLLIN);
  EXPECT_EQ(epoll_wait(set, &e, 1, 0), 0);
}

TEST_F(Mqueue, ManyMessagesOfManyPriorities) {
  queue = open_new(200, 8);
  ASSERT_GE(queue, 0);
  for (unsigned i = 0; i < 200; i++) EXPECT_OK(send(std::to_string(i), i * 37 % 50));
  unsigned last = 50, last_number = 0;
  for (int i = 0; i < 200; i++) {
    const unsigned number = (unsigned)std::stoul(take());
    EXPECT_EQ(got, number * 37 % 50);
    EXPECT_LE(got, last);
    if (got == last) EXPECT_GT(number, last_number);
    last = got, last_number = number;
  }
  EXPECT_EQ(attributes().mq_curmsgs, 0);
}

TEST_F(Mqueue, QueueOutlivesItsDescriptors) {
  EXPECT_OK(send("persistent", 2));
  close(queue);
  queue = mq_open_raw(name.c_str(), O_RDWR);
  EXPECT_EQ(take(), "persistent");
}

TEST_F(Mqueue, AnUnlinkedQueueWorksUntilItIsClosed) {
  EXPECT_OK(mq_unlink_raw(name.c_str()));
  EXPECT_ERRNO(ENOENT, mq_open_raw(name.c_str(), O_RDWR));
  EXPECT_OK(send("still"));
  EXPECT_EQ(take(), "still");
  struct stat s;
  EXPECT_OK(fstat(queue, &s));
  EXPECT_EQ(s.st_nlink, 0u);
}

TEST_F(Mqueue, IsInheritedByFork) {
  const pid_t child = spawn([&] { EXPECT_OK(send("from the child")); });
  EXPECT_EQ(take(), "from the child");
  EXPECT_EQ(reap(child), 0);
}

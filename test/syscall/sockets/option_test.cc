/// getsockopt(2), setsockopt(2), socket(7), and poll(2) on AF_UNIX sockets.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <unistd.h>

#include "sockets/sockets.h"

using namespace systest;

static int option(int fd, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  EXPECT_OK(getsockopt(fd, SOL_SOCKET, name, &value, &length)) << name;
  EXPECT_EQ(length, sizeof value);
  return value;
}
static void set_option(int fd, int name, int value) {
  EXPECT_OK(setsockopt(fd, SOL_SOCKET, name, &value, sizeof value)) << name;
}

TEST(SocketOption, SaysWhatTheSocketIs) {
  Fd packets{socket(AF_UNIX, SOCK_SEQPACKET, 0)};
  EXPECT_EQ(option(packets, SO_TYPE), SOCK_SEQPACKET);
  EXPECT_EQ(option(packets, SO_DOMAIN), AF_UNIX);
  EXPECT_EQ(option(packets, SO_PROTOCOL), 0);
  EXPECT_EQ(option(packets, SO_ACCEPTCONN), 0);
  Fd raw{socket(AF_UNIX, SOCK_RAW, 0)};
  EXPECT_EQ(option(raw, SO_TYPE), SOCK_DGRAM);
  Fd listener = make_listener("server");
  EXPECT_EQ(option(listener, SO_ACCEPTCONN), 1);
  const int type = SOCK_STREAM;
  EXPECT_ERRNO(ENOPROTOOPT, setsockopt(raw, SOL_SOCKET, SO_TYPE, &type, sizeof type));
}

TEST(SocketOption, BufferSizesAreDoubledAndBounded) {
  auto pair = make_pair();
  EXPECT_EQ(option(pair.one, SO_SNDBUF), 212992);
  EXPECT_EQ(option(pair.one, SO_RCVBUF), 212992);
  set_option(pair.one, SO_SNDBUF, 20000);
  EXPECT_EQ(option(pair.one, SO_SNDBUF), 40000);
  set_option(pair.one, SO_SNDBUF, 1);
  EXPECT_EQ(option(pair.one, SO_SNDBUF), 4608);
  set_option(pair.one, SO_RCVBUF, 1);
  EXPECT_EQ(option(pair.one, SO_RCVBUF), 2304);
  set_option(pair.one, SO_SNDBUF, 10000000);
  EXPECT_EQ(option(pair.one, SO_SNDBUF), 2 * 212992);
  set_option(pair.one, SO_SNDBUFFORCE, 1000000);
  EXPECT_EQ(option(pair.one, SO_SNDBUF), 2000000);
  EXPECT_EQ(as_user([&] {
              const int size = 1000;
              EXPECT_ERRNO(EPERM, setsockopt(pair.one, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size));
            }),
            0);
}

TEST(SocketOption, TimeoutsAreKept) {
  auto pair = make_pair();
  timeval timeout{3, 250000}, back{};
  socklen_t length = sizeof back;
  ASSERT_OK(setsockopt(pair.one, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout));
  ASSERT_OK(getsockopt(pair.one, SOL_SOCKET, SO_SNDTIMEO, &back, &length));
  EXPECT_EQ(length, sizeof back);
  EXPECT_EQ(back.tv_sec, 3);
  EXPECT_NEAR(back.tv_usec, 250000, 4000);
  timeout.tv_usec = 1000000;
  EXPECT_ERRNO(EDOM, setsockopt(pair.one, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout));
  EXPECT_ERRNO(EINVAL, setsockopt(pair.one, SOL_SOCKET, SO_RCVTIMEO, &timeout, 8));
}

TEST(SocketOption, SwitchesAndNumbers) {
  auto pair = make_pair();
  for (const int name : {SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST, SO_PASSCRED, SO_OOBINLINE}) {
    EXPECT_EQ(option(pair.one, name), 0);
    set_option(pair.one, name, 5);
    EXPECT_EQ(option(pair.one, name), 1);
    set_option(pair.one, name, 0);
    EXPECT_EQ(option(pair.one, name), 0);
  }
  set_option(pair.one, SO_RCVLOWAT, 7);
  EXPECT_EQ(option(pair.one, SO_RCVLOWAT), 7);
  set_option(pair.one, SO_PRIORITY, 4);
  EXPECT_EQ(option(pair.one, SO_PRIORITY), 4);
  EXPECT_EQ(option(pair.one, SO_PEEK_OFF), -1);
  const linger lasting{1, 9};
  ASSERT_OK(setsockopt(pair.one, SOL_SOCKET, SO_LINGER, &lasting, sizeof lasting));
  linger back{};
  socklen_t length = sizeof back;
  ASSERT_OK(getsockopt(pair.one, SOL_SOCKET, SO_LINGER, &back, &length));
  EXPECT_EQ(back.l_onoff, 1);
  EXPECT_EQ(back.l_linger, 9);
}

TEST(SocketOption, RefusesBadArguments) {
  auto pair = make_pair();
  int value = 1;
  socklen_t length = sizeof value;
  EXPECT_ERRNO(ENOPROTOOPT, getsockopt(pair.one, SOL_SOCKET, 999, &value, &length));
  EXPECT_ERRNO(ENOPROTOOPT, setsockopt(pair.one, SOL_SOCKET, 999, &value, sizeof value));
  EXPECT_ERRNO(EOPNOTSUPP, getsockopt(pair.one, 6, 1, &value, &length));
  EXPECT_ERRNO(EOPNOTSUPP, setsockopt(pair.one, 6, 1, &value, sizeof value));
  EXPECT_ERRNO(EINVAL, setsockopt(pair.one, SOL_SOCKET, SO_SNDBUF, &value, 2));
  EXPECT_ERRNO(EFAULT, setsockopt(pair.one, SOL_SOCKET, SO_SNDBUF, (void*)8, 4));
  length = -1;
  EXPECT_ERRNO(EINVAL, getsockopt(pair.one, SOL_SOCKET, SO_TYPE, &value, &length));
  length = 2;
  value = -1;
  EXPECT_OK(getsockopt(pair.one, SOL_SOCKET, SO_TYPE, &value, &length));
  EXPECT_EQ(length, 2u);
  EXPECT_EQ(value & 0xffff, SOCK_STREAM);
}

TEST(SocketOption, ErrorIsTakenOnce) {
  auto pair = make_pair();
  EXPECT_EQ(write(pair.other, "unread", 6), 6);
  pair.one.reset();
  EXPECT_EQ(option(pair.other, SO_ERROR), ECONNRESET);
  EXPECT_EQ(option(pair.other, SO_ERROR), 0);
}

static short events_of(int fd) {
  pollfd one{fd, POLLIN | POLLOUT | POLLRDHUP | POLLPRI, 0};
  poll(&one, 1, 0);
  return one.revents;
}

TEST(SocketPoll, FollowsAStream) {
  auto pair = make_pair();
  EXPECT_EQ(events_of(pair.one), POLLOUT);
  EXPECT_EQ(write(pair.other, "x", 1), 1);
  EXPECT_EQ(events_of(pair.one), POLLIN | POLLOUT);
  EXPECT_EQ(read_some(pair.one), "x");
  ASSERT_OK(shutdown(pair.other, SHUT_WR));
  EXPECT_EQ(events_of(pair.one), POLLIN | POLLOUT | POLLRDHUP);
  EXPECT_EQ(events_of(pair.other), POLLOUT);
  pair.other.reset();
  EXPECT_EQ(events_of(pair.one), POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
}

TEST(SocketPoll, ErrorShowsUntilTaken) {
  auto pair = make_pair();
  EXPECT_EQ(write(pair.other, "unread", 6), 6);
  pair.one.reset();
  EXPECT_EQ(events_of(pair.other), POLLIN | POLLOUT | POLLRDHUP | POLLHUP | POLLERR);
}

TEST(SocketPoll, UnconnectedAndListening) {
  Fd fresh{socket(AF_UNIX, SOCK_STREAM, 0)}, datagram{socket(AF_UNIX, SOCK_DGRAM, 0)};
  EXPECT_EQ(events_of(fresh), POLLOUT | POLLHUP);
  EXPECT_EQ(events_of(datagram), POLLOUT);
  Fd listener = make_listener("server");
  EXPECT_EQ(events_of(listener), 0);
  Fd client = connect_to("server");
  EXPECT_EQ(events_of(listener), POLLIN);
}

TEST(SocketPoll, EpollSeesEachArrivalOnEdge) {
  auto pair = make_pair();
  Fd epoll{epoll_create1(0)};
  epoll_event wanted{EPOLLIN | EPOLLET | EPOLLRDHUP, {}}, got{};
  ASSERT_OK(epoll_ctl(epoll, EPOLL_CTL_ADD, pair.one, &wanted));
  EXPECT_EQ(epoll_wait(epoll, &got, 1, 0), 0);
  EXPECT_EQ(write(pair.other, "a", 1), 1);
  EXPECT_EQ(epoll_wait(epoll, &got, 1, 0), 1);
  EXPECT_EQ(epoll_wait(epoll, &got, 1, 0), 0);
  EXPECT_EQ(write(pair.other, "b", 1), 1);
  EXPECT_EQ(epoll_wait(epoll, &got, 1, 0), 1) << "although the first was not read";
  pair.other.reset();
  EXPECT_EQ(epoll_wait(epoll, &got, 1, 0), 1);
  EXPECT_TRUE(got.events & EPOLLRDHUP);
}

TEST(SocketPoll, WokenByConnectionAndData) {
  Fd listener = make_listener("server");
  const pid_t child = spawn([&] {
    pollfd one{listener, POLLIN, 0};
    EXPECT_EQ(poll(&one, 1, -1), 1);
    Fd server{accept(listener, nullptr, nullptr)};
    one = {server, POLLIN, 0};
    EXPECT_EQ(poll(&one, 1, -1), 1);
    EXPECT_EQ(read_some(server), "x");
  });
  await_state(child, 'S');
  Fd client = connect_to("server");
  EXPECT_EQ(write(client, "x", 1), 1);
  EXPECT_EQ(reap(child), 0);
}
